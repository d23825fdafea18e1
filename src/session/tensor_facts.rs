//! What was found out about a tensor's elements, as lines for people.

use crate::tensor::{Examined, Finite, Histogram, Statistics, Window};
use crate::words;

/// One line of the statistics: a name, and for each of the tensor's parts (a complex one has two) a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name: "mean".
    pub name: &'static str,
    /// The short and the exact value of each part.
    pub values: Vec<(String, String)>,
}

/// The lines of the statistics.
pub fn facts(examined: &Examined) -> Vec<Fact> {
    let each = |name, value: &dyn Fn(&Statistics) -> (String, String)| Fact {
        name,
        values: examined.statistics.iter().map(value).collect(),
    };
    let moment = |name, read: &dyn Fn(&Finite) -> f64| {
        each(name, &|part| part.finite.as_ref().map_or_else(none, |finite| measured(read(finite))))
    };
    let count = |name, read: &dyn Fn(&Statistics) -> u64| each(name, &|part| counted(read(part), part.count));
    vec![
        each("min", &|part| {
            part.finite.map_or_else(none, |finite| (short(finite.min.to_f64()), finite.min.to_string()))
        }),
        each("max", &|part| {
            part.finite.map_or_else(none, |finite| (short(finite.max.to_f64()), finite.max.to_string()))
        }),
        moment("mean", &|finite| finite.mean),
        moment("std", &|finite| finite.std),
        moment("L2 norm", &|finite| finite.l2),
        count("zeros", &|part| part.zeros),
        count("NaN", &|part| part.nan),
        count("+Inf", &|part| part.positive_infinite),
        count("−Inf", &|part| part.negative_infinite),
        count("subnormal", &|part| part.subnormal),
        each("sign", &|part| (sign(part).to_owned(), signs(part))),
    ]
}

fn short(value: f64) -> String {
    words::metric(value)
}

fn none() -> (String, String) {
    ("–".to_owned(), "there is no finite number".to_owned())
}

fn measured(value: f64) -> (String, String) {
    (short(value), words::exact(value))
}

fn counted(count: u64, of: u64) -> (String, String) {
    let share = words::percent(real(count) / real(of.max(1)));
    let text = if count == 0 { "0".to_owned() } else { format!("{} ({share})", words::count(count)) };
    (text, count.to_string())
}

/// Whether its numbers are all on one side of zero.
fn sign(part: &Statistics) -> &'static str {
    match (part.negative > 0, part.zeros > 0, part.positive > 0) {
        (true, _, true) => "both",
        (false, false, true) => "all above zero",
        (false, true, true) => "none below zero",
        (true, false, false) => "all below zero",
        (true, true, false) => "none above zero",
        (false, true, false) => "all zero",
        (false, false, false) => "–",
    }
}

fn signs(part: &Statistics) -> String {
    format!("{} below, {} above zero", words::count(part.negative), words::count(part.positive))
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn real(count: u64) -> f64 {
    count as f64
}

/// One bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bin {
    /// What it counts: "0.1 … 0.2".
    pub words: String,
    /// How many.
    pub count: u64,
    /// Whether it is left of zero.
    pub is_negative: bool,
}

/// Bars, and labels at shares of the width.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bins {
    /// The bars, left to right.
    pub bars: Vec<Bin>,
    /// Labels under them.
    pub labels: Vec<(f64, String)>,
}

/// Characters of a label at most: three are side by side on a phone.
const LABEL: usize = 13;

/// Bins of equal width.
pub fn equal_bins(histogram: &Histogram) -> Bins {
    let count = real(histogram.linear.len() as u64).max(1.0);
    let edge = |share: f64| histogram.low + (histogram.high - histogram.low) * share;
    let width = (histogram.high - histogram.low) / count;
    let bar = |(at, &many): (usize, &u64)| {
        let (low, high) = (edge(real(at as u64) / count), edge((real(at as u64) + 1.0) / count));
        let apart = |value: f64| words::metric_apart(value, width);
        let words = format!("{} … {}", apart(low), apart(high));
        Bin { words, count: many, is_negative: f64::midpoint(low, high) < 0.0 }
    };
    Bins { bars: histogram.linear.iter().enumerate().map(bar).collect(), labels: labels(histogram).to_vec() }
}

/// Both ends and the middle; the ends by how far they are from the middle where they would be too long.
fn labels(histogram: &Histogram) -> [(f64, String); 3] {
    let (low, high) = (histogram.low, histogram.high);
    let (middle, half) = (f64::midpoint(low, high), high / 2.0 - low / 2.0);
    let texts = [low, middle, high].map(|value| words::metric_apart(value, half));
    let [left, between, right] = texts;
    let is_long = |text: &String| text.chars().count() > LABEL;
    let (left, right) = if is_long(&left) || is_long(&right) {
        (format!("… − {}", short(half)), format!("… + {}", short(half)))
    } else {
        (left, right)
    };
    [(0.0, left), (0.5, between), (1.0, right)]
}

/// Bins of doubling magnitude: the negative ones mirrored, zeros in the middle.
pub fn magnitude_bins(histogram: &Histogram, zeros: u64) -> Bins {
    let has = |read: fn(&crate::tensor::Octave) -> u64| histogram.octaves.iter().any(|octave| read(octave) > 0);
    let (has_negative, has_positive) = (has(|octave| octave.negative), has(|octave| octave.positive));
    let bar = |sign: &str, exponent: i32, count: u64| {
        let words = format!("{sign}2^{exponent} … {sign}2^{}", exponent.saturating_add(1));
        Bin { words, count, is_negative: !sign.is_empty() }
    };
    let mut bars = Vec::new();
    if has_negative {
        bars.extend(histogram.octaves.iter().rev().map(|octave| bar("−", octave.exponent, octave.negative)));
    }
    let zero_at = bars.len();
    bars.push(Bin { words: "zero".to_owned(), count: zeros, is_negative: false });
    if has_positive {
        bars.extend(histogram.octaves.iter().map(|octave| bar("", octave.exponent, octave.positive)));
    }
    let middle = |at: usize| (real(at as u64) + 0.5) / real(bars.len() as u64).max(1.0);
    let mut labels = vec![(middle(zero_at), "0".to_owned())];
    if let Some(last) = histogram.octaves.last() {
        let power = last.exponent.saturating_add(1);
        labels.extend(has_negative.then(|| (0.0, format!("−2^{power}"))));
        labels.extend(has_positive.then(|| (1.0, format!("2^{power}"))));
    }
    Bins { bars, labels }
}

/// A value's text as a number to draw; a truth value is 0 or 1, a complex one has none.
pub fn drawn_number(text: &str) -> Option<f64> {
    match text {
        "True" => Some(1.0),
        "False" => Some(0.0),
        _ => text.parse().ok(),
    }
}

/// Where each value is and what it is: `[3, 17] 0.5` of a table, `[17] 0.5` of a line.
pub fn value_words(window: &Window, shape: &[u64], texts: &[String]) -> Vec<String> {
    let (rows, is_table) = (shape.iter().rev().nth(1).copied().unwrap_or(1), shape.len() > 1);
    let words = |(index, text): (u64, &String)| {
        let (row, column) = (index.checked_div(window.pitch), index.checked_rem(window.pitch).unwrap_or(0));
        match row.and_then(|row| row.checked_rem(rows)).filter(|_| is_table) {
            Some(row) => format!("row {row}, column {column}: {text}"),
            None => format!("element {index}: {text}"),
        }
    };
    window.indexes().zip(texts).map(words).collect()
}

/// Values as lines under the numbers of their columns, each line after the number of its row.
pub fn value_table(window: &Window, shape: &[u64], texts: &[String]) -> String {
    let is_table = shape.len() > 1;
    let columns = usize::try_from(window.columns).unwrap_or(usize::MAX).max(1);
    let start = if is_table { window.first.checked_rem(window.pitch).unwrap_or(0) } else { 0 };
    let row_of = |row: u64| {
        let at = window.first.saturating_add(row.saturating_mul(window.pitch));
        let length = if is_table { shape.iter().rev().nth(1).copied().unwrap_or(1) } else { u64::MAX };
        let row = if is_table { at.checked_div(window.pitch).unwrap_or(0) } else { at };
        row.checked_rem(length).unwrap_or(0)
    };
    let heads: Vec<String> = (0..window.columns).map(|column| start.saturating_add(column).to_string()).collect();
    let width = texts.iter().chain(&heads).map(String::len).max().unwrap_or(1);
    let side = (0..window.rows).map(|row| row_of(row).to_string().len()).max().unwrap_or(1);
    let mut text = " ".repeat(side);
    heads.iter().for_each(|head| text.push_str(&format!("  {head:>width$}")));
    for (row, line) in (0..window.rows).zip(texts.chunks(columns)) {
        text.push_str(&format!("\n{:>side$}", row_of(row)));
        line.iter().for_each(|value| text.push_str(&format!("  {value:>width$}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Corner, Number, Octave, Plane};

    fn examined(statistics: Statistics) -> Examined {
        Examined { elements: 4, counted: 4, statistics: vec![statistics], histograms: vec![None] }
    }

    #[test]
    fn facts_are_short_with_the_exact_value_beside() {
        let finite = Finite {
            count: 3,
            min: Number::Single(-0.1),
            max: Number::Single(2.0),
            mean: 0.633_333_333_3,
            std: 1.0,
            l2: 2.002_498,
        };
        let statistics = Statistics {
            count: 4,
            nan: 1,
            zeros: 1,
            positive: 1,
            negative: 1,
            finite: Some(finite),
            ..Statistics::default()
        };
        let facts = facts(&examined(statistics));
        let of = |name: &str| facts.iter().find(|fact| fact.name == name).unwrap().values[0].clone();
        assert_eq!(of("min"), ("−0.1".to_owned(), "-0.1".to_owned()));
        assert_eq!(of("mean"), ("0.63333".to_owned(), "0.6333333333".to_owned()));
        assert_eq!(of("NaN"), ("1 (25\u{202f}%)".to_owned(), "1".to_owned()));
        assert_eq!(of("sign").0, "both");
    }

    #[test]
    fn nothing_finite_has_no_moments() {
        let statistics = Statistics { count: 4, nan: 4, ..Statistics::default() };
        let facts = facts(&examined(statistics));
        assert_eq!((facts[0].values[0].0.as_str(), facts[10].values[0].0.as_str()), ("–", "–"));
    }

    #[test]
    fn magnitudes_are_mirrored_around_zero() {
        let octave = |exponent, negative, positive| Octave { exponent, negative, positive };
        let histogram =
            Histogram { low: -3.0, high: 1.0, linear: vec![2, 1], octaves: vec![octave(-1, 0, 4), octave(0, 5, 6)] };
        let bins = magnitude_bins(&histogram, 7);
        let bars: Vec<(&str, u64)> = bins.bars.iter().map(|bar| (bar.words.as_str(), bar.count)).collect();
        assert_eq!(bars, [("−2^0 … −2^1", 5), ("−2^-1 … −2^0", 0), ("zero", 7), ("2^-1 … 2^0", 4), ("2^0 … 2^1", 6)]);
        assert_eq!(bins.labels, [(0.5, "0".to_owned()), (0.0, "−2^1".to_owned()), (1.0, "2^1".to_owned())]);
        let equal = equal_bins(&histogram);
        assert_eq!(equal.bars[0], Bin { words: "−3 … −1".to_owned(), count: 2, is_negative: true });
        assert_eq!(equal.labels.len(), 3);
    }

    #[test]
    fn a_narrow_range_has_labels_that_differ() {
        let labels = |low: f64, high: f64| {
            let bins = equal_bins(&Histogram { low, high, linear: vec![1, 2, 3, 4], octaves: Vec::new() });
            let words: std::collections::BTreeSet<String> = bins.bars.into_iter().map(|bar| bar.words).collect();
            assert_eq!(words.len(), 4, "{words:?}");
            bins.labels.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(labels(-1.0, 3.0), ["−1", "1", "3"]);
        assert_eq!(labels(0.100_000, 0.100_002), ["0.1", "0.100001", "0.100002"]);
        assert_eq!(labels(-0.000_3, -0.000_299_999_8), ["−0.0003", "−0.0002999999", "−0.0002999998"]);
        let narrow = labels(0.25 - 1e-12, 0.25 + 1e-12);
        assert_eq!(narrow, ["… − 1e−12", "0.25", "… + 1e−12"]);
    }

    #[test]
    fn rows_and_columns_are_numbered_from_where_the_window_is() {
        let shape = [2, 12, 4];
        let window = Plane::of(&shape).window(&Corner { held: vec![1], row: 9, column: 2 }, 2);
        let texts: Vec<String> = window.indexes().map(|index| format!("{index}.0")).collect();
        assert_eq!(value_table(&window, &shape, &texts), "       2     3\n 9  86.0  87.0\n10  90.0  91.0");
        assert_eq!(value_words(&window, &shape, &texts)[2], "row 10, column 2: 90.0");
        let line = Plane::of(&[70]).window(&Corner { row: 1, ..Corner::default() }, 64);
        let texts = vec!["True".to_owned(); 6];
        assert!(value_table(&line, &[70], &texts).ends_with("\n64  True  True  True  True  True  True"));
    }
}
