//! One 512-byte block, and the records of a PAX header.

use tar::Header;

/// Length of a block.
pub(crate) const SIZE: u64 = 512;
/// A block.
pub(super) type Block = [u8; 512];

/// True for a block that ends an archive.
pub(super) fn is_zero(block: &Block) -> bool {
    block.iter().all(|&byte| byte == 0)
}

/// Checks the checksum of a header: the sum of its bytes, with those of the checksum itself taken as spaces. Some old
/// writers summed signed bytes.
///
/// # Errors
/// With the sum that the header claims, where it claims one, and the real one.
pub(super) fn checksum(block: &Block) -> Result<(), (Option<u32>, u32)> {
    let (mut unsigned, mut signed) = (0_u32, 0_i32);
    for (at, &byte) in block.iter().enumerate() {
        let byte = if matches!(at, 148..156) { b' ' } else { byte };
        unsigned = unsigned.wrapping_add(u32::from(byte));
        signed = signed.wrapping_add(i32::from(byte.cast_signed()));
    }
    let claimed = Header::from_byte_slice(block).cksum().ok();
    let right = claimed.is_some_and(|sum| sum == unsigned || i64::from(sum) == i64::from(signed));
    if right { Ok(()) } else { Err((claimed, unsigned)) }
}

/// Key and value of one PAX record.
type Record<'a> = (&'a [u8], &'a [u8]);

/// Records of a PAX header: `length key=value\n`, by length, so that a value may hold line ends. Stops at the first
/// record that is damaged and says so.
pub(super) fn pax_records(mut body: &[u8]) -> (Vec<Record<'_>>, bool) {
    let mut records = Vec::new();
    while !body.is_empty() {
        let Some((record, rest)) = pax_record(body) else { return (records, false) };
        records.push(record);
        body = rest;
    }
    (records, true)
}

fn pax_record(body: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let space = body.iter().take(20).position(|&byte| byte == b' ')?;
    let len: usize = std::str::from_utf8(body.get(..space)?).ok()?.parse().ok()?;
    let (record, rest) = body.split_at_checked(len)?;
    let text = record.get(space.checked_add(1)?..)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|&byte| byte == b'=')?;
    Some(((text.get(..equals)?, text.get(equals.checked_add(1)?..)?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pax_values_may_hold_line_ends_and_equal_signs() {
        let (records, whole) = pax_records(b"11 path=a\n\n10 x=y=z=\n");
        assert!(whole);
        assert_eq!(records, [(&b"path"[..], &b"a\n"[..]), (b"x", b"y=z=")]);
    }

    #[test]
    fn a_damaged_record_ends_them() {
        assert_eq!(pax_records(b"999 path=a\n"), (Vec::new(), false));
        assert!(!pax_records(b"3\n").1);
    }
}
