//! Comparisons that are far larger than what memory holds, or of far more tensors than a model has.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use weighbridge::model::{DType, Endian, Layer, Locator, Order};
use weighbridge::session::Session;
use weighbridge::source::{ReadAt, Roots, Source};
use weighbridge::task::{Deltas, Found, Part, Step, Task, TensorPair, Weights};
use weighbridge::tensor::{Elements, NamedTensor};

use crate::page::Page;

/// So many bytes that nobody has: the same one, but for another at one place.
struct Endless {
    len: u64,
    odd: u64,
    /// The most that was asked for at once.
    most: Rc<Cell<usize>>,
}

impl ReadAt for Endless {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = out.len().min(left);
        self.most.set(self.most.get().max(count));
        out[..count].fill(0x3c);
        if let Ok(at) = usize::try_from(self.odd.wrapping_sub(offset))
            && at < count
        {
            out[at] = 0x3d;
        }
        Ok(count)
    }
}

const EIGHT: u64 = 8 << 30;

/// Two sides of one tensor of 8 GiB, of which `window` is looked at.
fn pair(window: (u64, u64)) -> (Roots, TensorPair, Rc<Cell<usize>>) {
    let most = Rc::new(Cell::new(0));
    let side = |name: &str, odd| Source::new(name, Rc::new(Endless { len: EIGHT, odd, most: Rc::clone(&most) }));
    let roots = Roots::new(vec![side("a", u64::MAX), side("b", EIGHT - 3)]);
    let (offset, len) = window;
    let named = |root| NamedTensor {
        name: "w".into(),
        locator: Locator::root(root).then(&[Layer::Window { offset, len }]),
        elements: Elements { dtype: DType::BF16, shape: vec![len / 2], order: Order::C, endian: Endian::Little },
    };
    (roots, TensorPair { a: named(0), b: named(1) }, most)
}

#[test]
fn a_tensor_of_eight_gigabytes_is_gone_through_in_pieces() {
    let (roots, both, most) = pair((0, EIGHT));
    let mut tasks: [Box<dyn Task>; 2] = [
        Box::new(Weights::new(roots, vec![both.clone().into()])),
        Box::new(Deltas::new(pair((0, EIGHT)).0, both).unwrap()),
    ];
    for (task, passes) in tasks.iter_mut().zip([1, 2]) {
        assert_eq!(task.progress().total, passes * 2 * EIGHT);
        while task.progress().done < 32 << 20 {
            let before = task.progress().done;
            assert!(matches!(task.step(&mut Vec::new()), Ok(Step::More)));
            let step = task.progress().done - before;
            assert!(step <= 4 << 20, "{step} bytes in one step, in which nothing else is heard");
        }
    }
    assert!(most.get() <= 16 << 20, "{} bytes were read at once", most.get());
}

#[test]
fn what_lies_beyond_four_gigabytes_is_found() {
    let (roots, both, _) = pair((EIGHT - 4096, 4096));
    let mut parts = Vec::new();
    let mut task = Weights::new(roots, vec![both.into()]);
    while matches!(task.step(&mut parts), Ok(Step::More)) {}
    let Some(Part::Differences(found)) = parts.first() else { panic!("{parts:?}") };
    let Ok(Found::Difference(difference)) = &found[0].1 else { panic!("{found:?}") };
    assert_eq!((difference.elements, difference.changed), (2048, Some(1)));
}

/// A safetensors file of so many tensors of one number each; every tenth one is `odd`.
fn many(count: usize, odd: f32) -> Vec<u8> {
    let entry = |at: usize| {
        let (begin, end) = (4 * at, 4 * at + 4);
        format!(r#""h.{}.e.{at}":{{"dtype":"F32","shape":[1],"data_offsets":[{begin},{end}]}}"#, at / 100)
    };
    let header = format!("{{{}}}", (0..count).map(entry).collect::<Vec<_>>().join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend((0..count).flat_map(|at| if at % 10 == 0 { odd } else { 1.0 }.to_le_bytes()));
    file
}

#[test]
fn a_hundred_thousand_tensors_are_compared_one_by_one() {
    let mut page = Page::new(2);
    page.open_bytes("a.safetensors", many(100_000, 2.0));
    page.open_bytes("b.safetensors", many(100_000, 3.0));
    page.act(|session| session.choose_comparison(Some("a.safetensors".into()), Some("b.safetensors".into())));
    page.act(Session::compare);
    page.work();
    let rows = page.session.comparing.result.as_ref().unwrap().weights.clone().unwrap();
    assert_eq!((rows.len(), rows.iter().filter(|row| !row.equal).count()), (100_000, 10_000));
    let depth = weighbridge::diff::depth(&rows).unwrap();
    assert_eq!((depth.layers.len(), depth.lanes.len()), (1000, 2));
}
