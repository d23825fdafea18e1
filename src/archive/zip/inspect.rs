//! What is wrong with a member, as far as its record tells.

use super::Record;
use crate::limits;
use crate::model::{Finding, Seal};

/// What is wrong with `record`, shown as `member`, in a zip of `len` bytes.
pub fn inspect(record: &Record, member: &str, len: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let end = record.least_end();
    if end > len {
        let message = format!("{member} ends at byte {end} or later, the archive has {len} bytes");
        findings.push(Finding::error("zip-entry-outside", message));
    }
    let (stored, size) = (record.stored, record.size);
    if record.method == 0 && stored != size {
        let message = format!("{member} is stored as it is, yet claims {size} bytes and takes {stored}");
        findings.push(Finding::error("zip-size-mismatch", message));
    }
    findings.extend(record.seal().and_then(|seal| sealed(seal, record, member)));
    findings.into_iter().map(|finding| finding.in_entry(member).at(record.offset)).collect()
}

fn sealed(seal: Seal, record: &Record, member: &str) -> Option<Finding> {
    let (stored, size, ratio) = (record.stored, record.size, limits::EXPANSION_RATIO);
    match seal {
        Seal::Encrypted => Some(Finding::warning("zip-encrypted", format!("{member} is encrypted, not read"))),
        Seal::Method(number) => {
            let message = format!("{member} is compressed with method {number}, not read");
            Some(Finding::warning("zip-method", message))
        }
        Seal::Expansion => {
            let message = format!(
                "{member} claims to inflate from {stored} to {size} bytes, more than {ratio} : 1; it is not expanded"
            );
            Some(Finding::error("zip-expansion", message))
        }
        Seal::Sparse => None,
    }
}
