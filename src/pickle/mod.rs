//! A pickle reader that executes nothing (protocols 0 to 5; `pickletools` and `pickle` of CPython 3.14 say what each
//! opcode does).
//!
//! A pickle is a program for a small stack machine. [`Reader`] gives its opcodes with their offsets; [`Machine`] runs
//! them symbolically: plain values are made, everything that would run Python code (imports, calls, states, persistent
//! ids, extensions, foreign buffers) becomes a node that says what would have been done. Nodes live in a [`Heap`] and
//! are shared as the pickle shares them, so that a small file cannot grow to a large value. Long bytes stay in the file.
//!
//! What the classes mean is not known here; see `format::python`.

mod acts;
mod globals;
mod heap;
mod joblib;
mod machine;
mod nature;
mod objects;
mod opcode;
mod reader;
mod repr;
mod stack;
mod suspect;
mod text;
mod weights_only;

pub use globals::is_weights_only;
pub use heap::{ESCAPED, Heap, Id, Node, Object, Span};
pub use machine::{Machine, Program};
pub use opcode::is_opcode;
pub use reader::{Argument, Event, Reader};
pub use repr::{Repr, float_repr, text_repr};
pub use suspect::{find_marks, suspect};

#[cfg(test)]
mod tests;
