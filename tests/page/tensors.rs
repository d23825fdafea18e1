//! Looking at the elements of a tensor.

use weighbridge::session::{ActivityId, Answer, Asked, Peeked};
use weighbridge::tensor::Number;

use crate::page::{Page, fixture};

/// An array of these floats as NumPy writes it.
fn npy(values: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}", values.len());
    header.push_str(&" ".repeat(117 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[test]
fn a_tensor_in_a_member_of_an_archive_is_looked_at_in_every_way() {
    let mut page = Page::new(2);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    let path = "linearnexus_run.zip/checkpoints/step_200/model.npz";
    page.act(|session| session.examine(path, 0));
    let shown = page.session.examining.clone().unwrap();
    assert_eq!((&shown.statistics, &shown.sha256), (&Answer::Unasked, &Answer::Unasked));
    page.act(|session| session.ask_for_statistics(None));
    page.act(|session| session.ask_for_values(1));
    page.act(weighbridge::session::Session::ask_for_digest);
    page.act(|session| session.peek_tensor(4));
    page.work();
    let shown = page.session.examining.clone().unwrap();
    let elements = shown.elements.clone().unwrap();
    let (Answer::Known(examined), Answer::Known(values)) = (&shown.statistics, &shown.values) else {
        panic!("{shown:?}")
    };
    let count = elements.count().unwrap();
    assert_eq!((examined.elements, examined.statistics[0].count), (count, count));
    assert_eq!((values.first, values.texts.len() as u64), (1, (count - 1).min(4096)));
    let Peeked::Bytes(bytes) = page.session.peeking.clone().unwrap().bytes else { panic!() };
    let first = f32::from_le_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(values.texts[0].parse::<f32>().unwrap(), first, "the same element in both views");
    assert_eq!(shown.sha256.known().unwrap().len(), 64);
}

#[test]
fn what_is_stopped_or_left_is_told_and_nothing_comes_late() {
    let mut page = Page::new(3);
    page.open_bytes("big.npy", npy(&vec![1.5; 12_000_000]));
    page.open_bytes("small.npy", npy(&[1.0, -2.0, f32::NAN]));
    page.act(|session| session.examine("big.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    assert!(!page.session.activities().is_empty());
    assert_eq!(page.session.activities()[0].label, "statistics of big");
    page.act(|session| session.cancel(ActivityId::Examine(Asked::Statistics)));
    assert!(page.session.is_idle());
    assert_eq!(page.session.examining.clone().unwrap().statistics, Answer::Stopped);
    page.act(|session| session.ask_for_statistics(None));
    page.slice();
    page.act(|session| session.examine("small.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    page.work();
    let shown = page.session.examining.clone().unwrap();
    let found = shown.statistics.known().unwrap().statistics[0];
    assert_eq!((found.count, found.nan, found.finite.unwrap().min), (3, 1, Number::Single(-2.0)));
    let source = page.session.sources().last().unwrap().id;
    page.act(|session| session.close(source));
    assert_eq!(page.session.examining, None);
}

#[test]
fn a_tensor_that_is_no_numbers_fails_with_a_sentence() {
    let mut page = Page::new(1);
    let mut bytes = npy(&[0.0; 8]);
    let at = bytes.windows(3).position(|window| window == b"<f4").unwrap();
    bytes[at..at + 3].copy_from_slice(b"|S4");
    page.open_bytes("words.npy", bytes);
    page.act(|session| session.examine("words.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    page.work();
    let Answer::Failed(problem) = page.session.examining.clone().unwrap().statistics else { panic!() };
    assert_eq!(problem.detail, "tensor: the element type S4 as numbers is not read by this version");
    page.act(|session| session.examine("nowhere.npy", 0));
    assert_eq!(page.session.examining, None);
}
