//! Small reads answered from whole blocks, for bulk work over very many small things: a read of a browser file costs as much
//! time as half a megabyte, wherever it is. What is as long as a block is read by itself, and streams are not touched.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use super::{Flow, ReadAt, copy};

/// Bytes of a block.
const BLOCK: usize = 256 << 10;
/// Blocks kept, of all files together: neighbours in one file may be far apart in the other.
const KEPT: usize = 32;

/// The blocks of some files, the one used last in front.
#[derive(Default)]
struct Kept(VecDeque<Block>);

struct Block {
    file: usize,
    start: u64,
    bytes: Vec<u8>,
}

/// Reads of one file.
pub struct Blocks {
    inner: Rc<dyn ReadAt>,
    file: usize,
    kept: Rc<RefCell<Kept>>,
}

impl Blocks {
    /// Over these files, which share what is kept. Those behind a URL stay as they are.
    pub fn over(files: Vec<Rc<dyn ReadAt>>) -> Vec<Rc<dyn ReadAt>> {
        let kept = Rc::new(RefCell::new(Kept::default()));
        let over = |(file, inner): (usize, Rc<dyn ReadAt>)| -> Rc<dyn ReadAt> {
            if inner.is_far() { inner } else { Rc::new(Self { inner, file, kept: Rc::clone(&kept) }) }
        };
        files.into_iter().enumerate().map(over).collect()
    }

    fn block(&self, start: u64) -> io::Result<Block> {
        let left = usize::try_from(self.inner.len().saturating_sub(start)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; left.min(BLOCK)];
        let read = self.inner.read_at(start, &mut bytes)?;
        bytes.truncate(read);
        Ok(Block { file: self.file, start, bytes })
    }
}

impl Kept {
    fn copy_to(&mut self, file: usize, offset: u64, out: &mut [u8]) -> Option<usize> {
        let is_there = |block: &Block| {
            let end = block.start.saturating_add(block.bytes.len() as u64);
            block.file == file && (block.start..end).contains(&offset)
        };
        let at = self.0.iter().position(is_there)?;
        let block = self.0.remove(at)?;
        let from = usize::try_from(offset.saturating_sub(block.start)).unwrap_or(usize::MAX);
        let count = copy(block.bytes.get(from..).unwrap_or_default(), out);
        self.0.push_front(block);
        Some(count)
    }
}

impl ReadAt for Blocks {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn is_forward(&self) -> bool {
        self.inner.is_forward()
    }

    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        self.inner.flow(offset, len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        if out.len() >= BLOCK || offset >= self.inner.len() {
            return self.inner.read_at(offset, out);
        }
        let mut kept = self.kept.borrow_mut();
        if let Some(count) = kept.copy_to(self.file, offset, out) {
            return Ok(count);
        }
        let start = offset.saturating_sub(offset.checked_rem(BLOCK as u64).unwrap_or(0));
        let block = self.block(start)?;
        kept.0.truncate(KEPT.saturating_sub(1));
        kept.0.push_front(block);
        match kept.copy_to(self.file, offset, out) {
            Some(count) => Ok(count),
            // The block ended before: what lies there is read by itself.
            None => self.inner.read_at(offset, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::source::{Memory, Source};

    /// Bytes that count how often, and how much at most, they were read.
    struct Watched {
        bytes: Memory,
        reads: Rc<Cell<usize>>,
        /// Bytes given at most.
        most: usize,
    }

    impl ReadAt for Watched {
        fn len(&self) -> u64 {
            self.bytes.len()
        }

        fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
            self.reads.set(self.reads.get() + 1);
            let most = out.len().min(self.most);
            self.bytes.read_at(offset, &mut out[..most])
        }
    }

    fn byte(file: usize, at: usize) -> u8 {
        u8::try_from((at * (3 + file)) % 251).unwrap()
    }

    fn watched(lens: &[usize], most: usize) -> (Vec<Source>, Rc<Cell<usize>>) {
        let reads = Rc::new(Cell::new(0));
        let file = |(file, len): (usize, &usize)| -> Rc<dyn ReadAt> {
            let bytes = Memory::new((0..*len).map(|at| byte(file, at)).collect::<Vec<u8>>());
            Rc::new(Watched { bytes, reads: Rc::clone(&reads), most })
        };
        let files = Blocks::over(lens.iter().enumerate().map(file).collect());
        (files.into_iter().map(|file| Source::new("x", file)).collect(), reads)
    }

    #[test]
    fn neighbours_are_read_together_in_every_file() {
        let (files, reads) = watched(&[1 << 20, 700_001], usize::MAX);
        for at in (0..700_000_usize).step_by(97) {
            for (file, source) in files.iter().enumerate() {
                let expected: Vec<u8> = (at..(at + 130).min(700_001)).map(|at| byte(file, at)).collect();
                assert_eq!(source.bytes_at(at as u64, expected.len() as u64).unwrap(), expected, "{file} {at}");
            }
        }
        assert_eq!(reads.get(), 6, "three blocks of each");
    }

    #[test]
    fn what_is_as_long_as_a_block_is_read_by_itself() {
        let (files, reads) = watched(&[1 << 20], usize::MAX);
        assert_eq!(files[0].bytes_at(1000, BLOCK as u64).unwrap().len(), BLOCK);
        assert_eq!(files[0].bytes_at((1 << 20) - 5, 9).unwrap().len(), 5, "the end is the end");
        assert_eq!(reads.get(), 2);
    }

    #[test]
    fn no_more_than_some_blocks_are_kept_and_those_used_last() {
        let (files, reads) = watched(&[(KEPT + 8) * BLOCK], usize::MAX);
        let look = |block: usize| files[0].bytes_at((block * BLOCK) as u64, 1).unwrap();
        (0..KEPT).for_each(|block| drop(look(block)));
        look(0);
        assert_eq!(reads.get(), KEPT);
        look(KEPT);
        look(0);
        assert_eq!(reads.get(), KEPT + 1, "the first was used last");
        look(1);
        assert_eq!(reads.get(), KEPT + 2, "the second was not");
    }

    #[test]
    fn bytes_that_come_in_pieces_are_the_same() {
        let (files, _) = watched(&[600_000], 1000);
        for at in [0_usize, 999, 1000, 262_143, 262_144, 599_000] {
            let expected: Vec<u8> = (at..(at + 3000).min(600_000)).map(|at| byte(0, at)).collect();
            assert_eq!(files[0].bytes_at(at as u64, expected.len() as u64).unwrap(), expected, "{at}");
        }
    }
}
