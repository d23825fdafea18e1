//! The bytes of one item on their way into a lane of the hasher.

use std::io::{self, Cursor, Read};
use std::task::Poll;

use crate::digest::{Bundle, Lane};
use crate::error::{Error, Result};
use crate::model::Hashed;
use crate::source::{Flow, Roots};

/// Shortest item that is worth a flow: setting one up costs as much as reading a few blocks at positions.
const WORTH_A_FLOW: u64 = 4 << 20;

/// The bytes of one item, front to back.
pub(super) struct Feed {
    bytes: Bytes,
    expected: u64,
    read: u64,
}

enum Bytes {
    Read(Box<dyn Read>),
    Flow(Box<dyn Flow>),
}

impl Feed {
    /// The bytes of an item's parts, one after the other.
    ///
    /// # Errors
    /// When a part leads nowhere, or to bytes that are not read.
    pub(super) fn open(roots: &Roots, item: &[Hashed]) -> Result<Self> {
        let expected = len_of(roots, item);
        let flow = match item {
            [part] if part.before.is_empty() && expected >= WORTH_A_FLOW => roots.flow(&part.locator),
            _ => None,
        };
        let bytes = match flow {
            Some(flow) => Bytes::Flow(flow),
            None => Bytes::Read(stream(roots, item)?),
        };
        Ok(Self { bytes, expected, read: 0 })
    }

    /// Moves the next bytes into `lane` and says how many; 0 at the end, which must be where it was promised. What is
    /// read at positions goes through `block`.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn pour(&mut self, bundle: &mut Bundle, lane: Lane, block: &mut [u8]) -> Poll<Result<u64>> {
        let poured = match &mut self.bytes {
            Bytes::Read(bytes) => read_full(bytes, block).inspect(|&filled| {
                bundle.feed(lane, block.get(..filled).unwrap_or_default());
            }),
            Bytes::Flow(flow) => match flow.poll() {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(len)) if len > 0 => {
                    flow.take(bundle.room(lane, len));
                    Ok(len)
                }
                Poll::Ready(ended) => ended,
            },
        };
        Poll::Ready(match poured {
            Ok(0) if self.read < self.expected => Err(self.ends_early()),
            Ok(len) => {
                self.read = self.read.saturating_add(len as u64);
                Ok(len as u64)
            }
            Err(cause) => Err(Error::io("the file", self.read, cause)),
        })
    }

    fn ends_early(&self) -> Error {
        let missing = self.expected.saturating_sub(self.read);
        Error::malformed("file", self.read, format!("{missing} of {} bytes are missing at the end", self.expected))
    }
}

/// Bytes of an item.
pub(super) fn len_of(roots: &Roots, item: &[Hashed]) -> u64 {
    let len = |part: &Hashed| roots.len_of(&part.locator).saturating_add(part.before.len() as u64);
    item.iter().map(len).fold(0, u64::saturating_add)
}

fn stream(roots: &Roots, item: &[Hashed]) -> Result<Box<dyn Read>> {
    let mut whole: Option<Box<dyn Read>> = None;
    for part in item {
        let bytes = roots.stream(&part.locator)?;
        let before = Cursor::new(part.before.clone().into_bytes());
        whole = Some(match whole {
            None if part.before.is_empty() => bytes,
            None => Box::new(before.chain(bytes)),
            Some(whole) => Box::new(whole.chain(before).chain(bytes)),
        });
    }
    Ok(whole.unwrap_or_else(|| Box::new(io::empty())))
}

/// Fills `block` as far as the bytes go.
fn read_full(bytes: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest)? {
            0 => break,
            read => filled = filled.saturating_add(read),
        }
    }
    Ok(filled)
}
