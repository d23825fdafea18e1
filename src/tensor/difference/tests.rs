use super::*;
use crate::model::{DType, Endian, Order};

fn elements(dtype: DType, count: usize) -> Elements {
    Elements { dtype, shape: vec![count as u64], order: Order::C, endian: Endian::Little }
}

fn compared(dtype: &DType, a: &[u8], b: &[u8], count: usize) -> Difference {
    let mut comparer = Comparer::new(&elements(dtype.clone(), count), &elements(dtype.clone(), count)).unwrap();
    comparer.add(a, b, count as u64);
    comparer.finish(count as u64)
}

fn singles(a: &[f32], b: &[f32]) -> Difference {
    let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    compared(&DType::F32, &bytes(a), &bytes(b), a.len())
}

#[test]
fn the_same_bytes_are_equal_and_still_have_a_norm() {
    let found = singles(&[3.0, 4.0, 0.0, -0.0, 0.0], &[3.0, 4.0, 0.0, -0.0, 0.0]);
    assert!(found.is_equal);
    assert_eq!((found.l2_a, found.l2, found.cosine, found.max_abs), (Some(5.0), Some(0.0), Some(1.0), Some(0.0)));
    assert_eq!((found.changed, found.compared, found.sign_flips), (Some(0), 5, Some(0)));
}

#[test]
fn zeros_of_two_signs_differ_in_their_bits_alone() {
    let found = singles(&[0.0; 6], &[0.0, -0.0, 0.0, 0.0, 0.0, -0.0]);
    assert_eq!((found.is_equal, found.changed, found.max_abs, found.cosine), (false, Some(2), Some(0.0), None));
    assert_eq!(found.sign_flips, Some(0));
}

#[test]
fn what_is_not_finite_is_counted_and_never_the_same_as_nothing() {
    let nan = f32::NAN;
    let found = singles(&[nan, 1.0, f32::INFINITY, 2.0, 1.0], &[nan, nan, f32::NEG_INFINITY, 3.0, -1.0]);
    assert_eq!((found.a, found.b), (Specials { nan: 1, infinite: 1 }, Specials { nan: 2, infinite: 1 }));
    assert_eq!((found.compared, found.changed, found.max_abs), (2, Some(4), Some(2.0)));
    assert_eq!((found.sign_flips, found.mean_shift), (Some(1), Some(-0.5)));
    let all = singles(&[nan; 5], &[nan; 5]);
    assert!(all.is_equal);
    assert_eq!((all.a.nan, all.max_abs, all.l2, all.cosine), (5, None, None, None));
    let payload = singles(&[nan], &[f32::from_bits(nan.to_bits() + 1)]);
    assert_eq!((payload.is_equal, payload.changed), (false, Some(1)));
}

#[test]
fn four_at_a_time_is_as_one_by_one() {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    for dtype in [DType::F32, DType::BF16, DType::F16] {
        for count in [1, 3, 4, 1023, 1024, 1029, 5000] {
            let mut bytes = || (0..count * 4).flat_map(|_| random().to_le_bytes()).collect::<Vec<u8>>();
            let len = count * if dtype == DType::F32 { 4 } else { 2 };
            let (a, mut b) = (bytes()[..len].to_vec(), bytes()[..len].to_vec());
            b[..len / 2].copy_from_slice(&a[..len / 2]);
            let fast = compared(&dtype, &a, &b, count);
            let code = Code::of(&dtype).unwrap();
            let mut totals = Totals::default();
            let general = General::new(Decoder::new(code), Decoder::new(code), true);
            general.add(&a, &b, count as u64, false, &mut totals);
            let slow = totals.finish(count as u64, false, &general);
            let exact =
                |found: &Difference| (found.changed, found.compared, found.a, found.b, found.sign_flips, found.max_abs);
            assert_eq!(exact(&fast), exact(&slow), "{dtype} {count}");
            for (x, y) in [(fast.l2, slow.l2), (fast.l2_b, slow.l2_b), (fast.cosine, slow.cosine)] {
                let (x, y) = (x.unwrap_or(0.0), y.unwrap_or(0.0));
                assert!((x - y).abs() <= 1e-9 * y.abs(), "{dtype} {count}: {x} {y}");
            }
        }
    }
}

#[test]
fn rounding_to_a_shorter_type_is_told_apart_from_change() {
    let wide: Vec<f32> = (1..2000).map(|at| (at as f32 * 0.37).sin()).collect();
    let bytes: Vec<u8> = wide.iter().flat_map(|number| number.to_le_bytes()).collect();
    let mut short: Vec<u8> = wide.iter().flat_map(|number| half::bf16::from_f32(*number).to_le_bytes()).collect();
    let compare = |short: &[u8]| {
        let mut comparer =
            Comparer::new(&elements(DType::F32, wide.len()), &elements(DType::BF16, wide.len())).unwrap();
        comparer.add(&bytes, short, wide.len() as u64);
        comparer.finish(wide.len() as u64)
    };
    let found = compare(&short);
    assert_eq!((found.is_equal, found.rounding, found.beyond_rounding), (false, Some(1.0 / 256.0), Some(0)));
    short[1] ^= 0x80;
    assert_eq!(compare(&short).beyond_rounding, Some(1));
}

#[test]
fn what_is_not_read_as_numbers_is_compared_byte_by_byte() {
    let text = DType::Other("S4".into(), 32);
    let found = compared(&text, b"abcdefgh", b"abcdefgh", 2);
    assert_eq!((found.is_equal, found.changed, found.l2), (true, Some(0), None));
    let found = compared(&text, b"abcdefgh", b"abcdefgx", 2);
    assert_eq!((found.is_equal, found.changed), (false, None));
    assert!(Comparer::new(&elements(text, 2), &elements(DType::F32, 2)).is_err());
}
