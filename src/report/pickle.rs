//! Pickles: what loading one would import.

use serde::Serialize;

/// One analysed pickle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PickleRow {
    /// The file that holds it.
    pub file: String,
    /// The answer.
    pub verdict: PickleVerdict,
    /// Would `torch.load(weights_only=True)` accept it?
    pub weights_only_loads: bool,
    /// Everything it imports, in order of offsets.
    pub imports: Vec<PickleImport>,
}

/// What a pickle does when it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PickleVerdict {
    /// Only what `torch.load(weights_only=True)` allows.
    PlainTensors,
    /// Every import is listed as harmless.
    Known,
    /// Imports nobody has judged.
    Unknown,
    /// Runs code of its own.
    Dangerous,
}

/// One import of a pickle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PickleImport {
    /// The module.
    pub module: String,
    /// The name in it.
    pub name: String,
    /// Bytes from the start of the pickle to the opcode.
    pub offset: u64,
}
