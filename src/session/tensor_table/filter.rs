//! What the filter box says: words that must be in the name, and `dtype:`, `shape:`, `role:` and size conditions.

use crate::model::Tensor;

/// A parsed filter. Conditions are all to hold; an empty filter holds for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    /// The name contains it, whatever the case; `*` stands for anything.
    Name(Vec<String>),
    /// The dtype starts with it, whatever the case.
    DType(String),
    /// The role is it.
    Role(String),
    /// The shape is it; `*` stands for any length.
    Shape(Vec<Option<u64>>),
    /// At least (true) or at most so many elements.
    Elements(bool, u64),
}

impl Filter {
    /// Reads the box: `blocks.*.attn dtype:bf16 shape:4096,* role:model >1M`.
    pub fn parse(text: &str) -> Self {
        Self { conditions: text.split_whitespace().map(condition).collect() }
    }

    /// True when it holds for everything.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether a tensor passes.
    pub fn holds(&self, tensor: &Tensor) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::Name(parts) => contains_in_order(&tensor.name.to_lowercase(), parts),
            Condition::DType(name) => tensor.dtype.name().to_lowercase().starts_with(name),
            Condition::Role(role) => format!("{:?}", tensor.role).to_lowercase().starts_with(role),
            Condition::Shape(lengths) => {
                lengths.len() == tensor.shape.len()
                    && lengths
                        .iter()
                        .zip(&tensor.shape)
                        .all(|(asked, length)| asked.is_none_or(|asked| asked == *length))
            }
            Condition::Elements(at_least, count) => {
                if *at_least {
                    tensor.elements() >= *count
                } else {
                    tensor.elements() <= *count
                }
            }
        })
    }
}

fn condition(word: &str) -> Condition {
    let lower = word.to_lowercase();
    let count = |text: &str| quantity(text);
    if let Some(name) = lower.strip_prefix("dtype:") {
        return Condition::DType(name.to_owned());
    }
    if let Some(role) = lower.strip_prefix("role:") {
        return Condition::Role(role.to_owned());
    }
    if let Some(shape) = lower.strip_prefix("shape:") {
        let lengths = shape.trim_matches(['[', ']', '(', ')']).split([',', 'x']).filter(|length| !length.is_empty());
        return Condition::Shape(lengths.map(|length| length.parse().ok()).collect());
    }
    let sized = lower.strip_prefix('>').and_then(count).map(|count| Condition::Elements(true, count));
    let sized =
        sized.or_else(|| lower.strip_prefix('<').and_then(count).map(|count| Condition::Elements(false, count)));
    sized.unwrap_or_else(|| Condition::Name(lower.split('*').map(str::to_owned).collect()))
}

/// `1.5M` as a number.
fn quantity(text: &str) -> Option<u64> {
    let text = text.trim_start_matches('=');
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'k') => (text.get(..at)?, 1e3),
        (at, 'm') => (text.get(..at)?, 1e6),
        (at, 'b' | 'g') => (text.get(..at)?, 1e9),
        _ => (text, 1.0),
    };
    let number = digits.parse::<f64>().ok()? * unit;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is what a bound needs"
    )]
    Some(number.round() as u64)
}

fn contains_in_order(name: &str, parts: &[String]) -> bool {
    let mut rest = name;
    parts.iter().all(|part| match rest.split_once(part.as_str()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DType, TensorRole};

    fn tensor(name: &str, dtype: DType, shape: &[u64]) -> Tensor {
        Tensor { name: name.into(), dtype, shape: shape.into(), size_bytes: 0, role: TensorRole::Model, place: None }
    }

    #[test]
    fn every_condition_must_hold() {
        let weight = tensor("blocks.3.attn.Q_proj", DType::BF16, &[4096, 128]);
        for (text, holds) in [
            ("", true),
            ("q_proj", true),
            ("blocks.*.attn", true),
            ("attn*blocks", false),
            ("dtype:bf", true),
            ("dtype:f32", false),
            ("shape:4096,*", true),
            ("shape:[4096,128]", true),
            ("shape:4096", false),
            (">0.5M attn", true),
            (">1M", false),
            ("<524288", true),
            ("role:model", true),
            ("role:opt", false),
        ] {
            assert_eq!(Filter::parse(text).holds(&weight), holds, "{text}");
        }
    }
}
