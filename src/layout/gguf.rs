//! GGUF models, whole or split (`-00001-of-00003.gguf`, as `llama-gguf-split` names them).

use std::collections::BTreeMap;

use super::members::{claim_members, counted, empty_checkpoint, empty_run};
use super::{Files, Layout, resume};
use crate::model::{Finding, Role, Run, Value};

/// The layout.
pub struct Gguf;

impl Layout for Gguf {
    fn id(&self) -> &'static str {
        "gguf"
    }

    fn name(&self) -> &'static str {
        "GGUF models"
    }

    fn signature(&self) -> &'static str {
        "GGUF files, whole or `-00001-of-00003.gguf`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let mut sets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for &at in files.in_folder(folder) {
                if !files.is_claimed(at) && files.contents(at).is_some_and(|contents| contents.format == "gguf") {
                    let name = files.name(at);
                    sets.entry(split(name).map_or(name, |(stem, ..)| stem).to_owned()).or_default().push(at);
                }
            }
            let mut sets = sets.into_values().peekable();
            // Loose files were dropped each for itself.
            while let Some(first) = sets.next() {
                let rest: Vec<Vec<usize>> = if folder.is_empty() { Vec::new() } else { sets.by_ref().collect() };
                let all: Vec<Vec<usize>> = [first].into_iter().chain(rest).collect();
                runs.push(run(files, self.id(), folder, &all));
            }
        }
        runs
    }
}

/// Stem, number and count of a part of a model.
fn split(name: &str) -> Option<(&str, u64, u64)> {
    let (rest, of) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
    let (stem, number) = rest.rsplit_once('-')?;
    let is_padded = |digits: &str| digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_padded(number) && is_padded(of)).then_some(())?;
    Some((stem, number.parse().ok()?, of.parse().ok()?))
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, sets: &[Vec<usize>]) -> Run {
    let evidence = sets.first().and_then(|set| set.first()).map(|&at| evidence(files, at));
    let mut run = empty_run(layout, folder, evidence.unwrap_or_default());
    for set in sets {
        let Some(&first) = set.first() else { continue };
        let mut checkpoint = empty_checkpoint(files.path(first));
        run.findings.extend(missing(files, set));
        checkpoint.config = vec![files.path(first).to_owned()];
        checkpoint.files = claim_members(files, set, |_, _| Role::Model);
        checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
        run.checkpoints.push(checkpoint);
    }
    run
}

/// `llama "TinyLlama 1.1B", begins with GGUF, version 3`.
fn evidence(files: &Files<'_>, at: usize) -> String {
    let word = |key: &str| files.document(at).and_then(|document| document.get(key)?.text());
    let kind = word("general.architecture").map(str::to_owned);
    let name = word("general.name").map(|name| format!("{name:?}"));
    let how = files.contents(at).map(|contents| contents.evidence.clone());
    let told: Vec<String> = [kind, name].into_iter().flatten().collect();
    [Some(told.join(" ")).filter(|told| !told.is_empty()), how].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Parts that the names, or the first part itself, promise and that are not there.
fn missing(files: &Files<'_>, set: &[usize]) -> Option<Finding> {
    let first = *set.first()?;
    let named = split(files.name(first)).map(|(.., of)| of);
    let told = files.document(first).and_then(|document| document.get("split.count").and_then(Value::count));
    let promised = named.or(told).filter(|of| *of > 1)?;
    let missing = promised.checked_sub(set.len() as u64).filter(|missing| *missing > 0)?;
    let message = format!("{} of {promised} missing", counted(missing, "part"));
    Some(Finding::error("shard-missing", message).in_file(files.path(first)))
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::layout::testing::{Pick, told};
    use crate::model::{Contents, Value};

    #[test]
    fn parts_are_one_model_and_a_lost_one_is_told() {
        assert_eq!(split("m-00002-of-00003.gguf"), Some(("m", 2, 3)));
        assert_eq!((split("m.gguf"), split("m-2-of-3.gguf")), (None, None));
        let part = |document| Contents { document, ..Contents::new("gguf", "begins with GGUF, version 3") };
        let document = Value::Map(vec![("general.architecture".to_owned(), Value::Text("llama".to_owned()))]);
        let run = Pick::default()
            .file("d/m-00001-of-00003.gguf", part(Some(document)))
            .file("d/m-00003-of-00003.gguf", part(None))
            .file("d/small.gguf", part(None))
            .run();
        assert_eq!((run.layout.as_str(), run.checkpoints.len()), ("gguf", 2));
        assert_eq!(run.evidence, "llama, begins with GGUF, version 3");
        assert_eq!(told(&run.findings), ["shard-missing d/m-00001-of-00003.gguf"]);
        assert_eq!(run.findings[0].message, "1 part of 3 missing");
    }
}
