//! What a pickle can do when it is loaded, judged without loading it: by a list of what is allowed, a list of what is
//! known to be harmless, and a list of what is known to run code. What is on no list is `unknown`, and never green.
//!
//! The lists decide over what is imported; `rules` over what is done with it. The worst of all decides over the pickle.

mod dangerous;
mod documents;
mod import;
mod known;
mod lines;
mod loads;
mod names;
mod rules;

pub use import::judge as judge_import;
pub use lines::{Line, lines};
pub use loads::{LoadsAs, Torch, loads};

use crate::model::{Contents, Finding, Judgement, Pickle, PickleVerdict};

/// Judges every pickle of `contents`, and adds a finding for each that is not known to be harmless, and for code in a
/// document.
pub fn judge(contents: &mut Contents) {
    let mut findings = Vec::new();
    for pickle in contents.pickles.iter_mut().filter(|pickle| pickle.judgement.is_none()) {
        let judgement = judgement(pickle);
        findings.extend(finding(pickle, &judgement));
        pickle.judgement = Some(judgement);
    }
    contents.findings.extend(findings);
    let found = documents::findings(contents);
    contents.findings.extend(found);
    let found = names::findings(contents);
    contents.findings.extend(found);
}

/// What `pickle` is taken for.
pub fn judgement(pickle: &Pickle) -> Judgement {
    let mut imports: Vec<_> = pickle.imports.iter().map(judge_import).collect();
    let rules = rules::rules(pickle, &mut imports);
    let worst = imports.iter().map(|(verdict, _)| *verdict).chain(rules.iter().map(|rule| rule.verdict)).max();
    Judgement { verdict: worst.unwrap_or_default(), imports, rules }
}

fn finding(pickle: &Pickle, judgement: &Judgement) -> Option<Finding> {
    let rule = judgement.rules.iter().find(|rule| rule.verdict == judgement.verdict);
    let (offset, reason) = rule.map_or((pickle.offset, ""), |rule| (rule.offset, rule.reason.as_str()));
    let reason = match &pickle.hidden {
        Some(hidden) => format!("{hidden}: {reason}"),
        None => reason.to_owned(),
    };
    let finding = match judgement.verdict {
        PickleVerdict::Dangerous => Finding::error("pickle-dangerous", reason),
        PickleVerdict::Unknown => Finding::warning("pickle-unknown", reason),
        PickleVerdict::PlainTensors | PickleVerdict::Known => return None,
    };
    let finding = finding.at(offset);
    Some(match &pickle.entry {
        Some(entry) => finding.in_entry(entry),
        None => finding,
    })
}

#[cfg(test)]
mod tests;
