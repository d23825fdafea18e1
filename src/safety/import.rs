//! What one import is taken for.

use super::{dangerous, known};
use crate::model::{Import, PickleVerdict};
use crate::pickle::is_weights_only;

/// The verdict on an import, and why.
pub fn judge(import: &Import) -> (PickleVerdict, String) {
    let path = import.path();
    let said = |verdict, reason: &str| (verdict, reason.to_owned());
    if !import.is_constant {
        return said(PickleVerdict::Dangerous, "its name is computed while the pickle is loaded");
    }
    if !path.split('.').all(is_identifier) {
        return said(PickleVerdict::Dangerous, "its name is no plain Python name");
    }
    if is_weights_only(&import.module, &import.name) {
        return said(PickleVerdict::PlainTensors, "torch.load(weights_only=True) allows it");
    }
    if let Some(reason) = known::reason(&path) {
        return said(PickleVerdict::Known, reason);
    }
    if let Some(reason) = dangerous::reason(&import.module, &import.name) {
        return said(PickleVerdict::Dangerous, reason);
    }
    said(PickleVerdict::Unknown, "on no list")
}

/// Whether Python would take it for a name. Only ASCII: a letter that looks like another is no plain name.
fn is_identifier(word: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    word.bytes().all(is_letter) && word.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}
