//! What the classes of Python, NumPy and torch mean in a pickle: a program that was read becomes a document and tensors.
//!
//! Nothing is called: a call of a class that is known here is taken for what it would make, any other is shown as its
//! name with its arguments and fields. Sources: the `_rebuild_*` functions of torch 2.15, `numpy.core.multiarray`,
//! `copyreg`, `collections`, `datetime`.

mod array;
mod document;
mod element;
mod hidden;
mod instance;
mod key;
mod known;
mod module;
mod nested;
mod role;
mod storage;
mod tensor;
mod unpickling;

pub(super) use hidden::{GAP, Where, members, stray};
pub(super) use known::Known;
pub(super) use storage::{NoStorages, Storages, Stored, View};
pub(super) use unpickling::{Unpickling, stopped, unpickle};
