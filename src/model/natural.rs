//! Natural order: runs of digits compare as numbers, so `step_9` stands before `step_10`.

use std::cmp::Ordering;

/// Compares two names in natural order; equal only when they are the same text. Allocates nothing.
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    loop {
        match (left.split_first(), right.split_first()) {
            (None, None) => return a.cmp(b),
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some((x, _)), Some((y, _))) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let ((x, left_rest), (y, right_rest)) = (digits(left), digits(right));
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
                if order != Ordering::Equal {
                    return order;
                }
                (left, right) = (left_rest, right_rest);
            }
            (Some((x, left_rest)), Some((y, right_rest))) if x == y => (left, right) = (left_rest, right_rest),
            (Some((x, _)), Some((y, _))) => return x.cmp(y),
        }
    }
}

/// Splits off a run of digits and drops its leading zeros.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (run, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let zeros = run.iter().position(|&byte| byte != b'0').unwrap_or(run.len());
    (run.get(zeros..).unwrap_or_default(), rest)
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
