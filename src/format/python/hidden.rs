//! Pickles where the loader of a file does not look: in bytes and texts of another pickle (as they are, in base64, in
//! zlib), behind it, in members and gaps of an archive. They run when something loads them, and scanners miss them.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::digest::from_base64;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, Finding, Layer, Locator};
use crate::pickle::{ESCAPED, Node, Program, find_marks, is_weights_only, suspect};
use crate::source::{Roots, Source};

/// Marks tried in bytes that belong to nothing.
const MARKS: usize = 100;

/// Where something is looked for.
#[derive(Clone, Copy)]
pub(in crate::format) struct Where<'a> {
    /// The entry of the file, when it is not the file itself.
    pub(in crate::format) entry: Option<&'a str>,
    /// For people: "behind the archive".
    pub(in crate::format) words: &'a str,
    /// Pickles around it.
    pub(in crate::format) depth: usize,
}

/// Bytes of an archive that belong to no member.
pub(in crate::format) const GAP: Where<'_> =
    Where { entry: None, words: "beside the members of the archive", depth: 0 };

/// Looks into the bytes and texts of `program`, which is `entry` of the file.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn inside(program: &Program, place: Where<'_>, contents: &mut Contents) -> Result<()> {
    if place.depth >= limits::PICKLE_HIDDEN_DEPTH {
        return Ok(());
    }
    let mut looked = 0_usize;
    for id in program.heap.ids() {
        let found = match program.heap.get(id) {
            Node::Bytes(span) | Node::LongText(span) if span.len > 3 => {
                let Some(source) = program.source.window(0, span.offset.saturating_add(span.len)) else { continue };
                looked = looked.saturating_add(1);
                bytes(&source, span.offset, place, contents)
            }
            Node::Text { text, at } if may_hide(text) => {
                let end = at.saturating_add(text.len() as u64);
                let written = program.source.window(0, end).filter(|_| *at != ESCAPED);
                let at = if written.is_some() { *at } else { program.pickle.offset };
                self::text(text, (written, at), place, contents)
            }
            _ => Ok(()),
        };
        found?;
        if looked > limits::PICKLE_HIDDEN {
            let message =
                format!("only the first {} bytes objects were looked into for pickles", limits::PICKLE_HIDDEN);
            contents.findings.push(Finding::note("pickle-hidden-limit", message).at(program.pickle.offset));
            break;
        }
    }
    Ok(())
}

/// Looks at the bytes from `offset` of `source` on: a pickle, or something packed that is one.
fn bytes(source: &Source, offset: u64, place: Where<'_>, contents: &mut Contents) -> Result<()> {
    let words = format!("in bytes at {offset}");
    if look(source, offset, Where { words: &words, ..place }, contents)? {
        return Ok(());
    }
    let head = source.bytes_at(offset, 4)?;
    if matches!(head.as_slice(), [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
        let packed = source.bytes_at(offset, limits::PICKLE_HIDDEN_BYTES)?;
        let mut plain = Vec::new();
        // What was inflated before the stream broke is looked at too.
        let _broken = ZlibDecoder::new(packed.as_slice()).take(limits::PICKLE_HIDDEN_BYTES).read_to_end(&mut plain);
        return unpacked(plain, &format!("{words}, inflated"), place, contents);
    }
    if is_base64_pickle(&head) {
        let packed = source.bytes_at(offset, limits::PICKLE_HIDDEN_BYTES)?;
        return unpacked(from_base64(&packed), &format!("{words}, decoded from base64"), place, contents);
    }
    Ok(())
}

/// Looks at a text: a pickle of protocol 0, one in base64, or bytes that were written as text. It stands at `at` of the
/// source, when there is one.
fn text(text: &str, (written, at): (Option<Source>, u64), place: Where<'_>, contents: &mut Contents) -> Result<()> {
    let head = text.as_bytes();
    if text.starts_with('\u{80}') {
        let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
        return unpacked(bytes.unwrap_or_default(), &format!("in bytes written as text at {at}"), place, contents);
    }
    if is_base64_pickle(head) {
        return unpacked(from_base64(head), &format!("in text at {at}, decoded from base64"), place, contents);
    }
    if matches!(head.first(), Some(b'c' | b'(')) && head.contains(&b'\n') {
        let words = format!("in text at {at}");
        return match written {
            Some(source) => look(&source, at, Where { words: &words, ..place }, contents).map(drop),
            None => unpacked(head.to_vec(), &words, place, contents),
        };
    }
    Ok(())
}

/// Whether a text is worth looking at: nearly none is, and there may be millions.
fn may_hide(text: &str) -> bool {
    let first = text.as_bytes().first();
    text.len() > 3 && (matches!(first, Some(b'c' | b'(' | b'g' | b'K' | b'Y')) || text.starts_with('\u{80}'))
}

fn unpacked(bytes: Vec<u8>, words: &str, place: Where<'_>, contents: &mut Contents) -> Result<()> {
    look(&Source::memory("", bytes), 0, Where { words, ..place }, contents).map(drop)
}

/// How base64 of a pickle begins, of protocols 2 to 5 and of `c`, `(c`, `(S`.
fn is_base64_pickle(head: &[u8]) -> bool {
    let starts = [b"gAJ", b"gAN", b"gAS", b"gAR", b"gAU", b"gAV", b"KGM", b"KFM", b"Y29", b"Y3B", b"Y19"];
    starts.iter().any(|start| head.starts_with(*start))
}

/// Takes the pickle at `offset` of `source` over, when there is one; then what is in it is looked at too.
///
/// # Errors
/// When the file cannot be read.
fn look(source: &Source, offset: u64, place: Where<'_>, contents: &mut Contents) -> Result<bool> {
    let is_room = contents.pickles.len() < limits::FINDINGS;
    let Some(mut program) = suspect(source, offset)?.filter(|_| is_room) else { return Ok(false) };
    program.pickle.entry = place.entry.map(str::to_owned);
    program.pickle.hidden = Some(place.words.to_owned());
    let is_constants = offset == 0 && place.entry.is_some_and(|entry| entry.ends_with("constants.pkl"));
    let message = format!("a pickle {}, where the usual loader of the file does not look", place.words);
    let finding = match program.pickle.imports.iter().all(|import| is_weights_only(&import.module, &import.name)) {
        true => Finding::note("pickle-hidden", message).at(offset),
        false => Finding::warning("pickle-hidden", message).at(offset),
    };
    contents.findings.extend((!is_constants).then(|| match place.entry {
        Some(entry) => finding.in_entry(entry),
        None => finding,
    }));
    contents.pickles.push(program.pickle.clone());
    let depth = place.depth.saturating_add(1);
    inside(&program, Where { depth, ..place }, contents)?;
    Ok(true)
}

/// Looks into `members` of the archive `file` that its loader does not unpickle.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::format) fn members(
    file: &Source,
    members: Vec<(String, Vec<Layer>)>,
    contents: &mut Contents,
) -> Result<()> {
    let roots = Roots::new(vec![file.clone()]);
    for (name, layers) in members {
        let place = Where { entry: Some(&name), words: "in a member of another kind", depth: 0 };
        let looked = roots.open(&Locator::root(0).then(&layers)).and_then(|source| look(&source, 0, place, contents));
        // What else is wrong with the member is told elsewhere.
        if let Err(error @ Error::Io { .. }) = looked {
            return Err(error);
        }
    }
    Ok(())
}

/// Looks for marks of pickles from `from` to `to` of `source`, bytes that belong to nothing.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::format) fn stray(
    source: &Source,
    (from, to): (u64, u64),
    place: Where<'_>,
    contents: &mut Contents,
) -> Result<()> {
    let Some(bounded) = source.window(0, to.min(source.len())) else { return Ok(()) };
    let mut next = from;
    if look(&bounded, from, place, contents)? {
        next = ending(contents, from);
    }
    let bytes = bounded.bytes_at(from, limits::PICKLE_HIDDEN_BYTES)?;
    for mark in find_marks(&bytes).take(MARKS) {
        let at = from.saturating_add(mark as u64);
        if at >= next && look(&bounded, at, place, contents)? {
            next = ending(contents, at);
        }
    }
    Ok(())
}

/// Where the pickle that begins at `at` ends.
fn ending(contents: &Contents, at: u64) -> u64 {
    let found = contents.pickles.iter().rev().find(|pickle| pickle.hidden.is_some() && pickle.offset == at);
    found.map_or(at, |pickle| at.saturating_add(pickle.len.max(1)))
}
