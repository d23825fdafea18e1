//! The dropped files of one pick, and the way from a [`Locator`] to its bytes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use super::{Flow, Inflated, Source, Wrapping, zip_member};
use crate::error::{Error, Result};
use crate::model::{Layer, Locator, Seal};

/// Inflated streams kept for reuse: an outer archive and a member of it.
const KEPT: usize = 2;

/// Dropped files, by index.
#[derive(Default)]
pub struct Roots {
    files: Vec<Source>,
    inflated: RefCell<VecDeque<(Locator, Source)>>,
}

impl Roots {
    /// The files of one pick, in the order of their indexes.
    pub fn new(files: Vec<Source>) -> Self {
        Self { files, inflated: RefCell::default() }
    }

    /// The dropped files.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// Random access to what `locator` leads to.
    ///
    /// # Errors
    /// [`Error::Malformed`] when a window does not fit what it is in.
    pub fn open(&self, locator: &Locator) -> Result<Source> {
        let mut walked = Locator::root(locator.root);
        let mut source = self.file(locator.root)?;
        for layer in &locator.layers {
            walked.layers.push(*layer);
            source = match layer {
                Layer::Window { offset, len } => window(&source, *offset, *len)?,
                Layer::Inflate { size } => self.inflated(&walked, &source, Wrapping::Deflate, *size),
                Layer::Gunzip { size } => self.inflated(&walked, &source, Wrapping::Gzip, *size),
                Layer::ZipMember { header, len } => zip_member::open(&source, *header, *len)?,
                Layer::Sealed(seal) => return Err(sealed(*seal)),
            };
        }
        Ok(source)
    }

    /// The same bytes from front to back, without keeping what a last compressed step inflates.
    ///
    /// # Errors
    /// As [`Roots::open`].
    pub fn stream(&self, locator: &Locator) -> Result<Box<dyn Read>> {
        let Some((last, outer)) = locator.layers.split_last() else { return Ok(Box::new(self.file(locator.root)?)) };
        let outer = self.open(&Locator { root: locator.root, layers: outer.to_vec() })?;
        Ok(match last {
            Layer::Window { offset, len } => Box::new(window(&outer, *offset, *len)?),
            Layer::Inflate { size } => Box::new(Wrapping::Deflate.decoder(outer).take(*size)),
            Layer::Gunzip { size } => Box::new(Wrapping::Gzip.decoder(outer).take(*size)),
            Layer::ZipMember { header, len } => Box::new(zip_member::open(&outer, *header, *len)?),
            Layer::Sealed(seal) => return Err(sealed(*seal)),
        })
    }

    /// The same bytes as they come, where nothing has to be inflated and the environment can do it.
    pub fn flow(&self, locator: &Locator) -> Option<Box<dyn Flow>> {
        if locator.is_compressed() { None } else { self.open(locator).ok()?.flow() }
    }

    /// Bytes that `locator` leads to, as its last step claims.
    pub fn len_of(&self, locator: &Locator) -> u64 {
        match locator.layers.last() {
            Some(Layer::Window { len, .. } | Layer::ZipMember { len, .. }) => *len,
            Some(Layer::Sealed(_)) => 0,
            Some(Layer::Inflate { size } | Layer::Gunzip { size }) => *size,
            None => self.file(locator.root).map_or(0, |file| file.len()),
        }
    }

    fn file(&self, root: u32) -> Result<Source> {
        let found = usize::try_from(root).ok().and_then(|at| self.files.get(at));
        found.cloned().ok_or_else(|| Error::Refused { what: format!("file {root} was not opened") })
    }

    fn inflated(&self, walked: &Locator, outer: &Source, wrapping: Wrapping, size: u64) -> Source {
        let mut kept = self.inflated.borrow_mut();
        if let Some((_, source)) = kept.iter().find(|(locator, _)| locator == walked) {
            return source.clone();
        }
        let source = Source::new(outer.name(), Rc::new(Inflated::new(outer.clone(), wrapping, size)));
        kept.truncate(KEPT.saturating_sub(1));
        kept.push_front((walked.clone(), source.clone()));
        source
    }
}

fn window(source: &Source, offset: u64, len: u64) -> Result<Source> {
    source.window(offset, len).ok_or_else(|| {
        let end = offset.saturating_add(len);
        Error::malformed("archive", offset, format!("the entry ends at byte {end}, the file at byte {}", source.len()))
    })
}

fn sealed(seal: Seal) -> Error {
    match seal {
        Seal::Encrypted => Error::Unsupported { format: "zip", feature: "encryption".to_owned() },
        Seal::Method(number) => Error::Unsupported { format: "zip", feature: format!("compression method {number}") },
        Seal::Sparse => Error::Unsupported { format: "tar", feature: "a file with holes".to_owned() },
        Seal::Expansion => Error::Refused { what: "a member that claims to inflate to more than it can".to_owned() },
    }
}
