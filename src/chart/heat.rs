//! Numbers as a field of coloured cells.

/// Steps of strength on either side of zero.
const STEPS: u8 = 8;

/// Cells of one colour, as one path: a cell is a unit square.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// Class of the colour: `n8` … `n1`, `z`, `p1` … `p8`, and `x` for what is not finite.
    pub class: String,
    /// The path.
    pub path: String,
}

/// The largest magnitude among the finite ones of `values`.
pub fn largest(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().filter(|value| value.is_finite()).fold(0.0, |most, value| most.max(value.abs()))
}

/// The cells of `values` in rows of `columns`, by colour; full strength is at `most`. No value, no cell.
pub fn heat(values: &[Option<f64>], columns: usize, most: f64) -> Vec<Cells> {
    let steps = i16::from(STEPS);
    let mut all: Vec<(i16, String)> =
        (steps.saturating_neg()..=steps.saturating_add(1)).map(|step| (step, String::new())).collect();
    for (row, line) in values.chunks(columns.max(1)).enumerate() {
        let mut rest = line.iter().map(|value| value.map(|value| step(value, most))).enumerate().peekable();
        while let Some((column, of)) = rest.next() {
            let mut run = 1_usize;
            while rest.next_if(|(_, next)| *next == of).is_some() {
                run = run.saturating_add(1);
            }
            if let Some((_, path)) = all.iter_mut().find(|(step, _)| Some(*step) == of) {
                path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
            }
        }
    }
    all.retain(|(_, path)| !path.is_empty());
    all.into_iter().map(|(step, path)| Cells { class: class(step), path }).collect()
}

/// The step of a value; one past the last for what is not finite. What is not zero is seen not to be.
fn step(value: f64, most: f64) -> i16 {
    if !value.is_finite() {
        return i16::from(STEPS).saturating_add(1);
    }
    let share = (value.abs() / most * f64::from(STEPS)).ceil();
    let strength = (1..=i16::from(STEPS)).rev().find(|step| share >= f64::from(*step)).unwrap_or(0);
    if value < 0.0 { strength.saturating_neg() } else { strength }
}

fn class(step: i16) -> String {
    match step {
        0 => "z".to_owned(),
        step if step > i16::from(STEPS) => "x".to_owned(),
        step if step < 0 => format!("n{}", step.unsigned_abs()),
        step => format!("p{step}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f64], columns: usize) -> Vec<(String, String)> {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        heat(&values, columns, largest(&values)).into_iter().map(|cells| (cells.class, cells.path)).collect()
    }

    #[test]
    fn strength_follows_magnitude_and_neighbours_join() {
        let found = drawn(&[-4.0, 0.0, 0.0, 0.001, 4.0, f64::NAN], 3);
        let pairs: Vec<(&str, &str)> = found.iter().map(|(class, path)| (class.as_str(), path.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("n8", "M0 0h1v1h-1z"),
                ("z", "M1 0h2v1h-2z"),
                ("p1", "M0 1h1v1h-1z"),
                ("p8", "M1 1h1v1h-1z"),
                ("x", "M2 1h1v1h-1z")
            ]
        );
    }

    #[test]
    fn nothing_but_zeros_or_nothing_finite_is_drawn_all_the_same() {
        assert_eq!(drawn(&[0.0, 0.0], 2), [("z".to_owned(), "M0 0h2v1h-2z".to_owned())]);
        assert_eq!(drawn(&[f64::INFINITY], 1)[0].0, "x");
        assert!(heat(&[None, None], 0, 0.0).is_empty());
    }
}
