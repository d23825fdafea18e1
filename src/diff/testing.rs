//! Picks and checkpoints for the tests of this folder.

use crate::model::{
    Checkpoint, Contents, DType, Entry, EntryKind, Locator, Member, Opened, Plain, Resume, Role, SourceId, Tensor,
    TensorRole,
};

/// A pick with one file at each path: a document, or a tensor of that length.
pub(super) fn opened(files: &[(&str, Result<&str, u64>)]) -> Opened {
    let mut opened = Opened::default();
    for (path, what) in files {
        let mut contents = Contents::new("json", "");
        match what {
            Ok(json) => contents.document = Some(serde_json::from_str::<Plain>(json).unwrap().0),
            Err(length) => contents.tensors.push(Tensor {
                name: "w".into(),
                dtype: DType::F32,
                shape: vec![*length],
                size_bytes: 0,
                role: TensorRole::Model,
                place: None,
            }),
        }
        let (path, locator) = ((*path).to_owned(), Locator::root(0));
        opened.entries.push(Entry { source: SourceId(1), path, size: 1, kind: EntryKind::File, locator, crc32: None });
        opened.contents.push(Some(contents));
    }
    opened
}

/// A checkpoint of these files and configuration documents.
pub(super) fn checkpoint(path: &str, files: &[&str], config: &[&str]) -> Checkpoint {
    Checkpoint {
        name: path.into(),
        path: path.into(),
        step: None,
        epoch: None,
        metrics: vec![("loss".into(), 0.5)],
        metrics_from: None,
        files: files.iter().map(|path| Member { path: (*path).into(), role: Role::Other }).collect(),
        resume: Resume::default(),
        config: config.iter().map(|path| (*path).into()).collect(),
    }
}
