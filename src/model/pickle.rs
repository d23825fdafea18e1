//! A pickle as a program that was read and not run: what it would import, call and change.

use serde::{Deserialize, Serialize};

/// One pickle of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickle {
    /// The entry of the file it is in (`archive/data.pkl`), when it is not the file itself.
    pub entry: Option<String>,
    /// Where it begins, in bytes from the start of the file or entry. All other offsets count from there too.
    pub offset: u64,
    /// Bytes that were read of it.
    pub len: u64,
    /// The highest protocol it asks for; 0 when it does not say.
    pub protocol: u8,
    /// The opcodes it uses, in the order of their codes.
    pub opcodes: Vec<OpcodeUse>,
    /// What it imports, in the order of the offsets; each once.
    pub imports: Vec<Import>,
    /// What it does with what it imports, in the order of the offsets; each once.
    pub acts: Vec<Act>,
    /// Why it was not read to its end, when it was not.
    pub stopped: Option<String>,
    /// Where `torch.load(weights_only=True)` of the newest PyTorch stops at it; `None` when it takes the pickle.
    pub refused: Option<Refusal>,
    /// The same of PyTorch 2.6, the first in which that is the default.
    pub refused_2_6: Option<Refusal>,
    /// Where it was found, when the usual loader of the file does not read it there: in bytes, behind an archive. It runs
    /// only when something loads it.
    pub hidden: Option<String>,
    /// What it is taken for. `None` while nobody judged it.
    pub judgement: Option<Judgement>,
}

/// Where an unpickler with a list of its own stops, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// The opcode; empty where none could be read.
    pub opcode: String,
    /// Where it stands.
    pub offset: u64,
    /// Why.
    pub reason: String,
}

/// What a pickle is taken for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The answer: the worst of the rules.
    pub verdict: PickleVerdict,
    /// What each import is taken for, in their order.
    pub imports: Vec<(PickleVerdict, String)>,
    /// What else speaks against it, in the order of the offsets.
    pub rules: Vec<Rule>,
}

/// Something that decides over a pickle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// What it makes of the pickle.
    pub verdict: PickleVerdict,
    /// Bytes from the start of the file or entry to the opcode.
    pub offset: u64,
    /// What was found and why that decides.
    pub reason: String,
}

/// What a pickle can do when it is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PickleVerdict {
    /// It imports nothing but what `torch.load(weights_only=True)` allows.
    #[default]
    PlainTensors,
    /// Every import is listed as harmless.
    Known,
    /// Something in it was judged by nobody.
    Unknown,
    /// It runs code of its choice, or code that can be turned into that.
    Dangerous,
}

/// An opcode that a pickle uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpcodeUse {
    /// Its code.
    pub code: u8,
    /// Its name in `pickletools`.
    pub name: String,
    /// Where it stands first.
    pub offset: u64,
    /// How often it occurs.
    pub times: u64,
}

/// Something that a pickle imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The module, as written.
    pub module: String,
    /// The name in it, as written.
    pub name: String,
    /// The opcode that imports it first.
    pub offset: u64,
    /// How often it is imported.
    pub times: u64,
    /// Whether module and name are plain text in the pickle. If not they are shown as Python would, and what is imported
    /// is only known to who runs it.
    pub is_constant: bool,
}

impl Import {
    /// `torch._utils._rebuild_tensor_v2`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }
}

/// Something that a pickle does beside making plain values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What it does.
    pub verb: Verb,
    /// To what: the path of an import, or where the object comes from.
    pub of: String,
    /// The arguments, the first time, as Python would show them; cut off when long.
    pub arguments: String,
    /// The opcode that does it first.
    pub offset: u64,
    /// How often it is done.
    pub times: u64,
}

/// What a pickle does to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Calls it (`REDUCE`, `INST`, `OBJ`).
    Call,
    /// Makes an instance of it without calling it (`NEWOBJ`, `NEWOBJ_EX`).
    New,
    /// Sets the state of an instance of it (`BUILD`).
    Build,
    /// Sets items of an instance of it (`SETITEM`, `SETITEMS`).
    SetItems,
    /// Appends to an instance of it (`APPEND`, `APPENDS`).
    Append,
    /// Adds to an instance of it (`ADDITEMS`).
    Add,
    /// Asks the loader for an object by its number or name (`PERSID`, `BINPERSID`).
    Persistent,
    /// Takes something from the registry of extensions (`EXT1`, `EXT2`, `EXT4`).
    Extension,
    /// Takes bytes that are not in the pickle (`NEXT_BUFFER`).
    Buffer,
}
