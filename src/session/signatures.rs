//! Signatures of manifests: a key is given, the browser is asked, the answer is kept. Three things are told apart: whether the
//! digests are those of the files, whether the signature is of the key, and who holds the key, which nobody looks at.

use std::collections::BTreeMap;

use super::{Command, NewSource, PickId, Session, VerificationState};
use crate::limits;
use crate::manifest::signature::{Key, KeyKind, Question, another_key};
use crate::model::{Envelope, Finding, Signature, SignatureKey, Stated, Status};

/// Which signature: of which pick, entry, and there.
pub type SignaturePlace = (PickId, usize, usize);

/// The key that was given, and what it said to the signatures.
#[derive(Debug, Clone, Default)]
pub struct Signatures {
    /// The name of its file, empty for a pasted one, and the key.
    pub key: Option<(String, Key)>,
    /// Why what was given last is no key.
    pub refused: Option<String>,
    answers: BTreeMap<SignaturePlace, Asked>,
    /// Counts the keys given, so that an answer about an earlier one is told from those of this one.
    round: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Waiting,
    Fits,
    /// Why, when that is plain without asking the browser.
    Differs(Option<String>),
    /// The browser cannot say.
    Unable(String),
}

impl Signatures {
    /// True when no answer is awaited.
    pub(super) fn is_idle(&self) -> bool {
        !self.answers.values().any(|answer| *answer == Asked::Waiting)
    }
}

impl Session {
    /// Whether what is dropped or picked is a key, to be used and not to be opened: one file that is called so, while
    /// something signed is open.
    pub fn takes_as_key(&self, sources: &[NewSource]) -> bool {
        let [source] = sources else { return false };
        let [file] = source.files.as_slice() else { return false };
        let name = source.name.to_ascii_lowercase();
        let is_called_so = [".pem", ".crt", ".cer", ".der", ".pub"].iter().any(|end| name.ends_with(end));
        file.path.is_empty() && is_called_so && file.size <= limits::KEY && self.envelopes().next().is_some()
    }

    /// Takes a key from a file (or pasted, with an empty name) and checks every signature with it.
    pub fn give_key(&mut self, name: &str, bytes: &[u8]) -> Vec<Command> {
        self.signatures.round = self.signatures.round.wrapping_add(1);
        self.signatures.answers.clear();
        self.signatures.key = None;
        self.finished = self.finished.saturating_add(1);
        match Key::read(bytes) {
            Ok(key) => {
                self.signatures.refused = None;
                self.signatures.key = Some((name.to_owned(), key));
                self.check_signatures()
            }
            Err(why) => {
                self.signatures.refused = Some(why.to_string());
                Vec::new()
            }
        }
    }

    /// Checks the signatures that were opened since the key was given.
    pub fn check_signatures(&mut self) -> Vec<Command> {
        let Some((_, key)) = self.signatures.key.clone() else { return Vec::new() };
        let round = self.signatures.round;
        let mut answers = std::mem::take(&mut self.signatures.answers);
        let mut commands = Vec::new();
        for ((pick, entry), _, envelope) in self.envelopes() {
            for at in 0..envelope.signatures.len() {
                let place = (pick, entry, at);
                if answers.contains_key(&place) {
                    continue;
                }
                match Question::new(envelope, at, &key) {
                    Ok(question) => {
                        answers.insert(place, Asked::Waiting);
                        commands.push(Command::CheckSignature { place, round, question });
                    }
                    // What is no signature of this curve is none of this key.
                    Err(why) => drop(answers.insert(place, Asked::Differs(Some(why.to_string())))),
                }
            }
        }
        self.signatures.answers = answers;
        commands
    }

    /// The browser's answer: whether the signature fits, or why it cannot say.
    pub fn signature_checked(&mut self, place: SignaturePlace, round: u32, answer: Result<bool, String>) {
        if round != self.signatures.round {
            return;
        }
        let answer = match answer {
            Ok(true) => Asked::Fits,
            Ok(false) => Asked::Differs(None),
            Err(why) => Asked::Unable(why),
        };
        self.signatures.answers.insert(place, answer);
        if self.signatures.is_idle() {
            self.finished = self.finished.saturating_add(1);
        }
    }

    /// What can be said of every signature, in the order of what was opened.
    pub fn signature_rows(&self) -> Vec<Signature> {
        let key = self.signatures.key.as_ref().map(|(_, key)| key);
        let mut rows = Vec::new();
        for ((pick, entry), path, envelope) in self.envelopes() {
            let digests = self.digests_of(path);
            for at in 0..envelope.signatures.len() {
                let answer = self.signatures.answers.get(&(pick, entry, at));
                let (signature, reason) = stated(answer, envelope, key);
                let key = key.filter(|_| answer.is_some()).map(told);
                let path = path.to_owned();
                rows.push(Signature { path, digests, signature, identity: Stated::NotChecked, key, reason });
            }
        }
        rows
    }

    /// Whether there are signatures that the key was not tried on yet.
    pub fn has_unchecked_signatures(&self) -> bool {
        let known = &self.signatures.answers;
        let is_new =
            |(pick, entry): (PickId, usize), count: usize| (0..count).any(|at| !known.contains_key(&(pick, entry, at)));
        self.signatures.key.is_some()
            && self.envelopes().any(|(place, _, envelope)| is_new(place, envelope.signatures.len()))
    }

    fn envelopes(&self) -> impl Iterator<Item = ((PickId, usize), &str, &Envelope)> {
        self.picks.iter().flat_map(|pick| {
            let contents = pick.opened.contents.iter().enumerate();
            contents.filter_map(move |(entry, contents)| {
                let envelope = contents.as_ref()?.manifest.as_ref()?.envelope.as_deref()?;
                Some(((pick.id, entry), pick.opened.entries.get(entry)?.path.as_str(), envelope))
            })
        })
    }

    /// Whether the files are what the manifest at `path` says.
    fn digests_of(&self, path: &str) -> Stated {
        let Some(verification) = &self.verification else { return Stated::NotChecked };
        let rows = || verification.integrity.entries.iter().filter(|check| check.manifest.as_deref() == Some(path));
        if rows().any(|check| matches!(check.status, Status::Mismatch | Status::Missing)) {
            return Stated::Failed;
        }
        let is_done = verification.state == VerificationState::Done && rows().next().is_some();
        if is_done && rows().all(|check| check.status == Status::Ok) { Stated::Checked } else { Stated::NotChecked }
    }
}

fn stated(answer: Option<&Asked>, envelope: &Envelope, key: Option<&Key>) -> (Stated, Option<String>) {
    match answer {
        Some(Asked::Fits) => (Stated::Checked, None),
        Some(Asked::Differs(why)) => {
            (Stated::Failed, why.clone().or_else(|| key.and_then(|key| another_key(envelope, key))))
        }
        Some(Asked::Unable(why)) => (Stated::NotChecked, Some(why.clone())),
        Some(Asked::Waiting) | None => (Stated::NotChecked, None),
    }
}

fn told(key: &Key) -> SignatureKey {
    let kind = match key.kind {
        KeyKind::PublicKey => "public_key",
        KeyKind::Certificate => "certificate",
    };
    SignatureKey { kind, curve: key.curve.name(), sha256: key.fingerprint() }
}

/// A signature that is not of the key that was given, as a finding.
pub(super) fn wrong_signature(row: &Signature) -> Option<Finding> {
    (row.signature == Stated::Failed).then(|| {
        let why = row.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let message = format!("the signature does not fit the key that was given{why}");
        Finding::error("signature-mismatch", message).in_file(&row.path)
    })
}
