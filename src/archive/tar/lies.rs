//! What an extension header, or what stands behind the end, says otherwise than the headers do: two readers see two archives.

use super::block::{self, checksum, pax_records};
use crate::model::Finding;

/// Bytes behind the end looked at in one go: as many as writers fill the last record with.
pub(super) const REST: u64 = 20 * block::SIZE;
/// The largest size that a header can hold itself.
const LARGEST: u64 = 0o777_7777_7777;
/// The longest path that a header can hold without its prefix.
const LONGEST: usize = 100;

/// A size from a PAX header for a member whose own header has room for it and says another (CVE-2025-62518: some readers
/// go on behind the one, some behind the other).
pub(super) fn size(pax: Option<u64>, header: u64) -> Option<Finding> {
    let pax = pax.filter(|&pax| pax != header && pax <= LARGEST)?;
    let message =
        format!("a PAX header says {pax} bytes, the header itself {header}: readers disagree over what follows");
    Some(Finding::error("tar-pax-size", message))
}

/// A path from an extension header for a member whose own header has room for it and says another.
pub(super) fn path(long: Option<&[u8]>, header: &[u8]) -> Option<Finding> {
    let trim = |path: &[u8]| String::from_utf8_lossy(path.strip_suffix(b"/").unwrap_or(path)).into_owned();
    let long = long.filter(|long| long.len() < LONGEST && long.is_ascii() && trim(long) != trim(header))?;
    let (long, header) = (trim(long), trim(header));
    let message = format!("an extension header calls it {long:?}, the header itself {header:?}: readers disagree");
    Some(Finding::warning("tar-pax-path", message))
}

/// A global PAX header that names or measures all members after it, which is not done here.
pub(super) fn global(body: &[u8]) -> Option<Finding> {
    let telling: [&[u8]; 3] = [b"path", b"linkpath", b"size"];
    let (key, _) = pax_records(body).0.into_iter().find(|(key, _)| telling.contains(key))?;
    let key = String::from_utf8_lossy(key);
    let message = format!("a global PAX header sets the {key} of all members after it, which is not followed here");
    Some(Finding::error("tar-pax", message))
}

/// Where something stands in what should be zeros, and whether it is a header of a member.
pub(super) fn behind(bytes: &[u8]) -> Option<(u64, bool)> {
    let at = bytes.iter().position(|&byte| byte != 0)? as u64;
    let start = at.saturating_sub(at.checked_rem(block::SIZE).unwrap_or(0));
    let block = usize::try_from(start).ok().and_then(|start| bytes.get(start..)?.first_chunk());
    let is_header = block.is_some_and(|block| checksum(block).is_ok());
    Some((if is_header { start } else { at }, is_header))
}

/// What is said of it.
pub(super) fn trailing(is_header: bool) -> Finding {
    match is_header {
        true => Finding::error(
            "tar-hidden-member",
            "members follow the end of the archive, which only readers that skip blocks of zeros see",
        ),
        false => Finding::warning("tar-trailing", "something follows the end of the archive"),
    }
}
