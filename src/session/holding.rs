//! What is known of tensors that were read before, so that comparing them need not read them again: the digests that the
//! identity of a checkpoint is made of, and those of whole entries from the verification.
//!
//! All of it is about bytes of what is open: what is closed takes its digests along. A CRC-32 that a container notes of a
//! member is none of them: too many contents have the same.

use std::collections::BTreeMap;

use super::{CheckpointRef, PickId, Session};
use crate::model::{Tensor, keyed};
use crate::tensor::Held;

/// What was found of tensors, by the pick, the entry's index in it, and the tensor's index in that.
#[derive(Debug, Default)]
pub(super) struct Holding(BTreeMap<(PickId, usize), Vec<Option<Held>>>);

/// What is known of a tensor.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// What was found when it was identified.
    pub(super) held: Option<&'a Held>,
    /// SHA-256 of the whole entry it is in, in hexadecimal.
    pub(super) entry: Option<&'a str>,
}

impl Holding {
    /// Keeps what was found of a tensor.
    pub(super) fn keep(&mut self, pick: PickId, (entry, tensor): (usize, usize), held: Held) {
        let of_entry = self.0.entry((pick, entry)).or_default();
        if of_entry.len() <= tensor {
            of_entry.resize(tensor.saturating_add(1), None);
        }
        if let Some(place) = of_entry.get_mut(tensor) {
            *place = Some(held);
        }
    }

    /// Drops what was found of a pick.
    pub(super) fn forget(&mut self, pick: PickId) {
        self.0.retain(|(own, _), _| *own != pick);
    }

    fn of(&self, pick: PickId, entry: usize) -> &[Option<Held>] {
        self.0.get(&(pick, entry)).map_or(&[], Vec::as_slice)
    }
}

impl Session {
    /// What is known of the tensors of a checkpoint that are `wanted`, in the order of [`CheckpointRef::tensors`].
    pub(super) fn known(&self, found: &CheckpointRef<'_>, wanted: impl Fn(&Tensor) -> bool) -> Vec<Known<'_>> {
        let pick = found.selection.pick;
        let place = self.picks.iter().position(|own| own.id == pick);
        let verified = self.verification.iter().flat_map(|verification| verification.sha256s());
        let verified = keyed(verified.filter(|((pick, _), _)| Some(*pick) == place).map(|((_, at), hex)| (at, hex)));
        let mut known = Vec::new();
        for (at, _, contents) in found.indexed_files() {
            let (held, entry) = (self.holding.of(pick, at), verified.get(&at).copied());
            let tensors = contents.map_or(&[][..], |contents| &contents.tensors);
            for (index, _) in tensors.iter().enumerate().filter(|(_, tensor)| wanted(tensor)) {
                known.push(Known { held: held.get(index).and_then(Option::as_ref), entry });
            }
        }
        known
    }
}
