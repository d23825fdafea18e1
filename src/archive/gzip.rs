//! gzip (RFC 1952): a compressed tar is listed as if it were the tar itself, anything else is one file.
//!
//! A gzip stream does not say how long it is, so it is inflated once from front to back, in steps; a tar in it is
//! walked on the way. Concatenated members are one stream. Ignored: header fields except the file's name.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::GzDecoder;

use super::path::clean;
use super::tar::{Need, Walker, cut_members, is_tar};
use super::{Archive, ArchiveMember, Listed, Listing};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Finding, Layer, base_name};
use crate::source::Source;

/// Inflated bytes of one step: about 8 ms.
const STEP: u64 = 2 << 20;
/// Inflated bytes looked at to tell a tar.
const LOOK: usize = 512;

/// The gzip container.
pub(super) struct Gzip;

impl Archive for Gzip {
    fn id(&self) -> &'static str {
        "gzip"
    }

    fn name(&self) -> &'static str {
        "gzip stream"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gz", "tgz"]
    }

    fn probe(&self, source: &Source) -> Option<String> {
        let head = source.bytes_at(0, 3).ok()?;
        (head == [0x1f, 0x8b, 8]).then(|| "starts with 1f 8b".to_owned())
    }

    fn list(&self, source: Source) -> Result<Box<dyn Listing>> {
        Ok(Box::new(GzipListing::new(source)))
    }
}

/// The compressed side: how far it was read, and what the environment said when it failed.
struct Watched {
    source: Source,
    at: Rc<Cell<u64>>,
    failure: Rc<RefCell<Option<io::Error>>>,
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.source.read(out) {
            Ok(count) => {
                self.at.set(self.at.get().saturating_add(count as u64));
                Ok(count)
            }
            Err(cause) => {
                let told = io::Error::new(cause.kind(), cause.to_string());
                self.failure.replace(Some(cause));
                Err(told)
            }
        }
    }
}

/// A gzip stream being inflated.
struct GzipListing {
    name: String,
    stored_name: Option<String>,
    /// `None` behind the last member.
    decoder: Option<GzDecoder<BufReader<Watched>>>,
    /// The compressed side, to look back.
    watched: Source,
    at: Rc<Cell<u64>>,
    failure: Rc<RefCell<Option<io::Error>>>,
    /// Inflated so far, and of the current member.
    size: u64,
    member_size: u64,
    /// Members inflated before the current one.
    members: u64,
    /// Inflated bytes that the walker asked for.
    collected: Vec<u8>,
    walker: Option<Walker>,
    inner: Listed,
    looked: bool,
}

impl GzipListing {
    fn new(source: Source) -> Self {
        let (at, failure) = (Rc::default(), Rc::default());
        let name = source.name().to_owned();
        let stored_name = stored_name(&source);
        let back = source.clone();
        let watched = Watched { source, at: Rc::clone(&at), failure: Rc::clone(&failure) };
        let decoder = Some(GzDecoder::new(BufReader::with_capacity(64 << 10, watched)));
        Self {
            name,
            stored_name,
            decoder,
            watched: back,
            at,
            failure,
            size: 0,
            member_size: 0,
            members: 0,
            collected: Vec::new(),
            walker: None,
            inner: Listed::default(),
            looked: false,
        }
    }

    /// Inflates up to `most` bytes, to keep or to drop; 0 at the end of the stream, damaged or not.
    fn inflate(&mut self, most: u64, keep: bool) -> Result<u64> {
        let mut scratch = [0_u8; 16 << 10];
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(scratch.len());
        let part = scratch.get_mut(..most).unwrap_or_default();
        while let Some(decoder) = &mut self.decoder {
            match decoder.read(part) {
                Ok(0) => self.next_member()?,
                Ok(count) => {
                    if keep {
                        self.collected.extend_from_slice(part.get(..count).unwrap_or_default());
                    }
                    self.size = self.size.saturating_add(count as u64);
                    self.member_size = self.member_size.saturating_add(count as u64);
                    return Ok(count as u64);
                }
                Err(cause) => self.broken(&cause)?,
            }
        }
        Ok(0)
    }

    /// Goes on with the member behind the current one, when there is one.
    fn next_member(&mut self) -> Result<()> {
        let Some(mut rest) = self.decoder.take().map(GzDecoder::into_inner) else { return Ok(()) };
        match rest.fill_buf().map(|bytes| bytes.first().copied()) {
            Ok(None) => {}
            Ok(Some(0x1f)) => {
                self.members = self.members.saturating_add(1);
                self.member_size = 0;
                self.decoder = Some(GzDecoder::new(rest));
            }
            Ok(Some(_)) => self.trailing(rest.buffer().len() as u64),
            Err(cause) => self.broken(&cause)?,
        }
        Ok(())
    }

    /// The stream ends here, `ahead` bytes before what was read of the file.
    fn trailing(&mut self, ahead: u64) {
        let at = self.at.get().saturating_sub(ahead);
        let message = format!("the stream ends at byte {at}; what follows is not gzip");
        self.inner.add(Finding::warning("gzip-trailing", message).at(at));
    }

    /// The stream cannot be inflated any further.
    fn broken(&mut self, cause: &io::Error) -> Result<()> {
        let ahead = self.decoder.take().map_or(0, |decoder| decoder.get_ref().buffer().len() as u64);
        let at = self.at.get().saturating_sub(ahead);
        if let Some(failure) = self.failure.take() {
            return Err(Error::io(&self.name, self.at.get(), failure));
        }
        let size = self.size;
        let finding = if self.members > 0 && self.member_size == 0 {
            Finding::warning(
                "gzip-trailing",
                format!("the stream ends after {size} inflated bytes; what follows is not gzip"),
            )
        } else if cause.to_string().contains("checksum") {
            // All of it was inflated: what does not fit are the eight bytes behind it (RFC 1952, 2.3.1).
            let tail = self.watched.bytes_at(at.saturating_sub(4), 4).unwrap_or_default();
            let claimed = tail.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            let found = self.member_size & u64::from(u32::MAX);
            let message = if u64::from(claimed) == found {
                format!("the CRC behind the stream is not that of its {} bytes", self.member_size)
            } else {
                format!("the trailer says {claimed} bytes, the stream has {}", self.member_size)
            };
            Finding::error("gzip-trailer", message)
        } else if cause.kind() == io::ErrorKind::UnexpectedEof {
            Finding::error("gzip-truncated", format!("the stream is cut off after {size} inflated bytes"))
        } else {
            Finding::error("gzip-damaged", format!("the stream breaks after {size} inflated bytes: {cause}"))
        };
        self.inner.add(finding.at(at));
        Ok(())
    }

    /// Inflates some more for the walker, or only to count; false at the end of the stream.
    fn advance(&mut self) -> Result<bool> {
        let need = self.walker.as_ref().map_or(Need::Nothing, Walker::need);
        let Need::Bytes { offset, len } = need else { return Ok(self.inflate(u64::MAX, false)? > 0) };
        let missing = len.saturating_sub(self.collected.len() as u64);
        let ended = match offset.checked_sub(self.size.saturating_sub(self.collected.len() as u64)) {
            Some(gap) if gap > 0 => self.inflate(gap, false)? == 0,
            _ if missing > 0 => self.inflate(missing, true)? == 0,
            _ => false,
        };
        let complete = self.collected.len() as u64 >= len;
        if let Some(walker) = self.walker.as_mut().filter(|_| ended || complete) {
            let bytes = std::mem::take(&mut self.collected);
            walker.take(&bytes, &mut self.inner)?;
        }
        Ok(!ended)
    }

    /// Whether so little inflated to so much that going on is of no use; told once.
    fn is_bomb(&mut self) -> bool {
        let (read, size) = (self.at.get().max(1), self.size);
        let is_bomb = size > limits::GUNZIP && size > read.saturating_mul(limits::GUNZIP_RATIO);
        if is_bomb {
            let message = format!(
                "{read} compressed bytes inflated to {size}, more than {} : 1: what follows is not looked at",
                limits::GUNZIP_RATIO
            );
            self.inner.add(Finding::error("gzip-expansion", message).at(read));
        }
        is_bomb
    }

    /// Reads the first bytes and tells a tar by them.
    fn look(&mut self) -> Result<()> {
        while self.collected.len() < LOOK {
            let missing = LOOK.saturating_sub(self.collected.len());
            if self.inflate(missing as u64, true)? == 0 {
                break;
            }
        }
        self.looked = true;
        if is_tar(&self.collected) {
            self.walker = Some(Walker::new());
        } else {
            self.collected.clear();
        }
        Ok(())
    }

    /// Hands over what was found, now that the size of the stream is known.
    fn finish(&mut self, listed: &mut Listed) {
        let gunzip = Layer::Gunzip { size: self.size };
        if self.walker.is_some() {
            cut_members(&mut self.inner, self.size);
        } else {
            let path = self.single_name();
            self.inner.members.push(ArchiveMember { path, size: self.size, layers: Vec::new(), crc32: None });
        }
        for mut member in self.inner.members.drain(..) {
            member.layers.insert(0, gunzip);
            listed.members.push(member);
        }
        std::mem::take(&mut self.inner.findings).into_iter().for_each(|finding| listed.add(finding));
    }

    /// The name of the file itself without `.gz`, else the name in the gzip header.
    fn single_name(&self) -> String {
        let outer = base_name(&self.name);
        let stem = outer.strip_suffix(".gz").filter(|stem| !stem.is_empty());
        let stored = self.stored_name.as_deref().map(base_name).filter(|name| !name.is_empty());
        clean(stem.or(stored).unwrap_or(outer)).path
    }
}

/// The file name in the gzip header, which is Latin-1.
fn stored_name(source: &Source) -> Option<String> {
    let head = source.bytes_at(0, 64 << 10).ok()?;
    let decoder = GzDecoder::new(head.as_slice());
    let name = decoder.header()?.filename()?.iter().map(|&byte| char::from(byte)).collect::<String>();
    Some(clean(&name).path)
}

impl Listing for GzipListing {
    fn step(&mut self, listed: &mut Listed) -> Result<bool> {
        if !self.looked {
            self.look()?;
        }
        let until = self.size.saturating_add(STEP);
        while self.size < until {
            if self.is_bomb() || !self.advance()? {
                self.finish(listed);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn position(&self) -> u64 {
        self.at.get()
    }
}
