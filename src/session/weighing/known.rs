//! Tensors that need not be read on both sides, because their digests say what would be found.

use super::item::{Item, Row};
use super::plan::Placed;
use crate::diff::{EqualBy, Match};
use crate::protocol::Found;
use crate::session::holding::Known;
use crate::tensor::Difference;

/// What digests say of two tensors.
pub(super) enum Told<'a> {
    /// Nothing: both are read.
    Nothing,
    /// That they are not the same.
    Unlike,
    /// That they are the same, and how that is known; with what they have between them, where that was found before.
    Same(EqualBy, Option<&'a Difference>),
}

/// What is known of two tensors that are compared as they are; nothing of a part, or of one that is turned.
pub(super) fn told<'a>(
    (a, x): (Option<&Known<'a>>, Placed<'_>),
    (b, y): (Option<&Known<'a>>, Placed<'_>),
    pair: &Match,
) -> Told<'a> {
    let (Some(a), Some(b)) = (a, b) else { return Told::Nothing };
    let is_whole = pair.rename.as_ref().is_none_or(|rename| rename.axes.is_none() && rename.slice.is_none());
    if !is_whole || x.1.dtype != y.1.dtype || x.1.shape != y.1.shape {
        return Told::Nothing;
    }
    match (a.held, b.held) {
        (Some(a), Some(b)) if a.sha256 == b.sha256 => return Told::Same(EqualBy::TensorDigest, Some(&a.itself)),
        (Some(_), Some(_)) => return Told::Unlike,
        _ => {}
    }
    let is_same_file = a.entry.is_some() && a.entry == b.entry;
    if is_same_file && x.1.place.is_some() && x.1.place == y.1.place {
        return Told::Same(EqualBy::FileDigest, a.held.or(b.held).map(|held| &held.itself));
    }
    Told::Nothing
}

impl Item {
    /// Takes in what digests say: what is known needs no reading, or one side's.
    pub(super) fn know(&mut self, told: &Told<'_>) {
        match told {
            _ if self.is_settled => {}
            Told::Same(by, found) => {
                self.known = Some(*by);
                if let Some(found) = found {
                    self.settle(Ok(&Found::Difference(**found)));
                }
            }
            // A guess that is wrong is not told: nothing of it need be known.
            Told::Unlike if self.is_guess && matches!(self.row, Row::Weight(_)) => self.is_settled = true,
            Told::Unlike | Told::Nothing => {}
        }
    }
}
