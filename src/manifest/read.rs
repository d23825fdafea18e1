//! Is this file a manifest? Most text is not, and is not read to the end to find out.

use super::parse;
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Manifest, base_name};
use crate::source::Source;

/// The claims of `source`, which the tree calls `path`, when it is a manifest of any kind.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &str, source: &Source) -> Result<Option<(Manifest, Vec<Finding>)>> {
    if source.len() > limits::MANIFEST {
        return Ok(None);
    }
    let name = base_name(path);
    let head = source.bytes_at(0, limits::MANIFEST_HEAD)?;
    if source.len() <= limits::MANIFEST_HEAD {
        return Ok(parse(name, &head));
    }
    if !has_digest(&head) {
        return Ok(None);
    }
    let text = source.bytes_at(0, source.len())?;
    Ok(parse(name, &text))
}

/// Whether as many hexadecimal digits as a digest has stand together, or what a digest in base64 stands beside.
pub(super) fn has_digest(text: &[u8]) -> bool {
    let is_digest = |run: &[u8]| matches!(run.len(), 32 | 40 | 64 | 96 | 128);
    let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
    text.split(|byte| !byte.is_ascii_hexdigit()).any(is_digest) || has(b"\"dsseEnvelope\"") || has(b"\"storagePolicy\"")
}
