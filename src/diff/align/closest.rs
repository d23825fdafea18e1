//! The two names that are most alike, when no two are one tensor's.

use crate::model::Tensor;

/// Names of each side that are looked at: it is a hint, not a search.
const LOOKED_AT: usize = 32;
/// Longest name looked at, in bytes.
const LONGEST: usize = 128;

/// The names of a and b that take the fewest changes to become each other, for their length.
pub fn closest_names<'a>(a: &[&'a Tensor], b: &[&'a Tensor]) -> Option<(&'a str, &'a str)> {
    let names = |all: &[&'a Tensor]| -> Vec<&'a str> {
        let short = all.iter().map(|tensor| tensor.name.as_str()).filter(|name| name.len() <= LONGEST);
        short.take(LOOKED_AT).collect()
    };
    let (of_a, of_b) = (names(a), names(b));
    let mut best: Option<(usize, (&str, &str))> = None;
    for x in &of_a {
        for y in &of_b {
            // Of a thousand bytes.
            let length = x.len().max(y.len()).max(1);
            let share = distance(x.as_bytes(), y.as_bytes()).saturating_mul(1000).checked_div(length).unwrap_or(0);
            if best.is_none_or(|(least, _)| share < least) {
                best = Some((share, (x, y)));
            }
        }
    }
    best.map(|(_, names)| names)
}

/// Bytes to insert, leave out or replace (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, x) in a.iter().enumerate() {
        let mut diagonal = at;
        let mut left = at.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(x != y));
            diagonal = *cell;
            left = replaced.min(left.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }
}
