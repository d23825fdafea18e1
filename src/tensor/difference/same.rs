//! Whether bytes are the same, and how many elements of them are not.

/// Bytes compared between two looks.
const ROW: usize = 64;

/// Eight words at a time: the browser's `memcmp` goes byte by byte.
pub(super) fn are_same(a: &[u8], b: &[u8]) -> bool {
    let ((rows_a, rest_a), (rows_b, rest_b)) = (a.as_chunks::<ROW>(), b.as_chunks::<ROW>());
    a.len() == b.len() && rest_a == rest_b && rows_a.iter().zip(rows_b).all(|(a, b)| is_same_row(a, b))
}

#[inline(always)]
fn is_same_row(a: &[u8; ROW], b: &[u8; ROW]) -> bool {
    let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    if let ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]) = (a, b) {
        // Written out: the worker is built for size, where LLVM unrolls nothing.
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        let unlike = |x: &[u8; 8], y: &[u8; 8]| word(x) ^ word(y);
        let first = unlike(a, i) | unlike(b, j) | unlike(c, k) | unlike(d, l);
        return first | unlike(e, m) | unlike(f, n) | unlike(g, o) | unlike(h, p) == 0;
    }
    a == b
}

/// Elements of `width` bytes that are not the same.
pub(super) fn unlike(a: &[u8], b: &[u8], width: usize) -> u64 {
    let count = |differ: usize| differ as u64;
    match width {
        1 => count(a.iter().zip(b).filter(|(a, b)| a != b).count()),
        2 => count(pieces::<2>(a, b)),
        4 => count(pieces::<4>(a, b)),
        8 => count(pieces::<8>(a, b)),
        _ => count(pieces::<16>(a, b)),
    }
}

fn pieces<const N: usize>(a: &[u8], b: &[u8]) -> usize {
    a.as_chunks::<N>().0.iter().zip(b.as_chunks::<N>().0).filter(|(a, b)| a != b).count()
}
