//! Numbers that writers put into names: step, epoch, metric.

/// What a file or folder name says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NameNumbers {
    /// Step, iteration or checkpoint number.
    pub step: Option<u64>,
    /// Epoch.
    pub epoch: Option<u64>,
    /// A metric and its value; called `metric` when the name does not say which.
    pub metric: Option<(String, f64)>,
}

/// Words before a step, in order of trust; true when a separator must stand between word and number.
const STEP_WORDS: &[(&str, bool)] = &[
    ("global_step", false),
    ("step", false),
    ("iter", true),
    ("iteration", false),
    ("checkpoint", true),
    ("ckpt", true),
];

/// Reads the numbers of `name`, the last part of a path.
pub fn numbers(name: &str) -> NameNumbers {
    let name = name.to_lowercase();
    let step = STEP_WORDS.iter().find_map(|&(word, separated)| after_word(&name, word, separated));
    NameNumbers { step, epoch: after_word(&name, "epoch", false), metric: metric(&name) }
}

/// The number right after `word`, where `word` is not the tail of a longer one.
fn after_word(name: &str, word: &str, separated: bool) -> Option<u64> {
    name.match_indices(word).find_map(|(at, _)| {
        let before = name.get(..at)?.chars().next_back();
        if before.is_some_and(char::is_alphabetic) {
            return None;
        }
        let rest = name.get(at.checked_add(word.len())?..)?;
        let number = rest.strip_prefix(['-', '_', '=']);
        if separated && number.is_none() {
            return None;
        }
        let number = number.unwrap_or(rest);
        let (digits, tail) = split_digits(number);
        let (second, _) = split_digits(tail.strip_prefix(['-', '_']).unwrap_or_default());
        // `ckpt-20261121-024904` is a time, and `checkpoint_1_5000` says two things at once.
        if separated && !second.is_empty() {
            return None;
        }
        digits.parse().ok()
    })
}

/// `metric0.5`, `metric_nan`, `val_loss=1.23`.
fn metric(name: &str) -> Option<(String, f64)> {
    let assigned = name.match_indices('=').find_map(|(at, _)| {
        let word = name.get(..at)?.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '/'))).next()?;
        let word = word.trim_start_matches('_');
        let value = decimal(name.get(at.checked_add(1)?..)?)?;
        (!word.is_empty() && !matches!(word, "epoch" | "step" | "global_step")).then(|| (word.to_owned(), value))
    });
    assigned.or_else(|| {
        let rest = name.get(name.find("metric")?.checked_add("metric".len())?..)?;
        Some(("metric".to_owned(), decimal(rest.strip_prefix('_').unwrap_or(rest))?))
    })
}

/// A decimal number with a point, or `nan` or `inf`, at the start of `text`.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let sign = if unsigned.len() < text.len() { -1.0 } else { 1.0 };
    if unsigned.starts_with("nan") {
        return Some(f64::NAN);
    }
    if unsigned.starts_with("inf") {
        return Some(sign * f64::INFINITY);
    }
    let (whole, rest) = split_digits(unsigned);
    let (fraction, _) = split_digits(rest.strip_prefix('.')?);
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    format!("{whole}.{fraction}").parse::<f64>().ok().map(|value| sign * value)
}

/// The digits at the start of `text`, and what follows.
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, step: Option<u64>, epoch: Option<u64>, metric: Option<(&str, f64)>) {
        let found = numbers(name);
        assert_eq!((found.step, found.epoch), (step, epoch), "{name}");
        assert_eq!(found.metric, metric.map(|(word, value)| (word.to_owned(), value)), "{name}");
    }

    #[test]
    fn names_seen_in_the_wild() {
        check("step_200", Some(200), None, None);
        check("checkpoint_epoch_0004_20240101_101010.pth", None, Some(4), None);
        check("epoch=4-step=10.ckpt", Some(10), Some(4), None);
        check("epoch=2-val_loss=1.23.ckpt", None, Some(2), Some(("val_loss", 1.23)));
        check("checkpoint_step_20_metric_0.5500.pt", Some(20), None, Some(("metric", 0.55)));
        check("epoch3-metric0.480000.pt", None, Some(3), Some(("metric", 0.48)));
        check("ckpt-20261121-024904-092645-0002.pt", None, None, None);
        check("checkpoint_1_5000.pt", None, None, None);
        check("checkpoint-500", Some(500), None, None);
        check("iter_0000500", Some(500), None, None);
        check("global_step500", Some(500), None, None);
        check("timestep5.npy", None, None, None);
        check("best.pt", None, None, None);
    }

    #[test]
    fn a_nan_metric_is_a_metric() {
        assert!(numbers("epoch8-metricnan.pt").metric.unwrap().1.is_nan());
        check("step1_metric_-inf.pt", Some(1), None, Some(("metric", f64::NEG_INFINITY)));
    }
}
