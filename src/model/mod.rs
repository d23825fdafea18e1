//! Plain data that every layer speaks: no I/O, no behaviour beyond arithmetic. Everything here crosses between worker
//! and page.

mod contents;
mod digest_check;
mod dtype;
mod entry;
mod finding;
mod manifest;
mod natural;
mod opened;
mod order;
mod pickle;
mod plain;
mod real;
mod run;
mod signature;
mod tensor;
mod value;

pub use crate::digest::Algorithm;
pub use contents::Contents;
pub use digest_check::{Check, Integrity, IntegrityVerdict, Status};
pub use dtype::DType;
pub use entry::{Entry, EntryKind, Hashed, Hashing, Layer, Locator, Seal, base_name, extension, parent};
pub use finding::{Finding, Severity};
pub use manifest::{Envelope, Manifest, ManifestLine, Piece};
pub use natural::natural_cmp;
pub use opened::{Opened, OpenedSource};
pub use order::{distinct, keyed, order_by, order_by_key};
pub use pickle::{Act, Import, Judgement, OpcodeUse, Pickle, PickleVerdict, Refusal, Rule, Verb};
pub use plain::Plain;
pub use real::Real;
pub use run::{
    Checkpoint, Direction, Marker, MarkerKind, Member, Resume, ResumePart, ResumeState, ResumeVerdict, Role, Run,
    SourceId, SourceKind,
};
pub use signature::{Signature, SignatureKey, Stated};
pub use tensor::{Endian, MODEL_KEYS, Order, Place, Tensor, TensorRole, elements};
pub use value::{CLASS, Value};
