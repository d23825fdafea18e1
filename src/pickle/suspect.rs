//! A pickle where none is expected: told from other bytes by what it would do, not by its name.

use super::machine::{Machine, Program};
use crate::error::Result;
use crate::limits;
use crate::model::{Pickle, Verb};
use crate::source::Source;

/// How pickles of protocol 0 and 1 begin that import something before long.
const STARTS: &[u8] = b"(c]}iIJKLMNSTUVX)ld";
/// Opcodes of a pickle that does nothing but hold values, for it not to be taken for other bytes.
const CONVINCING: u64 = 3;

/// The pickle at `offset` of `source`, when what stands there is one beyond doubt: with its mark and read to its end, or
/// importing something by a name that can be one.
///
/// # Errors
/// When the environment fails.
pub fn suspect(source: &Source, offset: u64) -> Result<Option<Program>> {
    let head = source.bytes_at(offset, 2)?;
    let is_marked = matches!(head.as_slice(), [0x80, 0..=5]);
    if !is_marked && !head.first().is_some_and(|first| STARTS.contains(first)) {
        return Ok(None);
    }
    let program = Machine::run_some(source.clone(), offset, limits::PICKLE_HIDDEN_OPCODES)?;
    let pickle = &program.pickle;
    let is_ended = program.stopped.is_none();
    let does = pickle.acts.iter().any(|act| matches!(act.verb, Verb::Call | Verb::New));
    let is_convincing = match (is_marked, imports(pickle)) {
        (true, imports) => imports || is_ended && opcodes(pickle) > CONVINCING,
        (false, imports) => imports && (is_ended || does),
    };
    Ok(is_convincing.then_some(program))
}

fn opcodes(pickle: &Pickle) -> u64 {
    pickle.opcodes.iter().map(|used| used.times).fold(0, u64::saturating_add)
}

/// Whether it imports something by a name that Python would take.
fn imports(pickle: &Pickle) -> bool {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    let mut imports = pickle.imports.iter();
    imports.any(|import| !import.is_constant || is_name(&import.module) && is_name(&import.name))
}

/// Where the mark of a pickle stands in `bytes`.
pub fn find_marks(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let pairs = bytes.windows(2).enumerate();
    pairs.filter(|(_, pair)| matches!(pair, [0x80, 2..=5])).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_suspect(bytes: &[u8]) -> bool {
        suspect(&Source::memory("x", bytes), 0).unwrap().is_some()
    }

    #[test]
    fn pickles_are_told_from_text_and_numbers() {
        assert!(is_suspect(b"cos\nsystem\n(S'x'\ntR."));
        assert!(is_suspect(b"cos\nsystem\n(S'x'\ntR\xff"), "it would have run before it broke");
        assert!(is_suspect(b"\x80\x02cos\nsystem\n\xff"));
        assert!(is_suspect(b"\x80\x04\x8c\x01a\x94."));
        for other in [
            &b"config\nname\nfirst line of a text."[..],
            b"cat\ndog\n",
            b"(see above)",
            b"\x80\x02.",
            b"\x80\x02\0\0\0\0\0\0",
            b"",
            b"I am a text.",
        ] {
            assert!(!is_suspect(other), "{other:?}");
        }
    }
}
