//! Whether bytes are the same.

/// Bytes compared between two looks.
const ROW: usize = 64;

/// Eight words at a time: the browser's `memcmp` goes byte by byte.
pub fn are_same(a: &[u8], b: &[u8]) -> bool {
    let ((rows_a, rest_a), (rows_b, rest_b)) = (a.as_chunks::<ROW>(), b.as_chunks::<ROW>());
    a.len() == b.len() && rest_a == rest_b && rows_a.iter().zip(rows_b).all(|(a, b)| is_same_row(a, b))
}

#[inline(always)]
fn is_same_row(a: &[u8; ROW], b: &[u8; ROW]) -> bool {
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    words.fold(0, |unlike, (a, b)| unlike | (word(a) ^ word(b))) == 0
}
