//! The table on the terminal.

use super::{Measure, Results, Target, Unit};

const HEAD: [&str; 7] = ["job", "ours", "theirs", "ratio", "target", "", "rival"];

/// Prints the setting, one table, and what could not be measured.
pub fn print(results: &Results) {
    println!();
    for (name, value) in &results.setting {
        println!("{name:>14}  {value}");
    }
    println!();
    let rows: Vec<[String; 7]> = results.measures.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    println!("{}", line(&HEAD.map(str::to_owned), &widths));
    println!("{}", "-".repeat(widths.iter().sum::<usize>() + 2 * (HEAD.len() - 1)));
    for row in &rows {
        println!("{}", line(row, &widths));
    }
    for (row, sentence) in &results.failures {
        println!("\n{row} was not measured: {sentence}");
    }
}

/// Names and verdicts to the left, numbers to the right.
fn line(cells: &[String; 7], widths: &[usize]) -> String {
    let mut text = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let cell = if (1..=3).contains(&index) { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
        text.push_str(&cell);
        text.push_str("  ");
    }
    text.trim_end().to_owned()
}

fn cells(measure: &Measure) -> [String; 7] {
    let (ours, theirs) = (measure.ours.median(), measure.theirs.median());
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| measure.unit.text(value));
    let ratio = ours.zip(theirs).map(|(ours, theirs)| measure.target.ratio(ours, theirs));
    let verdict = match measure.met() {
        Some(true) => "pass",
        Some(false) => "FAIL",
        None => "",
    };
    [
        format!("{}: {}", measure.row, measure.what),
        shown(ours),
        shown(theirs),
        ratio.map_or_else(String::new, factor),
        target(measure.target, measure.unit),
        verdict.to_owned(),
        measure.rival.clone(),
    ]
}

fn factor(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2} ×") } else { format!("{ratio:.0} ×") }
}

fn target(target: Target, unit: Unit) -> String {
    match target {
        Target::Speed(least) => format!("≥ {least} × as fast"),
        Target::Share(most) => format!("≤ {most} × the time"),
        Target::AtMost(most) => format!("≤ {}", unit.text(most)),
        Target::None => String::new(),
    }
}
