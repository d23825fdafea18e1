//! What a checkpoint holds, as one digest that does not depend on the container: a `.pt`, its safetensors conversion and a
//! copy in other shards have the same.
//!
//! SHA-256 over one line a tensor, in the order of the names as bytes: name (as JSON), element type, shape as `[2,3]`, and the
//! SHA-256 of the elements row by row, little-endian, without padding; with blanks between and a line feed behind.

use serde::{Deserialize, Serialize};

use super::{Difference, Elements};
use crate::digest::{Digest, Sha256};
use crate::model::{Locator, order_by};

/// A tensor, and where its elements are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedTensor {
    /// Its name.
    pub name: String,
    /// The way to its bytes.
    pub locator: Locator,
    /// What lies there.
    pub elements: Elements,
}

/// One tensor and the digest of its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// Element type, by the report's word.
    pub dtype: String,
    /// Lengths of the dimensions.
    pub shape: Vec<u64>,
    /// SHA-256 of its elements row by row, little-endian.
    pub sha256: Digest,
}

/// What reading all elements of a tensor told of it: enough to say what it and another with the same digest have between
/// them, without reading either again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// SHA-256 of its elements row by row, little-endian.
    pub sha256: Digest,
    /// What it and itself have between them: its norm, and what of it is not finite.
    pub itself: Difference,
}

/// The identity of these tensors, in whatever order they come.
pub fn identity(contents: &[Content]) -> String {
    let mut sorted: Vec<&Content> = contents.iter().collect();
    order_by(&mut sorted, |a, b| a.name.cmp(&b.name));
    let mut digest = Sha256::new();
    for content in sorted {
        let shape: Vec<String> = content.shape.iter().map(u64::to_string).collect();
        let name = serde_json::to_string(&content.name).unwrap_or_default();
        let line = format!("{name} {} [{}] {}\n", content.dtype, shape.join(","), content.sha256);
        digest.update(line.as_bytes());
    }
    digest.finish().to_string()
}
