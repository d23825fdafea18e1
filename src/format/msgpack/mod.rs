//! MessagePack as Flax writes it (`flax.serialization.msgpack_serialize`): nested maps with arrays at their leaves.
//!
//! Read: everything the specification has; extension 1 (array), 2 (complex number), 3 (NumPy scalar), and arrays of more
//! than a gibibyte, which Flax writes in pieces. Data is not read, but for single numbers (`step`). The document holds
//! what is no array.

mod array;
mod token;
mod tree;

use super::forward::Forward;
use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::model::{Contents, Endian};
use crate::source::Source;
use token::{Token, token};
use tree::Tree;

/// The MessagePack format.
pub(super) struct Msgpack;

impl Format for Msgpack {
    fn id(&self) -> &'static str {
        "msgpack"
    }

    fn name(&self) -> &'static str {
        "MessagePack (Flax)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["msgpack"]
    }

    fn spec(&self) -> &'static str {
        "https://github.com/msgpack/msgpack/blob/master/spec.md"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let is_map = matches!(probe.head().first(), Some(0x80..=0x8f | 0xde | 0xdf));
        match probe.extension().as_str() {
            "msgpack" if is_map => Confidence::likely("a map of MessagePack that is called .msgpack"),
            "" if is_map && opens_with_name(probe) => Confidence::guess("a map of MessagePack whose first key is text"),
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let reader = Forward::new(file.clone(), "msgpack", 0, Endian::Big);
        Reading::More(Contents::new(self.id(), ""), Box::new(Tree::new(reader))).settled()
    }
}

/// Whether the first thing in the map is a name: `checkpoint_100` has no other mark.
fn opens_with_name(probe: &Probe) -> bool {
    let mut reader = Forward::new(Source::memory("", probe.head()), "msgpack", 0, Endian::Big);
    let is_name = |text: &str| !text.is_empty() && !text.contains(char::is_control) && !text.contains('\u{fffd}');
    matches!(token(&mut reader), Ok(Token::Map(1..)))
        && matches!(token(&mut reader), Ok(Token::Text(name)) if is_name(&name))
}

#[cfg(test)]
mod tests;
