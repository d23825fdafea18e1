//! Arguments of a run as text: what `print(args)` and loops over `vars(args)` leave behind.

use crate::limits;
use crate::model::{Value, base_name};

/// Names that promise arguments.
const NAMED: [&str; 9] = [
    "args.txt",
    "arguments.txt",
    "config.txt",
    "hparams.txt",
    "hyperparameters.txt",
    "opt.txt",
    "options.txt",
    "params.txt",
    "train_opt.txt",
];

/// Whether the file at `path` promises arguments.
pub(super) fn is_settings(path: &str, len: u64) -> bool {
    NAMED.contains(&base_name(path).to_lowercase().as_str()) && len <= limits::CONFIGURATION
}

/// `Namespace(lr=0.1, name='x')`, or lines of `key: value` or `key = value`; `None` when it is neither.
pub(super) fn read(text: &str) -> Option<Value> {
    let text = text.trim();
    let pairs = match text.strip_prefix("Namespace(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inside) => split(inside).into_iter().map(|part| pair(part, &['='])).collect::<Option<Vec<_>>>()?,
        None => {
            // Frames around the list (`----- Options -----`) say nothing.
            let lines =
                text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['-', '=', '#']));
            lines.map(|line| pair(line, &[':', '='])).collect::<Option<Vec<_>>>()?
        }
    };
    let fits = !pairs.is_empty() && pairs.len() as u64 <= limits::CONFIGURATION_VALUES;
    fits.then_some(Value::Map(pairs))
}

/// A name without spaces, one of the separators, and a value.
fn pair(text: &str, separators: &[char]) -> Option<(String, Value)> {
    let (key, value) = text.split_once(separators)?;
    let (key, value) = (key.trim(), value.trim());
    // pix2pix writes the default behind a tab.
    let value = value.split('\t').next().unwrap_or(value).trim();
    let is_name = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    is_name.then(|| (key.to_owned(), literal(value)))
}

/// Parts between the commas that stand in no bracket and no quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0_usize, 0_u32);
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth = depth.saturating_add(1),
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..).filter(|last| !last.trim().is_empty()));
    parts
}

/// A value as Python shows it; one level of lists is taken apart, anything else is text.
fn literal(text: &str) -> Value {
    let bracketed = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    if let Some(inside) = bracketed('[', ']').or_else(|| bracketed('(', ')')) {
        return Value::List(split(inside).into_iter().map(|item| word(item.trim())).collect());
    }
    word(text)
}

fn word(text: &str) -> Value {
    match text {
        "None" | "null" => return Value::Null,
        "True" | "true" => return Value::Bool(true),
        "False" | "false" => return Value::Bool(false),
        _ => {}
    }
    for quote in ['\'', '"'] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Value::Text(inside.to_owned());
        }
    }
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_and_lines_say_the_same() {
        let namespace =
            read("Namespace(lr=0.1, name='a, b', layers=[1, 2], flag=True, none=None, f=<function f>)\n").unwrap();
        let lines = read("--- Options ---\nlr: 0.1\nname: 'a, b'\nlayers = (1, 2)\nflag: True\nnone: None\t[default: 1]\nf: <function f>")
            .unwrap();
        assert_eq!(namespace, lines);
        assert_eq!(namespace.get("layers").unwrap().items(), Some([Value::Int(1), Value::Int(2)].as_slice()));
        assert_eq!(namespace.get("name").unwrap().text(), Some("a, b"));
        assert_eq!(read("some words\nlr: 1"), None);
        assert_eq!(read(""), None);
    }
}
