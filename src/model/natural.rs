//! Natural order: runs of digits compare as numbers, so `step_9` stands before `step_10`.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// Compares two names in natural order; equal only when they are the same text.
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (left.peek().copied(), right.peek().copied()) {
            (None, None) => return a.cmp(b),
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (digits(&mut left), digits(&mut right));
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (Some(x), Some(y)) if x == y => {
                left.next();
                right.next();
            }
            (Some(x), Some(y)) => return x.cmp(&y),
        }
    }
}

/// Takes a run of digits, without leading zeros.
fn digits(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut run = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        if !run.is_empty() || digit != '0' {
            run.push(digit);
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inside_names_compare_as_numbers() {
        let mut names = ["step_10", "step_9", "step_9_backup", "Step_1", "step_09", "a10b2", "a10b10", "a"];
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, ["Step_1", "a", "a10b2", "a10b10", "step_09", "step_9", "step_9_backup", "step_10"]);
    }
}
