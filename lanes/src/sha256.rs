//! SHA-256 of four independent streams at once, one in each lane of a [`Word`].
//!
//! One stream is a chain: every block waits for the one before. Four streams are not, and a 128-bit register does four
//! of their steps for the price of one. FIPS 180-4, section 6.2.2; names as there.

use super::word::Word;

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// A block.
pub type Block = [u8; BLOCK];

/// The chaining value of one stream.
pub type State = [u32; 8];

/// Chaining value before the first block (FIPS 180-4, 5.3.3).
pub const START: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Round constants (FIPS 180-4, 4.2.2), sixteen a row.
const ROUNDS: [[u32; 16]; 4] = [
    [
        0x428a_2f98,
        0x7137_4491,
        0xb5c0_fbcf,
        0xe9b5_dba5,
        0x3956_c25b,
        0x59f1_11f1,
        0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01,
        0x2431_85be,
        0x550c_7dc3,
        0x72be_5d74,
        0x80de_b1fe,
        0x9bdc_06a7,
        0xc19b_f174,
    ],
    [
        0xe49b_69c1,
        0xefbe_4786,
        0x0fc1_9dc6,
        0x240c_a1cc,
        0x2de9_2c6f,
        0x4a74_84aa,
        0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152,
        0xa831_c66d,
        0xb003_27c8,
        0xbf59_7fc7,
        0xc6e0_0bf3,
        0xd5a7_9147,
        0x06ca_6351,
        0x1429_2967,
    ],
    [
        0x27b7_0a85,
        0x2e1b_2138,
        0x4d2c_6dfc,
        0x5338_0d13,
        0x650a_7354,
        0x766a_0abb,
        0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1,
        0xa81a_664b,
        0xc24b_8b70,
        0xc76c_51a3,
        0xd192_e819,
        0xd699_0624,
        0xf40e_3585,
        0x106a_a070,
    ],
    [
        0x19a4_c116,
        0x1e37_6c08,
        0x2748_774c,
        0x34b0_bcb5,
        0x391c_0cb3,
        0x4ed8_aa4a,
        0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee,
        0x78a5_636f,
        0x84c8_7814,
        0x8cc7_0208,
        0x90be_fffa,
        0xa450_6ceb,
        0xbef9_a3f7,
        0xc671_78f2,
    ],
];

/// Compresses blocks into four states, as many from each run as the shortest has.
pub fn compress(states: [&mut State; 4], runs: [&[Block]; 4]) {
    let [a, b, c, d] = states;
    let mut wide: [Word; 8] = side_by_side([a, b, c, d]);
    let [p, q, r, s] = runs;
    for (((p, q), r), s) in p.iter().zip(q).zip(r).zip(s) {
        compress_block(&mut wide, [p, q, r, s]);
    }
    let lanes = a.iter_mut().zip(b).zip(c).zip(d);
    for ((((a, b), c), d), word) in lanes.zip(wide) {
        [*a, *b, *c, *d] = word.lanes();
    }
}

/// Turns four rows of words into one row of four lanes.
#[inline(always)]
fn side_by_side<const N: usize>(rows: [&[u32; N]; 4]) -> [Word; N] {
    let [a, b, c, d] = rows;
    let mut wide = [Word::splat(0); N];
    for ((((word, a), b), c), d) in wide.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *word = Word::new([*a, *b, *c, *d]);
    }
    wide
}

/// One block of each lane.
#[inline(always)]
fn compress_block(state: &mut [Word; 8], blocks: [&Block; 4]) {
    let mut schedule = message(blocks);
    let mut working = *state;
    let [first, second, third, last] = &ROUNDS;
    sixteen_rounds::<true>(&mut working, &mut schedule, first);
    sixteen_rounds::<true>(&mut working, &mut schedule, second);
    sixteen_rounds::<true>(&mut working, &mut schedule, third);
    sixteen_rounds::<false>(&mut working, &mut schedule, last);
    for (sum, word) in state.iter_mut().zip(working) {
        *sum = sum.plus(word);
    }
}

/// The first sixteen words of the message schedule: the blocks themselves, big-endian.
#[inline(always)]
fn message(blocks: [&Block; 4]) -> [Word; 16] {
    side_by_side([&words(blocks[0]), &words(blocks[1]), &words(blocks[2]), &words(blocks[3])]).map(Word::swapped)
}

#[inline(always)]
fn words(block: &Block) -> [u32; 16] {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

/// Sixteen rounds; if there are `MORE`, each also replaces its schedule word by the one sixteen rounds later.
#[inline(always)]
fn sixteen_rounds<const MORE: bool>(state: &mut [Word; 8], w: &mut [Word; 16], k: &[u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    macro_rules! round {
        ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $t:literal $t1:literal $t9:literal $t14:literal) => {
            let choice = $g.xor($e.and($f.xor($g)));
            let t1 = $h.plus(big_sigma1($e)).plus(choice).plus(Word::splat(k[$t])).plus(w[$t]);
            let majority = $b.xor($a.xor($b).and($b.xor($c)));
            $d = $d.plus(t1);
            $h = t1.plus(big_sigma0($a)).plus(majority);
            if MORE {
                w[$t] = w[$t].plus(sigma0(w[$t1])).plus(w[$t9]).plus(sigma1(w[$t14]));
            }
        };
    }
    round!(a b c d e f g h, 0 1 9 14);
    round!(h a b c d e f g, 1 2 10 15);
    round!(g h a b c d e f, 2 3 11 0);
    round!(f g h a b c d e, 3 4 12 1);
    round!(e f g h a b c d, 4 5 13 2);
    round!(d e f g h a b c, 5 6 14 3);
    round!(c d e f g h a b, 6 7 15 4);
    round!(b c d e f g h a, 7 8 0 5);
    round!(a b c d e f g h, 8 9 1 6);
    round!(h a b c d e f g, 9 10 2 7);
    round!(g h a b c d e f, 10 11 3 8);
    round!(f g h a b c d e, 11 12 4 9);
    round!(e f g h a b c d, 12 13 5 10);
    round!(d e f g h a b c, 13 14 6 11);
    round!(c d e f g h a b, 14 15 7 12);
    round!(b c d e f g h a, 15 0 8 13);
    *state = [a, b, c, d, e, f, g, h];
}

#[inline(always)]
fn big_sigma0(x: Word) -> Word {
    x.rotated::<2>().xor(x.rotated::<13>()).xor(x.rotated::<22>())
}

#[inline(always)]
fn big_sigma1(x: Word) -> Word {
    x.rotated::<6>().xor(x.rotated::<11>()).xor(x.rotated::<25>())
}

#[inline(always)]
fn sigma0(x: Word) -> Word {
    x.rotated::<7>().xor(x.rotated::<18>()).xor(x.shifted::<3>())
}

#[inline(always)]
fn sigma1(x: Word) -> Word {
    x.rotated::<17>().xor(x.rotated::<19>()).xor(x.shifted::<10>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_lane_does_what_the_crate_does(
            states: [State; 4],
            runs in proptest::array::uniform4(proptest::collection::vec(any::<[u8; 32]>(), 0..10)),
        ) {
            let runs = runs.map(|halves| halves.concat().as_chunks::<BLOCK>().0.to_vec());
            let shortest = runs.iter().map(Vec::len).min().unwrap();
            let mut expected = states;
            for (state, run) in expected.iter_mut().zip(&runs) {
                sha2::block_api::compress256(state, &run[..shortest]);
            }
            let mut found = states;
            compress(found.each_mut(), [&runs[0], &runs[1], &runs[2], &runs[3]]);
            prop_assert_eq!(found, expected);
        }
    }
}
