//! Walks the headers of a tar without doing any reading: it says what it needs, its driver brings it. So the same code
//! walks a file, jumping from header to header, and a gzip stream, which can only go forward.

use tar::{EntryType, Header};

use super::block::{self, Block, checksum, pax_records};
use super::kinds::{has_data, not_followed};
use super::lies;
use super::pending::Pending;
use crate::archive::path::Distinct;
use crate::archive::{ArchiveMember, Listed};
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Layer, Seal};

/// What the walker needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// `len` bytes at `offset`, never before the last need.
    Bytes {
        /// From the start of the tar.
        offset: u64,
        /// How many; fewer when the tar ends before.
        len: u64,
    },
    /// Nothing: the archive has ended.
    Nothing,
}

/// What the bytes asked for are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Header,
    /// A further block of holes, and the size of the data behind the last one.
    Holes,
    LongName,
    LongLink,
    Pax,
    GlobalPax,
    /// What stands behind the end of the archive.
    Rest,
    Nothing,
}

/// The state of a walk.
pub(crate) struct Walker {
    /// Where the bytes asked for are.
    at: u64,
    len: u64,
    expect: Expect,
    pending: Pending,
    /// Size of the sparse member whose holes are being skipped.
    sparse_size: u64,
    /// The block of zeros that ended the archive.
    end_at: u64,
    /// The first header that is not an extension of the next one: where a member starts, for findings.
    header_at: u64,
    distinct: Distinct,
}

impl Walker {
    pub(crate) fn new() -> Self {
        Self {
            at: 0,
            len: block::SIZE,
            expect: Expect::Header,
            pending: Pending::default(),
            sparse_size: 0,
            end_at: 0,
            header_at: 0,
            distinct: Distinct::default(),
        }
    }

    /// What to bring.
    pub(crate) fn need(&self) -> Need {
        match self.expect {
            Expect::Nothing => Need::Nothing,
            _ => Need::Bytes { offset: self.at, len: self.len },
        }
    }

    /// Takes what was asked for; fewer bytes mean that the tar ends there.
    ///
    /// # Errors
    /// When there are too many members.
    pub(crate) fn take(&mut self, bytes: &[u8], listed: &mut Listed) -> Result<()> {
        if self.expect == Expect::Rest {
            self.rest(bytes, listed);
            return Ok(());
        }
        if (bytes.len() as u64) < self.len {
            self.cut_off(bytes.len() as u64, listed);
            return Ok(());
        }
        match self.expect {
            Expect::Header => match bytes.first_chunk() {
                Some(block) => self.header(block, listed)?,
                None => self.expect = Expect::Nothing,
            },
            Expect::Holes if bytes.get(504) == Some(&1) => self.ask(Expect::Holes, self.end_of_block(), block::SIZE),
            Expect::Holes => self.skip(self.sparse_size),
            Expect::LongName => self.extend(|pending, bytes| pending.path = Some(until_nul(bytes)), bytes),
            Expect::LongLink => self.extend(|pending, bytes| pending.link = Some(until_nul(bytes)), bytes),
            Expect::Pax => {
                let whole = pax_records(bytes).1;
                if !whole {
                    let message = "a PAX header has a damaged record; the records after it are not used";
                    listed.add(Finding::error("tar-pax", message).at(self.at));
                }
                self.extend(Pending::apply_pax, bytes);
            }
            Expect::GlobalPax => {
                lies::global(bytes).into_iter().for_each(|finding| listed.add(finding.at(self.at)));
                self.extend(|_, _| (), bytes);
            }
            Expect::Rest | Expect::Nothing => {}
        }
        Ok(())
    }

    /// The source ended at the last need, with `available` bytes of it there.
    fn cut_off(&mut self, available: u64, listed: &mut Listed) {
        let what = match self.expect {
            Expect::Header if available == 0 && self.pending.is_something() => "the header of a long name's member",
            Expect::Header if available == 0 && self.at > 0 => {
                let message = "the archive ends without its two closing blocks of zeros";
                listed.add(Finding::note("tar-no-end", message).at(self.at));
                self.expect = Expect::Nothing;
                return;
            }
            Expect::Header => "a header",
            Expect::Holes => "the map of a sparse file",
            _ => "an extension header",
        };
        let missing = self.len.saturating_sub(available);
        let message = format!("the archive is cut off: {what} takes {} bytes, {missing} are missing", self.len);
        listed.add(Finding::error("tar-truncated", message).at(self.at));
        self.expect = Expect::Nothing;
    }

    /// Looks at what follows the first block of zeros, which ends an archive. Members there are walked too: `tar -i` and
    /// whoever concatenates archives read on.
    fn rest(&mut self, bytes: &[u8], listed: &mut Listed) {
        let next = self.at.saturating_add(self.len);
        let is_near = next.saturating_sub(self.end_at) <= limits::TAR_ZEROS;
        match lies::behind(bytes) {
            None if is_near && bytes.len() as u64 == self.len => self.ask(Expect::Rest, next, self.len),
            None => self.expect = Expect::Nothing,
            Some((offset, is_header)) => {
                let at = self.at.saturating_add(offset);
                listed.add(lies::trailing(is_header).at(at));
                self.ask(if is_header { Expect::Header } else { Expect::Nothing }, at, block::SIZE);
            }
        }
    }

    fn ask(&mut self, expect: Expect, at: u64, len: u64) {
        (self.expect, self.at, self.len) = (expect, at, len);
    }

    fn end_of_block(&self) -> u64 {
        self.at.saturating_add(block::SIZE)
    }

    /// Goes on behind `size` bytes of data that follow the current block.
    fn skip(&mut self, size: u64) {
        let next = self.end_of_block().saturating_add(padded(size));
        self.ask(Expect::Header, next, block::SIZE);
    }

    /// Uses the body of an extension header, and goes on behind it.
    fn extend(&mut self, apply: impl FnOnce(&mut Pending, &[u8]), body: &[u8]) {
        apply(&mut self.pending, body);
        let next = self.at.saturating_add(padded(self.len));
        self.ask(Expect::Header, next, block::SIZE);
    }

    fn header(&mut self, bytes: &Block, listed: &mut Listed) -> Result<()> {
        if block::is_zero(bytes) {
            self.end_at = self.at;
            self.ask(Expect::Rest, self.end_of_block(), lies::REST);
            return Ok(());
        }
        if let Err((claimed, sum)) = checksum(bytes) {
            let claimed = claimed.map_or_else(|| "no number".to_owned(), |claimed| claimed.to_string());
            let message =
                format!("a header has checksum {claimed}, its bytes add up to {sum}; nothing after it is listed");
            listed.add(Finding::error("tar-header", message).at(self.at));
            self.expect = Expect::Nothing;
            return Ok(());
        }
        let header = Header::from_byte_slice(bytes);
        let Ok(size) = header.entry_size() else {
            let message = "a header's size is not a number; nothing after it is listed";
            listed.add(Finding::error("tar-header", message).at(self.at));
            self.expect = Expect::Nothing;
            return Ok(());
        };
        let kind = header.entry_type();
        let extension = match kind {
            EntryType::GNULongName => Expect::LongName,
            EntryType::GNULongLink => Expect::LongLink,
            EntryType::XHeader => Expect::Pax,
            EntryType::XGlobalHeader => Expect::GlobalPax,
            _ => {
                self.header_at = self.at;
                return self.member(header, kind, size, listed);
            }
        };
        limits::check("tar extension header", limits::TAR_EXTENSION, size)?;
        self.ask(extension, self.end_of_block(), size);
        if size == 0 {
            self.ask(Expect::Header, self.at, block::SIZE);
        }
        Ok(())
    }

    fn member(&mut self, header: &Header, kind: EntryType, size: u64, listed: &mut Listed) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        for finding in pending.lies(header, size) {
            listed.add(finding.at(self.header_at));
        }
        let size = if has_data(kind) { pending.size.unwrap_or(size) } else { 0 };
        let raw = pending.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let raw = String::from_utf8_lossy(&raw);
        let link = pending.link.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        if kind.is_file() || kind == EntryType::Continuous || kind == EntryType::GNUSparse {
            if !raw.ends_with('/') {
                let sparse = pending.sparse || kind == EntryType::GNUSparse;
                self.file(&raw, size, sparse, listed)?;
            }
        } else if !kind.is_dir() {
            let target = link.map(|link| String::from_utf8_lossy(&link).into_owned());
            if let Some(target) = target.as_deref().filter(|_| kind.is_symlink()) {
                listed.link(&raw, target);
            }
            listed.add(not_followed(&raw, kind, target.as_deref()).at(self.header_at));
        }
        if kind == EntryType::GNUSparse && header.as_gnu().is_some_and(tar::GnuHeader::is_extended) {
            self.sparse_size = size;
            self.ask(Expect::Holes, self.end_of_block(), block::SIZE);
        } else {
            self.skip(size);
        }
        Ok(())
    }

    fn file(&mut self, raw: &str, size: u64, sparse: bool, listed: &mut Listed) -> Result<()> {
        limits::check("entries", limits::ENTRIES, listed.members.len() as u64)?;
        let Some(path) = listed.name(&mut self.distinct, "tar", raw, self.header_at) else { return Ok(()) };
        let mut layer = Layer::Window { offset: self.end_of_block(), len: size };
        if sparse {
            let message = format!("{path} is stored as a file with holes, not read");
            listed.add(Finding::warning("tar-sparse", message).in_entry(&path).at(self.header_at));
            layer = Layer::Sealed(Seal::Sparse);
        }
        listed.members.push(ArchiveMember { path, size, layers: vec![layer], crc32: None });
        Ok(())
    }
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take_while(|&byte| byte != 0).collect()
}

/// Data is padded to whole blocks.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(block::SIZE).unwrap_or(u64::MAX)
}
