//! How many elements are not the same.

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
