//! The members of a torch zip, by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::archive::zip::{HiddenMember, Record};
use crate::error::Result;
use crate::format::python::Storages;
use crate::limits;
use crate::model::{Endian, Layer, Locator};
use crate::source::{Roots, Source};

/// Members below the root folder.
#[derive(Default)]
pub(super) struct Members {
    root: Option<String>,
    records: BTreeMap<Key, Member>,
    /// Members beside those that the loader reads: name, the way to its bytes.
    strays: Vec<(String, Vec<Layer>)>,
    is_big: bool,
}

/// A name below the root folder. Nearly all are `data/` and a number: a comparison of numbers finds them among many, and
/// keeps them in the order in which they were written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Of `data/number`; of any other name the largest.
    number: u64,
    /// Any other name.
    name: Box<str>,
}

impl Key {
    fn of(name: &str) -> Self {
        let digits = name.strip_prefix("data/").unwrap_or_default();
        let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            // What is written otherwise, as 007, is another name.
            Ok(number) if is_number && (digits == "0" || !digits.starts_with('0')) => {
                Self { number, name: Box::default() }
            }
            _ => Self { number: u64::MAX, name: name.into() },
        }
    }

    fn is_data(&self) -> bool {
        self.number < u64::MAX || self.name.starts_with("data/")
    }

    fn name(&self) -> Cow<'_, str> {
        if self.number < u64::MAX { format!("data/{}", self.number).into() } else { (&*self.name).into() }
    }
}

/// What is kept of a record.
struct Member {
    header: u64,
    stored: u64,
    size: u64,
    layers: Option<Vec<Layer>>,
    is_used: std::cell::Cell<bool>,
}

impl Members {
    /// Takes a record; says what is wrong with its place, and how bad that is. Names are looked up as PyTorch does, which
    /// takes large letters for small ones. Of two of one name the first counts, as with PyTorch 2.15.
    pub(super) fn take(&mut self, record: &Record) -> Option<(&'static str, String)> {
        if record.is_folder() {
            return None;
        }
        let (root, name) = record.name.split_once('/').unwrap_or(("", &record.name));
        if self.root.get_or_insert_with(|| root.to_owned()) != root {
            self.stray(record);
            let message = format!("{:?} is outside of the folder {:?}: PyTorch refuses that", record.name, self.root());
            return Some(("torch-second-root", message));
        }
        let key = Key::of(&name.to_ascii_lowercase());
        let is_twice = self.records.contains_key(&key);
        if !key.is_data() && &*key.name != "data.pkl" || is_twice {
            self.stray(record);
        }
        if is_twice {
            let message = format!("the name {:?} occurs more than once, the first one counts here", record.name);
            return Some(("zip-duplicate-name", message));
        }
        let is_plain = record.method == 0 && record.seal().is_none();
        let member = Member {
            header: record.header,
            stored: record.stored,
            size: record.size,
            layers: (!is_plain).then(|| record.layers_despite_flags()),
            is_used: false.into(),
        };
        self.records.insert(key, member);
        None
    }

    fn stray(&mut self, record: &Record) {
        if self.strays.len() < limits::PICKLE_HIDDEN {
            self.strays.push((record.name.clone(), record.layers_despite_flags()));
        }
    }

    /// Takes members that only their local headers know.
    pub(super) fn hide(&mut self, hidden: Vec<HiddenMember>) {
        self.strays.extend(hidden.into_iter().map(|member| (member.name, member.layers)));
    }

    /// Members in which the loader does not look for pickles: all but the pickle and the storages it leads to.
    pub(super) fn strays(&self) -> Vec<(String, Vec<Layer>)> {
        let listed = self.strays.iter().cloned();
        let unused = self.records.iter().filter(|(key, member)| key.is_data() && !member.is_used.get());
        let unused = unused.map(|(key, member)| (self.full(&key.name()), member.layers().0));
        listed.chain(unused.take(limits::PICKLE_HIDDEN)).collect()
    }

    /// The name of the root folder.
    pub(super) fn root(&self) -> &str {
        self.root.as_deref().unwrap_or_default()
    }

    /// `name` as the zip has it.
    pub(super) fn full(&self, name: &str) -> String {
        let root = self.root();
        if root.is_empty() { name.to_owned() } else { format!("{root}/{name}") }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.records.contains_key(&Key::of(name))
    }

    /// Whether any name begins so.
    pub(super) fn has_folder(&self, prefix: &str) -> bool {
        let from = Key { number: u64::MAX, name: prefix.into() };
        self.records.range(from..).next().is_some_and(|(key, _)| key.name.starts_with(prefix))
    }

    /// The way to a member, and its bytes.
    pub(super) fn layers(&self, name: &str) -> Option<(Vec<Layer>, u64)> {
        let member = self.records.get(&Key::of(name))?;
        member.is_used.set(true);
        Some(member.layers())
    }

    /// The bytes of a member.
    ///
    /// # Errors
    /// When its local header is none, or it cannot be read.
    pub(super) fn open(&self, file: &Source, name: &str) -> Result<Option<Source>> {
        let Some((layers, _)) = self.layers(name) else { return Ok(None) };
        Roots::new(vec![file.clone()]).open(&Locator::root(0).then(&layers)).map(Some)
    }

    /// A short text.
    ///
    /// # Errors
    /// As [`Members::open`].
    pub(super) fn text(&self, file: &Source, name: &str) -> Result<Option<String>> {
        const SHORT: u64 = 100;
        let Some(source) = self.open(file, name)? else { return Ok(None) };
        let bytes = source.bytes_at(0, SHORT)?;
        Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
    }

    pub(super) fn set_big(&mut self, is_big: bool) {
        self.is_big = is_big;
    }

    /// Storages that nothing leads to, and their bytes.
    pub(super) fn unused(&self) -> (u64, u64) {
        let data = self.records.iter().filter(|(key, member)| key.is_data() && !member.is_used.get());
        data.fold((0, 0), |(count, bytes), (_, member)| (count.saturating_add(1), bytes.saturating_add(member.stored)))
    }
}

impl Member {
    /// The way to its bytes, and how many they are.
    fn layers(&self) -> (Vec<Layer>, u64) {
        match &self.layers {
            None => (vec![Layer::ZipMember { header: self.header, len: self.stored }], self.stored),
            Some(layers) => (layers.clone(), self.size),
        }
    }
}

impl Storages for Members {
    fn find(&self, key: &str) -> Option<(Vec<Layer>, u64)> {
        self.layers(&format!("data/{}", key.to_ascii_lowercase()))
    }

    fn endian(&self) -> Endian {
        if self.is_big { Endian::Big } else { Endian::Little }
    }
}
