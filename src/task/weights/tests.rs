use super::*;
use crate::model::{DType, Endian, Locator, Order};
use crate::source::Source;
use crate::task::run_to_end;
use crate::tensor::Elements;

fn elements(dtype: DType, shape: &[u64], order: Order) -> Elements {
    Elements { dtype, shape: shape.to_vec(), order, endian: Endian::Little }
}

fn compared(a: (Vec<u8>, Elements), b: (Vec<u8>, Elements)) -> Result<Difference> {
    let sources = vec![Source::memory("a", a.0), Source::memory("b", b.0)];
    let named = |root, elements| NamedTensor { name: "w".into(), locator: Locator::root(root), elements };
    let pair = TensorPair { a: named(0, a.1), b: named(1, b.1) };
    let (parts, outcome) = run_to_end(&mut Weights::new(Roots::new(sources), vec![pair.into()])).unwrap();
    assert!(matches!(outcome, Outcome::Weights));
    let Some(Part::Differences(found)) = parts.into_iter().next() else { panic!() };
    found.into_iter().next().unwrap().1.map(|found| match found {
        Found::Difference(found) => found,
        Found::Update(_) => panic!(),
    })
}

fn numbers(count: u32) -> Vec<u8> {
    (0..count).flat_map(u32::to_le_bytes).collect()
}

/// The same elements in every order of three dimensions, large enough for several bands.
#[test]
fn any_order_is_compared_element_by_element() {
    let shape = [130_u64, 70, 600];
    let strides = |order: [usize; 3]| {
        let (mut steps, mut step) = (vec![0; 3], 1);
        for dimension in order.into_iter().rev() {
            steps[dimension] = step;
            step *= shape[dimension];
        }
        steps
    };
    let plain = numbers(130 * 70 * 600);
    let a = elements(DType::U32, &shape, Order::C);
    for order in [[0, 2, 1], [2, 1, 0]] {
        let steps = strides(order);
        let mut bytes = vec![0; plain.len()];
        let index = (0..shape[0]).flat_map(|i| (0..shape[1]).flat_map(move |j| (0..shape[2]).map(move |k| [i, j, k])));
        for (at, index) in index.enumerate() {
            let to = 4 * index.iter().zip(&steps).map(|(i, s)| i * s).sum::<u64>() as usize;
            bytes[to..to + 4].copy_from_slice(&plain[4 * at..4 * at + 4]);
        }
        let b = elements(DType::U32, &shape, Order::Strided(steps));
        let found = compared((plain.clone(), a.clone()), (bytes.clone(), b.clone())).unwrap();
        assert!(found.is_equal, "{order:?} {found:?}");
        bytes[4_000_000] ^= 1;
        let found = compared((plain.clone(), a.clone()), (bytes, b)).unwrap();
        assert_eq!((found.changed, found.max_abs), (Some(1), Some(1.0)), "{order:?}");
    }
}

#[test]
fn a_view_that_repeats_is_read_as_often() {
    let a = elements(DType::U32, &[3, 2], Order::C);
    let b = elements(DType::U32, &[3, 2], Order::Strided(vec![0, 1]));
    let bytes: Vec<u8> = [0_u32, 1, 0, 1, 0, 1].into_iter().flat_map(u32::to_le_bytes).collect();
    assert!(compared((bytes, a), (numbers(2), b)).unwrap().is_equal);
}

#[test]
fn a_transposed_tensor_is_compared_as_it_was() {
    let (a, b) = (elements(DType::U32, &[2, 3], Order::C), elements(DType::U32, &[3, 2], Order::C));
    let bytes: Vec<u8> = [0_u32, 3, 1, 4, 2, 5].into_iter().flat_map(u32::to_le_bytes).collect();
    assert!(compared((numbers(6), a.clone()), (bytes, b.permuted(&[1, 0]))).unwrap().is_equal);
    assert!(compared((numbers(6), a), (numbers(6), b)).is_err(), "other shapes");
}

#[test]
fn byte_orders_do_not_matter() {
    let big = Elements { endian: Endian::Big, ..elements(DType::U32, &[300_000], Order::C) };
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    let a = elements(DType::U32, &[300_000], Order::C);
    assert!(compared((numbers(300_000), a), (bytes, big)).unwrap().is_equal);
}

#[test]
fn packed_halves_are_elements() {
    let (a, b) = (elements(DType::F4, &[3], Order::C), elements(DType::F4, &[3], Order::C));
    let found = compared((vec![0x21, 0x03], a.clone()), (vec![0x21, 0xf3], b.clone())).unwrap();
    assert!(found.is_equal, "the last half belongs to no element: {found:?}");
    let found = compared((vec![0x21, 0x03], a.clone()), (vec![0x29, 0x03], b)).unwrap();
    assert_eq!((found.changed, found.max_abs, found.sign_flips), (Some(1), Some(1.0), Some(1)));
    let wide = elements(DType::F32, &[3], Order::C);
    let bytes: Vec<u8> = [0.5_f32, 1.0, 1.5].into_iter().flat_map(f32::to_le_bytes).collect();
    let found = compared((bytes, wide), (vec![0x21, 0x03], a)).unwrap();
    assert_eq!((found.is_equal, found.changed, found.beyond_rounding), (false, Some(0), Some(0)));
}

#[test]
fn what_ends_too_early_is_said_and_the_rest_is_compared() {
    let whole = elements(DType::U32, &[4], Order::C);
    let error = compared((numbers(4), whole.clone()), (numbers(3), whole)).unwrap_err();
    assert_eq!(error.to_string(), "tensor: w takes 16 bytes, 12 are there (at byte 12)");
}
