//! Counts of the pairs of bytes in a block.

/// Different pairs of bytes.
pub const PAIRS: usize = 1 << 16;

/// Counts the pairs of `block`, those at even places and those at odd ones apart: a processor that adds twice to the same
/// place waits for itself. What is left is a byte without a neighbour.
pub fn count_pairs(evens: &mut [u32; PAIRS], odds: &mut [u32; PAIRS], block: &[u8]) -> Option<u8> {
    let (fours, rest) = block.as_chunks::<4>();
    for &[a, b, c, d] in fours {
        bump(evens, u16::from_le_bytes([a, b]));
        bump(odds, u16::from_le_bytes([c, d]));
    }
    let (pairs, rest) = rest.as_chunks::<2>();
    for pair in pairs {
        bump(evens, u16::from_le_bytes(*pair));
    }
    rest.first().copied()
}

#[inline(always)]
fn bump(table: &mut [u32; PAIRS], pair: u16) {
    if let Some(count) = table.get_mut(usize::from(pair)) {
        *count = count.wrapping_add(1);
    }
}
