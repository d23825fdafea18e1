//! The bytes of a zip member, found through its local header.
//!
//! The directory's record of a member does not say where its bytes begin: the local header repeats name and extra
//! fields, and both may be longer there (torch pads them to align its data).

use super::Source;
use crate::error::{Error, Result};

/// Length of a local header without name and extra fields (APPNOTE 4.3.7).
const LOCAL_HEADER: u64 = 30;

const SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// Bytes from the start of a local header to the member's data, when `head` is one.
pub fn data_offset(head: &[u8]) -> Option<u64> {
    let fixed = head.first_chunk::<30>().filter(|fixed| fixed.starts_with(&SIGNATURE))?;
    let length = |at: usize| Some(u64::from(u16::from_le_bytes(*fixed.get(at..)?.first_chunk()?)));
    LOCAL_HEADER.checked_add(length(26)?)?.checked_add(length(28)?)
}

/// `len` stored bytes of the member whose local header is at `header`.
pub(super) fn open(zip: &Source, header: u64, len: u64) -> Result<Source> {
    let head = zip.exact_at(header, LOCAL_HEADER, "zip", "a local header")?;
    let Some(distance) = data_offset(&head) else {
        return Err(Error::malformed("zip", header, "expected a local header (PK\\3\\4) here, found other bytes"));
    };
    let offset = header.saturating_add(distance);
    zip.window(offset, len).ok_or_else(|| {
        let end = offset.saturating_add(len);
        Error::malformed("zip", offset, format!("the member ends at byte {end}, the archive at byte {}", zip.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_header_decides_where_the_bytes_begin() {
        let mut zip = SIGNATURE.to_vec();
        zip.resize(26, 0);
        zip.extend([1, 0, 2, 0]);
        zip.extend(b"nxxDATA");
        let source = Source::memory("x.zip", zip);
        assert_eq!(open(&source, 0, 4).unwrap().bytes_at(0, 9).unwrap(), b"DATA");
        assert!(open(&source, 0, 5).is_err());
        assert!(open(&source, 1, 1).unwrap_err().to_string().contains("expected a local header"));
    }
}
