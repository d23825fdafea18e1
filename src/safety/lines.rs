//! What a pickle does, as lines that look like Python.

use crate::model::{Act, Pickle, Verb, order_by_key};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The opcode that does it first.
    pub offset: u64,
    /// What it does.
    pub text: String,
    /// How often it, or something like it, is done.
    pub times: u64,
}

/// What `pickle` imports and does, in the order of the offsets.
pub fn lines(pickle: &Pickle) -> Vec<Line> {
    let import = |import: &crate::model::Import| {
        let text = if import.is_constant {
            format!("from {} import {}", import.module, import.name)
        } else {
            format!("getattr(import_module({}), {})", import.module, import.name)
        };
        Line { offset: import.offset, text, times: import.times }
    };
    let act = |act: &Act| Line { offset: act.offset, text: words(act), times: act.times };
    let mut lines: Vec<Line> = pickle.imports.iter().map(import).chain(pickle.acts.iter().map(act)).collect();
    order_by_key(&mut lines, |line| line.offset);
    lines
}

fn words(act: &Act) -> String {
    let (of, arguments) = (&act.of, &act.arguments);
    // "what x gives" is no name: it stands in angle brackets.
    let of = if of.contains(' ') { format!("<{of}>") } else { of.clone() };
    match act.verb {
        Verb::Call => format!("{of}{}", called(arguments)),
        Verb::New => format!("{of}.__new__{}", called(arguments)),
        Verb::Build => format!("{of}.__setstate__({arguments})"),
        Verb::SetItems => format!("{of}[{arguments}] = …"),
        Verb::Append => format!("{of}.append({arguments})"),
        Verb::Add => format!("{of}.add({arguments})"),
        Verb::Persistent => format!("persistent_load({arguments})"),
        Verb::Extension => format!("extension_registry[{arguments}]"),
        Verb::Buffer => "next(buffers)".to_owned(),
    }
}

/// The arguments in brackets: those of a tuple as they are, anything else starred.
fn called(arguments: &str) -> String {
    match arguments.strip_suffix(",)").filter(|rest| rest.starts_with('(')) {
        Some(one) => format!("{one})"),
        None if arguments.starts_with('(') => arguments.to_owned(),
        None => format!("(*{arguments})"),
    }
}
