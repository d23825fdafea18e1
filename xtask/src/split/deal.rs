//! Deals a module's functions out to the first part and the rest.

use super::module::Module;
use std::collections::{BTreeMap, BTreeSet};

/// Who goes where.
pub(super) struct Deal {
    /// The functions of the rest.
    pub(super) rest: BTreeSet<u32>,
    /// Those of them that the first part knows: it calls them, exports them, or they lie in the table. Each with the
    /// places in the table at which it is reached.
    pub(super) doors: BTreeMap<u32, Vec<u32>>,
    /// The size of the table with the places that were added.
    pub(super) table_size: u64,
    /// What the rest calls of the first part, imported functions too, in the order of the functions.
    pub(super) lent: Vec<u32>,
}

/// Which functions the rest gets, by their names.
pub(super) struct Rule {
    /// What a function of the rest mentions.
    pub(super) rest: &'static [&'static str],
    /// What sends it there whatever keeps others in the first part.
    pub(super) only_rest: &'static [&'static str],
    /// What is one function for many, under the name of any of them, so that this sends it nowhere.
    pub(super) shared: &'static [&'static str],
    /// What keeps it in the first part all the same.
    pub(super) first: &'static [&'static str],
    /// Functions of fewer bytes stay in the first part.
    pub(super) at_least: u64,
}

impl Rule {
    fn is_rest(&self, name: &str) -> bool {
        let mentions = |words: &[&str]| words.iter().any(|word| name.contains(word));
        mentions(self.only_rest) && !mentions(self.shared) || mentions(self.rest) && !mentions(self.first)
    }
}

impl Deal {
    /// By the rule; functions that only functions of the rest call follow them.
    pub(super) fn new(module: &Module, rule: &Rule) -> Self {
        let is_large = |function: &u32| module.size(*function) >= rule.at_least;
        let by_name = module.own().filter(is_large).filter(|function| rule.is_rest(&plain(module.name(*function))));
        let rest = followed(module, by_name.collect());
        let (doors, table_size) = doors(module, &rest);
        let called = rest.iter().flat_map(|function| module.calls_of(*function));
        let lent: BTreeSet<u32> = called.filter(|function| !rest.contains(function)).copied().collect();
        Self { rest, doors, table_size, lent: lent.into_iter().collect() }
    }

    /// The own functions of the first part, doors too, in their order.
    pub(super) fn kept(&self, module: &Module) -> impl Iterator<Item = u32> {
        module.own().filter(|function| !self.rest.contains(function) || self.doors.contains_key(function))
    }

    /// The bytes of the rest's functions.
    pub(super) fn size(&self, module: &Module) -> u64 {
        self.rest.iter().map(|function| module.size(*function)).sum()
    }
}

/// A name without the hashes of crates, `core[1f]::fmt` is `core::fmt`.
fn plain(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let (inside, after) = after.split_once(']').unwrap_or(("", after));
        if inside.len() < 8 || !inside.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            text.push('[');
            text.push_str(inside);
            text.push(']');
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn followed(module: &Module, mut rest: BTreeSet<u32>) -> BTreeSet<u32> {
    let mut callers: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for caller in module.own() {
        for called in module.calls_of(caller) {
            callers.entry(*called).or_default().push(caller);
        }
    }
    let known: BTreeSet<u32> = module.places.values().chain(&module.exported).copied().collect();
    loop {
        let follows = |function: &u32| {
            let callers = callers.get(function).map_or(&[][..], Vec::as_slice);
            let is_only_theirs = !callers.is_empty() && callers.iter().all(|caller| rest.contains(caller));
            !rest.contains(function) && !known.contains(function) && is_only_theirs
        };
        let more: Vec<u32> = module.own().filter(follows).collect();
        if more.is_empty() {
            return rest;
        }
        rest.extend(more);
    }
}

fn doors(module: &Module, rest: &BTreeSet<u32>) -> (BTreeMap<u32, Vec<u32>>, u64) {
    let firsts = module.own().filter(|function| !rest.contains(function));
    let called = firsts.flat_map(|function| module.calls_of(function).iter().copied());
    let known = called.chain(module.exported.iter().copied()).filter(|function| rest.contains(function));
    let mut doors: BTreeMap<u32, Vec<u32>> = known.map(|function| (function, Vec::new())).collect();
    for (place, function) in &module.places {
        if rest.contains(function) {
            doors.entry(*function).or_default().push(*place);
        }
    }
    let table = module.tables.get(module.table as usize);
    let mut size = table.map_or(0, |table| table.initial);
    for places in doors.values_mut().filter(|places| places.is_empty()) {
        places.push(u32::try_from(size).unwrap_or(u32::MAX));
        size += 1;
    }
    (doors, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_hashes_only() {
        assert_eq!(plain("<core[c5930c85a12de822]::A as b[0123456789abcdef]::B>::c"), "<core::A as b::B>::c");
        assert_eq!(plain("<[u8]>::f::<[(usize, f64)]>"), "<[u8]>::f::<[(usize, f64)]>");
    }
}
