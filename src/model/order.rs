//! Sorting and keyed collections whose code exists once. The standard library's are compiled anew for every element type,
//! about 4 kB each; the page uses thirty, and its bytes are the first load.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts, keeping the order of equal items.
pub fn order_by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let by_index = |a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    };
    let order = sort_indexes(items.len(), &mut { by_index });
    let mut slots: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| slots.get_mut(index)?.take()));
}

/// Sorts by a key, keeping the order of items with equal keys.
pub fn order_by_key<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    order_by(items, |a, b| key(a).cmp(&key(b)));
}

/// A map of pairs; of a repeated key the last value.
pub fn keyed<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// The different items.
pub fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// The one sort: where each place of the sorted order comes from.
#[inline(never)]
fn sort_indexes(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indexes: Vec<usize> = (0..len).collect();
    indexes.sort_by(|&a, &b| compare(a, b));
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (0, 'e')];
        order_by_key(&mut items, |item| item.0);
        assert_eq!(items, [(0, 'e'), (1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn sorts_as_the_standard_library() {
        let mut ours: Vec<u64> = (0..1000).map(|n: u64| n.wrapping_mul(2_654_435_761) % 257).collect();
        let mut theirs = ours.clone();
        order_by(&mut ours, |a, b| b.cmp(a));
        theirs.sort_by(|a, b| b.cmp(a));
        assert_eq!(ours, theirs);
    }

    #[test]
    fn the_last_of_a_repeated_key_stays() {
        assert_eq!(keyed([(1, 'a'), (2, 'b'), (1, 'c')].into_iter()), BTreeMap::from([(1, 'c'), (2, 'b')]));
        assert_eq!(distinct([3, 1, 3].into_iter()), BTreeSet::from([1, 3]));
    }
}
