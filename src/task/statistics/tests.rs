use std::cell::Cell;
use std::rc::Rc;

use super::*;
use crate::model::{DType, Endian, Order};
use crate::source::Source;
use crate::task::run_to_end;
use crate::task::testing::Flowing;

fn elements(dtype: DType, shape: &[u64], order: Order) -> Elements {
    Elements { dtype, shape: shape.to_vec(), order, endian: Endian::Little }
}

fn examined(bytes: Vec<u8>, elements: Elements, sample: Option<u64>) -> Result<Examined> {
    let roots = Roots::new(vec![Source::memory("x", bytes)]);
    let mut task = Statistics::new(roots, Locator::root(0), elements, sample)?;
    match run_to_end(&mut task)?.1 {
        Outcome::Statistics(examined) => Ok(*examined),
        other => panic!("{other:?}"),
    }
}

fn floats(count: u32) -> Vec<u8> {
    (0..count).flat_map(|number| (number as f32).to_le_bytes()).collect()
}

#[test]
fn several_blocks_are_one_tensor_and_progress_grows_over_both_passes() {
    let roots = Roots::new(vec![Source::memory("x", floats(1_000_001))]);
    let all = elements(DType::F32, &[1_000_001], Order::C);
    let mut task = Statistics::new(roots, Locator::root(0), all, None).unwrap();
    let (mut parts, mut told) = (Vec::new(), Vec::new());
    let found = loop {
        told.push(task.progress().done);
        if let Step::Done(Outcome::Statistics(found)) = task.step(&mut parts).unwrap() {
            break found;
        }
    };
    assert!(told.is_sorted() && told.len() > 8, "{told:?}");
    assert_eq!((task.progress().done, task.progress().total), (8_000_008, 8_000_008));
    assert_eq!((found.elements, found.counted, found.statistics[0].count), (1_000_001, 1_000_001, 1_000_001));
    assert_eq!(found.statistics[0].finite.unwrap().mean, 500_000.0);
    let Part::Statistics(early) = &parts[0] else { panic!() };
    assert_eq!(early.statistics, found.statistics, "statistics are there before the histograms");
    assert_eq!(found.histograms[0].as_ref().unwrap().linear.iter().sum::<u64>(), 1_000_001);
}

#[test]
fn bytes_that_end_early_and_shapes_that_lie_are_told() {
    let short = examined(floats(9), elements(DType::F32, &[10], Order::C), None).unwrap_err();
    assert_eq!(short.to_string(), "tensor: the tensor takes 40 bytes, 36 are there (at byte 36)");
    let endless = elements(DType::F32, &[u64::MAX, 2], Order::C);
    assert_eq!(examined(floats(9), endless, None).unwrap_err().code(), "limit");
    let far = elements(DType::F32, &[2, 2], Order::Strided(vec![u64::MAX, 1]));
    assert_eq!(examined(floats(9), far, None).unwrap_err().code(), "malformed");
    let blocks = elements(DType::Other("Q4_K".into(), 0), &[256], Order::C);
    assert_eq!(examined(vec![0; 144], blocks, None).unwrap_err().code(), "unsupported");
}

#[test]
fn a_broadcast_view_counts_each_element_as_often_as_it_is_there() {
    let view = elements(DType::F32, &[1 << 40, 3], Order::Strided(vec![0, 2]));
    let found = examined(floats(6), view, None).unwrap();
    let finite = found.statistics[0].finite.unwrap();
    assert_eq!((finite.count, finite.mean), (3 << 40, 2.0));
    assert_eq!(finite.l2, (20.0 * f64::from(1_u32 << 20).powi(2)).sqrt());
    assert_eq!(found.histograms[0].as_ref().unwrap().linear.iter().sum::<u64>(), 3 << 40);
}

#[test]
fn a_sample_is_spread_evenly_and_says_how_many_it_looked_at() {
    let found = examined(floats(1 << 20), elements(DType::F32, &[1 << 20], Order::C), Some(1 << 17)).unwrap();
    assert_eq!((found.elements, found.counted, found.statistics[0].count), (1 << 20, 1 << 17, 1 << 17));
    let mean = found.statistics[0].finite.unwrap().mean;
    assert!((400_000.0..600_000.0).contains(&mean), "{mean}");
    let packed = examined(vec![0x21; 1 << 19], elements(DType::F4, &[1 << 20], Order::C), Some(33_333)).unwrap();
    assert_eq!((packed.counted, packed.statistics[0].count), (32_768, 32_768));
    assert_eq!(packed.statistics[0].finite.unwrap().mean, 0.75, "0.5 and 1");
    let small = examined(floats(10), elements(DType::F32, &[10], Order::C), Some(100)).unwrap();
    assert_eq!(small.counted, 10, "what is smaller is looked at whole");
}

#[test]
fn a_member_that_must_be_inflated_is_read_like_any_other() {
    use std::io::Write;
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&floats(500_000)).unwrap();
    let packed = packer.finish().unwrap();
    let roots = Roots::new(vec![Source::new("x", Rc::new(crate::source::Memory::new(packed)))]);
    let layer = crate::model::Layer::Inflate { size: 2_000_000 };
    let locator = Locator::root(0).then(&[layer]);
    let all = elements(DType::F32, &[500_000], Order::C);
    let mut task = Statistics::new(roots, locator, all, None).unwrap();
    let Outcome::Statistics(found) = run_to_end(&mut task).unwrap().1 else { panic!() };
    assert_eq!(found.statistics[0].finite.unwrap().mean, 249_999.5);
}

/// Pieces end in the middle of elements, and come late.
#[test]
fn elements_that_flow_are_the_same_as_elements_that_are_read() {
    let count = 1_500_001_u32;
    let (bytes, flows) = (floats(count), Rc::new(Cell::new(0)));
    let all = || elements(DType::F32, &[u64::from(count)], Order::C);
    let read = examined(bytes.clone(), all(), None).unwrap();
    let flowing = |there: usize, fails| {
        let bytes = bytes[..there].into();
        let file = Flowing { len: u64::from(count) * 4, bytes, fails, flows: Rc::clone(&flows) };
        Statistics::new(Roots::new(vec![file.source()]), Locator::root(0), all(), None).unwrap()
    };
    let mut task = flowing(bytes.len(), false);
    let Outcome::Statistics(found) = run_to_end(&mut task).unwrap().1 else { panic!() };
    assert_eq!(*found, read);
    // Both passes flow.
    assert_eq!((flows.get(), task.progress().done), (2, u64::from(count) * 8));
    let early = run_to_end(&mut flowing(5_000_001, false)).unwrap_err();
    assert_eq!(early.to_string(), "tensor: 1000003 of 6000004 bytes are missing at the end (at byte 5000001)");
    let gone = run_to_end(&mut flowing(5_000_001, true)).unwrap_err();
    assert!(gone.to_string().contains("the disk is gone"), "{gone}");
}

/// Streamed from the start and from the middle at once.
#[test]
fn two_halves_are_the_same_as_the_whole() {
    let count = 2_100_001_u32;
    let (bytes, flows) = (floats(count), Rc::new(Cell::new(0)));
    let all = || elements(DType::F32, &[u64::from(count)], Order::C);
    let read = examined(bytes.clone(), all(), None).unwrap();
    let flowing = |there: usize| {
        let bytes = bytes[..there].into();
        let file = Flowing { len: u64::from(count) * 4, bytes, fails: false, flows: Rc::clone(&flows) };
        Statistics::new(Roots::new(vec![file.source()]), Locator::root(0), all(), None).unwrap()
    };
    let mut task = flowing(bytes.len());
    let Outcome::Statistics(found) = run_to_end(&mut task).unwrap().1 else { panic!() };
    assert_eq!((flows.get(), task.progress().done), (4, u64::from(count) * 8));
    assert_eq!(found.histograms, read.histograms);
    let (ours, theirs) = (found.statistics[0].finite.unwrap(), read.statistics[0].finite.unwrap());
    assert_eq!((ours.count, ours.min, ours.max, ours.mean), (theirs.count, theirs.min, theirs.max, theirs.mean));
    // Added up in another order.
    assert!((ours.std - theirs.std).abs() < 1e-9 * theirs.std, "{} {}", ours.std, theirs.std);
    let early = run_to_end(&mut flowing(8_000_000)).unwrap_err();
    assert_eq!(early.to_string(), "tensor: 400004 of 4200000 bytes are missing at the end (at byte 8000000)");
}
