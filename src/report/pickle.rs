//! Pickles: what loading one would import and do, and what that makes of it.

use serde::Serialize;

use crate::model::{Contents, Opened, Pickle, PickleVerdict, Refusal, Rule};
use crate::safety::{LoadsAs, Torch, lines, loads};

/// One analysed pickle. Offsets count from the start of the entry, or of the file where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PickleRow {
    /// The file that holds it.
    pub file: String,
    /// The entry of the file, when it is not the file itself.
    pub entry: Option<String>,
    /// Where it begins.
    pub offset: u64,
    /// Where it was found, when the usual loader of the file does not read it there; offsets count from there then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<String>,
    /// The answer: no known indicator is no proof.
    pub verdict: PickleVerdict,
    /// What decided, when it is not what was imported being listed as harmless.
    pub rule: Option<String>,
    /// Would `torch.load(weights_only=True)` of the newest PyTorch accept the file?
    pub weights_only_loads: bool,
    /// Would that of PyTorch 2.6?
    pub weights_only_loads_2_6: bool,
    /// The opcode of this pickle at which the newest stops; `null` when it takes the pickle.
    pub stops_at: Option<Refusal>,
    /// Why the file is not accepted, when no opcode is the reason.
    pub not_loadable: Option<String>,
    /// Everything it imports, in order of offsets.
    pub imports: Vec<PickleImport>,
    /// Everything that speaks against it, in order of offsets.
    pub rules: Vec<Rule>,
    /// What it does, as lines that look like Python, in order of offsets.
    pub lines: Vec<PickleLine>,
}

/// One import of a pickle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PickleImport {
    /// The module.
    pub module: String,
    /// The name in it.
    pub name: String,
    /// The opcode that imports it first.
    pub offset: u64,
    /// What it is taken for.
    pub verdict: PickleVerdict,
    /// Why.
    pub reason: String,
}

/// One thing that a pickle does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PickleLine {
    /// The opcode that does it first.
    pub offset: u64,
    /// What it does.
    pub text: String,
    /// How often it, or something like it, is done.
    pub times: u64,
}

/// The pickles of a pick, in the order of its files.
pub fn pickles(opened: &Opened) -> Vec<PickleRow> {
    let files = opened.entries.iter().zip(&opened.contents);
    let rows = files.filter_map(|(entry, contents)| Some(of_file(&entry.path, contents.as_ref()?)));
    rows.flatten().collect()
}

/// The pickles of a file.
pub(super) fn of_file(path: &str, contents: &Contents) -> Vec<PickleRow> {
    if contents.pickles.is_empty() {
        return Vec::new();
    }
    let (newest, torch_2_6) = (loads(contents, Torch::Newest), loads(contents, Torch::V2_6));
    contents.pickles.iter().map(|pickle| row(path, pickle, &newest, &torch_2_6)).collect()
}

fn row(path: &str, pickle: &Pickle, newest: &LoadsAs, torch_2_6: &LoadsAs) -> PickleRow {
    let judgement = pickle.judgement.as_ref();
    let verdict = judgement.map_or(PickleVerdict::Unknown, |judgement| judgement.verdict);
    let rules = judgement.map(|judgement| judgement.rules.clone()).unwrap_or_default();
    let judged = judgement.map(|judgement| judgement.imports.as_slice()).unwrap_or_default();
    let import = |(at, import): (usize, &crate::model::Import)| {
        let (verdict, reason) = judged.get(at).cloned().unwrap_or((PickleVerdict::Unknown, String::new()));
        PickleImport {
            module: import.module.clone(),
            name: import.name.clone(),
            offset: import.offset,
            verdict,
            reason,
        }
    };
    let line = |line: crate::safety::Line| PickleLine { offset: line.offset, text: line.text, times: line.times };
    PickleRow {
        file: path.to_owned(),
        entry: pickle.entry.clone(),
        offset: pickle.offset,
        hidden: pickle.hidden.clone(),
        verdict,
        rule: rules.iter().find(|rule| rule.verdict == verdict).map(|rule| rule.reason.clone()),
        weights_only_loads: newest.is_loaded(),
        weights_only_loads_2_6: torch_2_6.is_loaded(),
        stops_at: pickle.refused.clone(),
        not_loadable: match newest {
            LoadsAs::NotLoadable(reason) => Some((*reason).to_owned()),
            LoadsAs::Loads | LoadsAs::Refused(_) => None,
        },
        imports: pickle.imports.iter().enumerate().map(import).collect(),
        rules,
        lines: lines(pickle).into_iter().map(line).collect(),
    }
}
