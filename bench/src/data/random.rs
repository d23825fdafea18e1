//! Numbers that no file system or browser can compress away, the same on every machine.

/// Sebastiano Vigna's SplitMix64.
pub struct Random {
    state: u64,
    /// Bits that are turned over in everything written.
    flip: u64,
}

// A block is written at once; larger ones are not faster.
const BLOCK_BYTES: usize = 1 << 20;

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random::near(seed, 0)
    }

    /// The sequence of a seed, with some bits of every eight bytes turned over.
    pub fn near(seed: u64, flip: u64) -> Random {
        Random { state: seed, flip }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Writes so many bytes of BF16 numbers, both signs, from 2⁻⁷ to below 4.
    pub fn write_bf16(&mut self, bytes: u64, to: &mut impl std::io::Write) -> std::io::Result<()> {
        const KEEP: u64 = 0x83ff_83ff_83ff_83ff;
        const SET: u64 = 0x3c00_3c00_3c00_3c00;
        let most = usize::try_from(bytes.next_multiple_of(8)).map_or(BLOCK_BYTES, |bytes| bytes.min(BLOCK_BYTES));
        let mut block = vec![0u8; most];
        let mut left = bytes;
        while left > 0 {
            for word in block.chunks_exact_mut(8) {
                word.copy_from_slice(&(((self.next() & KEEP) | SET) ^ self.flip).to_le_bytes());
            }
            let count = left.min(most as u64);
            to.write_all(&block[..usize::try_from(count).unwrap_or(most)])?;
            left -= count;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first values of the reference implementation for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn every_number_is_finite_and_small() {
        let mut bytes = Vec::new();
        Random::new(1).write_bf16(1_000_003, &mut bytes).unwrap();
        assert_eq!(bytes.len(), 1_000_003);
        let value = |pair: &[u8]| f32::from_bits(u32::from(u16::from_le_bytes([pair[0], pair[1]])) << 16).abs();
        assert!(bytes.chunks_exact(2).all(|pair| (0.007..4.0).contains(&value(pair))));
    }
}
