//! Can training go on from a checkpoint? Part by part: files by their roles, tensors by theirs, dicts by their keys.

use super::Files;
use super::dict;
use super::members::{counted, is_readable, listed};
use crate::model::{Checkpoint, Resume, ResumePart, ResumeState, Role, Severity, TensorRole, Value, base_name};

/// Parts, in the order they are told, with the roles that stand for them.
const PARTS: &[(&str, Option<(Role, TensorRole)>)] = &[
    ("model", Some((Role::Model, TensorRole::Model))),
    ("optimizer", Some((Role::Optimizer, TensorRole::Optimizer))),
    ("scheduler", Some((Role::Scheduler, TensorRole::Scheduler))),
    ("rng", Some((Role::Rng, TensorRole::Rng))),
    ("step", None),
    ("config", None),
];

/// Formats whose files hold many things at once.
fn is_dict(format: &str) -> bool {
    format.starts_with("torch") || matches!(format, "pickle" | "msgpack" | "hdf5")
}

/// The answer for `checkpoint`, whose files are claimed, when `needed` parts are what its writer resumes from.
pub(super) fn judge(files: &Files<'_>, checkpoint: &Checkpoint, needed: &[&str]) -> Resume {
    let parts = PARTS.iter().map(|&(what, roles)| {
        let (state, reason) = match (what, roles) {
            ("step", _) => step(checkpoint),
            ("config", _) => config(files, checkpoint),
            (_, Some((role, tensors))) => part(files, checkpoint, what, role, tensors),
            (_, None) => (ResumeState::Absent, String::new()),
        };
        ResumePart { what: what.to_owned(), state, reason }
    });
    Resume::of(parts.collect(), needed)
}

fn step(checkpoint: &Checkpoint) -> (ResumeState, String) {
    match (checkpoint.step, checkpoint.epoch) {
        (Some(step), _) => (ResumeState::Present, format!("step {step}")),
        (None, Some(epoch)) => (ResumeState::Present, format!("epoch {epoch}")),
        (None, None) => (ResumeState::Absent, "neither its files nor its name say".to_owned()),
    }
}

fn config(files: &Files<'_>, checkpoint: &Checkpoint) -> (ResumeState, String) {
    if let Some(path) = checkpoint.config.first() {
        return (ResumeState::Present, base_name(path).to_owned());
    }
    let held = indexes(files, checkpoint).find_map(|index| inside(files, index, "config"));
    held.map_or((ResumeState::Absent, "no document of it".to_owned()), |found| (ResumeState::Present, found))
}

fn indexes<'a>(files: &'a Files<'_>, checkpoint: &'a Checkpoint) -> impl Iterator<Item = usize> + 'a {
    checkpoint.files.iter().filter_map(|member| files.find(&member.path))
}

fn part(
    files: &Files<'_>,
    checkpoint: &Checkpoint,
    what: &str,
    role: Role,
    tensors: TensorRole,
) -> (ResumeState, String) {
    let mut unreadable = None;
    let of_role = |wanted: bool| checkpoint.files.iter().filter(move |member| (member.role == role) == wanted);
    for member in of_role(true).chain(of_role(false)) {
        let Some(index) = files.find(&member.path) else { continue };
        let (is_own, name) = (member.role == role, files.name(index));
        let format = files.contents(index).map_or("", |contents| contents.format.as_str());
        let may_hold = is_own || (is_dict(format) && matches!(member.role, Role::Model | Role::Other));
        if may_hold && !is_readable(files, index) {
            unreadable = unreadable.or_else(|| Some(format!("{name}: {}", obstacle(files, index))));
            continue;
        }
        let has_tensors = || files.contents(index).is_some_and(|c| c.tensors.iter().any(|t| t.role == tensors));
        if is_own && (!is_dict(format) || what != "model") || (may_hold && has_tensors()) {
            let found = if is_own { None } else { inside(files, index, what) };
            return (ResumeState::Present, found.unwrap_or_else(|| described(files, index, what, is_own)));
        }
        if let Some(found) = inside(files, index, what).filter(|_| may_hold) {
            return (ResumeState::Present, found);
        }
    }
    match unreadable {
        Some(reason) => (ResumeState::Unreadable, reason),
        None => (ResumeState::Absent, "none of its files holds it".to_owned()),
    }
}

/// The file at `index`; of random generators, which ones it holds and how much.
fn described(files: &Files<'_>, index: usize, what: &str, is_own: bool) -> String {
    let name = files.name(index);
    let pairs = files.document(index).filter(|_| what == "rng" && is_own).and_then(Value::pairs);
    let keys: Vec<&str> = pairs.unwrap_or_default().iter().map(|(key, _)| key.as_str()).collect();
    if keys.is_empty() {
        return name.to_owned();
    }
    let size = files.entry(index).map_or(0, |entry| entry.size);
    format!("{name}: {} ({})", listed(&keys), counted(size, "byte"))
}

/// Where the dict at `index` holds `what`: at its top, or one level down where some writers wrap theirs.
fn inside(files: &Files<'_>, index: usize, what: &str) -> Option<String> {
    let contents = files.contents(index).filter(|contents| is_dict(&contents.format))?;
    let dict = contents.document.as_ref()?;
    let wrapped = ["state", "meta"].iter().filter_map(|key| dict.get(key));
    let key = [dict].into_iter().chain(wrapped).find_map(|dict: &Value| dict::holds(dict, what))?;
    Some(format!("{key} in {}", files.name(index)))
}

/// Why the file at `index` is not read.
fn obstacle(files: &Files<'_>, index: usize) -> String {
    let Some(contents) = files.contents(index) else { return "was not looked at".to_owned() };
    let broken = || contents.findings.iter().find(|finding| finding.severity == Severity::Error);
    let reason = contents.not_examined.clone().or_else(|| broken().map(|finding| finding.message.clone()));
    reason.unwrap_or_else(|| "could not be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::members::{claim_members, empty_checkpoint};
    use crate::layout::testing::{Pick, torch};
    use crate::model::Contents;

    /// The states of a checkpoint of these files, and what is missing of model, optimizer and rng.
    fn judged(pick: &mut Pick, role: Role) -> (Vec<String>, Resume) {
        let mut files = pick.files();
        let all = files.all();
        let mut checkpoint = empty_checkpoint("s");
        checkpoint.epoch = Some(3.0);
        checkpoint.files = claim_members(&mut files, &all, |_, name| match name {
            "rng.json" => Role::Rng,
            _ => role,
        });
        let resume = judge(&files, &checkpoint, &["model", "optimizer", "rng"]);
        let told = resume.details.iter().map(|part| format!("{}: {:?} {}", part.what, part.state, part.reason));
        (told.collect(), resume)
    }

    #[test]
    fn one_file_can_hold_everything() {
        let dict =
            r#"{"model": {"a": "tensor"}, "optimizer": {"state": {"0": 1}}, "scheduler": null, "config": {"lr": 1}}"#;
        let (told, resume) =
            judged(&mut Pick::default().file("s/state.pt", torch(dict)).json("s/rng.json", "[1]"), Role::Model);
        let expected = [
            "model: Present state.pt",
            "optimizer: Present optimizer in state.pt",
            "scheduler: Absent none of its files holds it",
            "rng: Present rng.json",
            "step: Present epoch 3",
            "config: Present config in state.pt",
        ];
        assert_eq!(told, expected);
        assert_eq!((resume.ready, resume.missing), (true, vec![]));
    }

    #[test]
    fn what_was_not_read_is_not_called_missing() {
        let sealed = Contents { not_examined: Some("encrypted".to_owned()), ..torch("null") };
        let (told, resume) = judged(&mut Pick::default().file("s/state.pt", sealed), Role::Model);
        assert_eq!(told[0], "model: Unreadable state.pt: encrypted");
        assert_eq!(told[1], "optimizer: Unreadable state.pt: encrypted");
        assert_eq!((resume.ready, resume.missing), (false, Vec::<String>::new()));
    }

    #[test]
    fn a_dict_without_weights_is_no_model() {
        let dict = r#"{"model": null, "optimizer": {"state": {"0": 1}}}"#;
        let (_, resume) = judged(&mut Pick::default().file("s/state.pkl", torch(dict)), Role::Model);
        assert_eq!((resume.ready, resume.missing), (false, vec!["model".to_owned(), "rng".to_owned()]));
    }
}
