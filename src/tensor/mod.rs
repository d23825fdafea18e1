//! The elements of a tensor as numbers: what each type's bits mean, statistics and histograms over all of them, and some
//! of them as text. Bytes in, plain data out; where the bytes come from is the business of `task`.
//!
//! Numbers of 16 bits or less are not decoded one by one: there are at most 65,536 different ones, so it is enough to
//! count each bit pattern ([`Tally`]), and everything is worked out from the counts, exactly. Wider numbers go through
//! 64-bit floats in chunks that stay in the processor's cache, twice: the sum, then the squares around the chunk's own
//! mean, so that small deviations from a large mean survive. Their histogram needs the range first, so it is a second
//! pass over the bytes; the counts of narrow numbers give it without one.

mod decode;
mod deltas;
mod difference;
mod elements;
mod histogram;
mod identity;
mod kind;
mod moments;
mod number;
mod patterns;
mod product;
mod reader;
mod runs;
mod singles;
mod statistics;
mod tally;
mod window;

pub use deltas::Deltas;
pub use difference::{Comparer, Difference, Specials};
pub use elements::Elements;
pub use histogram::{BINS, Histogram, Octave};
pub use identity::{Content, Held, NamedTensor, identity};
pub use kind::Code;
pub use number::Number;
pub use product::{Factor, Narrow, Products, UpdateDifference};
pub use reader::Reader;
pub use runs::{Run, Runs};
pub use statistics::{Examined, Finite, Passes, Statistics};
pub use tally::{Binning, Tally};
pub use window::{Corner, LINE, Plane, Window};
