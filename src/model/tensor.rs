//! Tensors: what a file says it holds, and where the bytes are.

use serde::{Deserialize, Serialize};

use super::{DType, Layer};

/// One named array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// The file's own name; nested names joined with dots.
    pub name: String,
    /// Element type.
    pub dtype: DType,
    /// Lengths of the dimensions; empty for a scalar.
    pub shape: Vec<u64>,
    /// Logical size: elements times width (for an unknown width, what the file reserves).
    pub size_bytes: u64,
    /// What it is for.
    pub role: TensorRole,
    /// Where its bytes are; `None` when the file has none (a shape without data, an object array).
    pub place: Option<Place>,
}

impl Tensor {
    /// Number of elements; saturates, since shapes are claims.
    pub fn elements(&self) -> u64 {
        elements(&self.shape).unwrap_or(u64::MAX)
    }
}

/// Product of the dimensions; 1 for a scalar, `None` on overflow. A zero dimension gives 0 whatever the others claim.
pub fn elements(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_u64, |product, &length| product.checked_mul(length))
}

/// Where a tensor's bytes are inside its file, and how they lie there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// How to get from the file to the bytes.
    pub layers: Vec<Layer>,
    /// How its elements follow each other.
    pub order: Order,
    /// Byte order of an element.
    pub endian: Endian,
}

impl Place {
    /// Little-endian, last dimension fastest, at `offset` of the file itself.
    pub fn plain(offset: u64, len: u64) -> Self {
        Self { layers: vec![Layer::Window { offset, len }], order: Order::C, endian: Endian::Little }
    }
}

/// How the elements of a tensor follow each other in its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Back to back, the last dimension fastest.
    C,
    /// Back to back, the first dimension fastest.
    Fortran,
    /// A view of a part of something larger: elements from one index to the next, for each dimension. The bytes reach
    /// from its first element to its last, with others between them, or some of them repeated (a step of 0).
    Strided(Vec<u64>),
}

/// Byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// Keys under which training scripts put the state of a model.
pub const MODEL_KEYS: [&str; 9] = [
    "model",
    "model_state_dict",
    "model_state",
    "model_dict",
    "model_weights",
    "module",
    "state_dict",
    "net",
    "network",
];

/// What a tensor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TensorRole {
    /// A weight of the model: counted as parameters.
    Model,
    /// State of the optimizer.
    Optimizer,
    /// State of a learning-rate scheduler.
    Scheduler,
    /// State of a random generator.
    Rng,
    /// Anything else: buffers, caches, metrics.
    Other,
}
