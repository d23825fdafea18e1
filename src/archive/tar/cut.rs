//! A tar that ends before its last member does.

use crate::archive::Listed;
use crate::model::{Finding, Layer};

/// Cuts the members that do not fit into a tar of `len` bytes down to what is there, and says how much is missing.
pub(crate) fn cut_members(listed: &mut Listed, len: u64) {
    let mut findings = Vec::new();
    for member in &mut listed.members {
        let [Layer::Window { offset, len: size }] = member.layers.as_mut_slice() else { continue };
        let available = len.saturating_sub(*offset);
        if *size > available {
            let missing = size.saturating_sub(available);
            let message = format!("the archive is cut off: {} takes {size} bytes, {missing} are missing", member.path);
            findings.push(Finding::error("tar-truncated", message).in_entry(&member.path).at(*offset));
            *offset = (*offset).min(len);
            (*size, member.size) = (available, available);
        }
    }
    if !findings.is_empty() {
        listed.findings.retain(|finding| finding.code != "tar-no-end");
    }
    findings.into_iter().for_each(|finding| listed.add(finding));
    // The walk goes by what headers claim, past the end if they lie or the last padding is cut.
    for finding in &mut listed.findings {
        finding.offset = finding.offset.map(|at| at.min(len));
    }
}
