//! Hand-made picks for the layouts' tests: what the format readers would have found.

use super::{Files, recognise};
use crate::model::{
    Contents, DType, Entry, EntryKind, Finding, Locator, Manifest, Run, SourceId, Tensor, TensorRole, Value,
};

/// Files with what they hold.
#[derive(Default)]
pub(super) struct Pick {
    entries: Vec<Entry>,
    pub(super) contents: Vec<Option<Contents>>,
    tops: Vec<String>,
    links: Vec<(String, String)>,
}

impl Pick {
    pub(super) fn file(mut self, path: &str, contents: Contents) -> Self {
        let top = path.split('/').next().unwrap().to_owned();
        let known = self.tops.iter().position(|other| *other == top);
        let source = known.unwrap_or(self.tops.len());
        if known.is_none() {
            self.tops.push(top);
        }
        let source = SourceId(u32::try_from(source).unwrap());
        let (size, kind, locator) = (1, EntryKind::File, Locator::root(0));
        self.entries.push(Entry { source, path: path.to_owned(), size, kind, locator, crc32: None });
        self.contents.push(Some(contents));
        self
    }

    /// A file of `format` with F32 tensors.
    pub(super) fn tensors(self, path: &str, format: &str, tensors: &[(&str, &[u64])]) -> Self {
        let mut contents = Contents::new(format, "as told");
        contents.tensors = tensors.iter().map(|(name, shape)| tensor(name, shape)).collect();
        self.file(path, contents)
    }

    pub(super) fn npz(self, path: &str, names: &[&str]) -> Self {
        let tensors: Vec<(&str, &[u64])> = names.iter().map(|name| (*name, [2_u64, 3].as_slice())).collect();
        self.tensors(path, "npz", &tensors)
    }

    /// A document; the text "NaN" in it is the number.
    pub(super) fn json(self, path: &str, text: &str) -> Self {
        let document = Some(value(serde_json::from_str(text).unwrap()));
        self.file(path, Contents { document, ..Contents::new("json", "") })
    }

    pub(super) fn other(self, path: &str) -> Self {
        self.file(path, Contents::new("text", ""))
    }

    pub(super) fn manifest(self, path: &str) -> Self {
        let manifest = Some(Manifest { kind: "checksums".to_owned(), lines: Vec::new(), envelope: None });
        self.file(path, Contents { manifest, ..Contents::new("text", "") })
    }

    /// An archive; its members are files below it.
    pub(super) fn archive(mut self, path: &str) -> Self {
        self = self.other(path);
        self.entries.last_mut().unwrap().kind = EntryKind::Archive;
        self
    }

    /// A symbolic link of an archive.
    pub(super) fn link(mut self, path: &str, says: &str) -> Self {
        self.links.push((path.to_owned(), says.to_owned()));
        self
    }

    /// A short text file.
    pub(super) fn text(self, path: &str, text: &str) -> Self {
        self.file(path, Contents { text: Some(text.to_owned()), ..Contents::new("text", "") })
    }

    pub(super) fn files(&mut self) -> Files<'_> {
        Files::new(&self.entries, &mut self.contents).with_links(&self.links)
    }

    pub(super) fn runs(&mut self) -> Vec<Run> {
        recognise(&mut self.files())
    }

    /// Index of the file at `path`.
    pub(super) fn at(&self, path: &str) -> usize {
        self.entries.iter().position(|entry| entry.path == path).unwrap()
    }

    /// The only run.
    pub(super) fn run(&mut self) -> Run {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "{runs:#?}");
        runs.remove(0)
    }
}

fn tensor(name: &str, shape: &[u64]) -> Tensor {
    let size_bytes = 4 * shape.iter().product::<u64>();
    let (shape, role) = (shape.to_vec(), TensorRole::Model);
    Tensor { name: name.to_owned(), dtype: DType::F32, shape, size_bytes, role, place: None }
}

/// A file of `torch.save` that holds `json`; what is "tensor" in it is one, named by the way to it.
pub(super) fn torch(json: &str) -> Contents {
    let document = value(serde_json::from_str(json).unwrap());
    let mut contents = Contents::new("torch_zip", "as told");
    tensors_of("", &document, &mut contents.tensors);
    Contents { document: Some(document), ..contents }
}

fn tensors_of(name: &str, value: &Value, tensors: &mut Vec<Tensor>) {
    let top = name.split('.').next().unwrap_or_default();
    match value {
        Value::Opaque(_) => {
            let role = if top.starts_with("optim") { TensorRole::Optimizer } else { TensorRole::Model };
            tensors.push(Tensor { role, ..tensor(name, &[2, 3]) });
        }
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            tensors_of(&if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, value, tensors);
        }),
        _ => {}
    }
}

/// The document that `json` stands for: the text "NaN" is the number, "tensor" a tensor.
pub(super) fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int)
        }
        serde_json::Value::String(text) if text == "NaN" => Value::Float(f64::NAN),
        serde_json::Value::String(text) if text == "tensor" => Value::Opaque("tensor F32 [2, 3]".to_owned()),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(value).collect()),
        serde_json::Value::Object(pairs) => {
            Value::Map(pairs.into_iter().map(|(key, item)| (key, value(item))).collect())
        }
    }
}

/// `code file`, in order.
pub(super) fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.file)).collect()
}

/// Names of the checkpoints with their steps.
pub(super) fn steps(run: &Run) -> Vec<(&str, Option<u64>)> {
    run.checkpoints.iter().map(|checkpoint| (checkpoint.name.as_str(), checkpoint.step)).collect()
}

/// Base names of the members with their roles, as the report spells them.
pub(super) fn roles(members: &[crate::model::Member]) -> String {
    let role = |member: &crate::model::Member| serde_json::to_string(&member.role).unwrap().replace('"', "");
    members.iter().map(|m| format!("{}={}", crate::model::base_name(&m.path), role(m))).collect::<Vec<_>>().join(" ")
}
