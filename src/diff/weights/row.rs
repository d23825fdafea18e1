//! One tensor in both checkpoints.

use serde::{Deserialize, Serialize};

use crate::model::Real;
use crate::tensor::{Difference, Specials};

/// One tensor that both checkpoints have, compared value by value.
///
/// What cannot be said is `null`: it is never shown as "the same".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WeightRow {
    /// The tensor (for a renamed one, its name in b).
    pub name: String,
    /// Every bit is the same, and the type.
    pub equal: bool,
    /// Largest |b − a| over the finite positions; `null` when none was compared.
    pub max_abs: Option<Real>,
    /// ‖b − a‖₂ over the finite positions.
    pub l2: Option<Real>,
    /// ‖b − a‖₂ / ‖a‖₂; `null` when a is all zero.
    pub relative_l2: Option<Real>,
    /// Cosine of the angle between a and b; `null` when either is all zero.
    pub cosine: Option<Real>,
    /// Share of the elements whose bits differ; across types of those whose numbers do.
    pub changed_fraction: Option<Real>,
    /// Its name in a, when that is another.
    pub from: Option<String>,
    /// Elements of each side.
    pub elements: u64,
    /// Elements whose bits differ.
    pub changed: Option<u64>,
    /// Mean of b − a over the finite positions; `null` for complex numbers.
    pub mean_shift: Option<Real>,
    /// Elements that went from one side of zero to the other; `null` for complex numbers.
    pub sign_flips: Option<u64>,
    /// What it is in a.
    pub a: WeightSide,
    /// What it is in b.
    pub b: WeightSide,
    /// Across float types: the relative error that rounding to the shorter one makes.
    pub rounding: Option<Real>,
    /// Across float types: elements that are further apart than such rounding explains.
    pub beyond_rounding: Option<u64>,
    /// Why its values were not compared, when they were not.
    pub problem: Option<String>,
    /// How it is known that it is equal; `null` when it is not.
    pub equal_by: Option<EqualBy>,
}

/// How it is known that two tensors are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EqualBy {
    /// All bytes of both were read and compared.
    Bytes,
    /// The content of both was identified: the SHA-256 of their elements is the same.
    TensorDigest,
    /// Both files were verified: the SHA-256 of the files is the same, and the tensor is at the same place in both.
    FileDigest,
}

impl EqualBy {
    /// For people; `None` where nothing has to be said.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Bytes => None,
            Self::TensorDigest => Some("equal by the digest of its content"),
            Self::FileDigest => Some("equal by the digest of its file"),
        }
    }
}

/// A tensor on one side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WeightSide {
    /// Element type in the report's spelling.
    pub dtype: String,
    /// ‖·‖₂ over the positions where both are finite.
    pub l2: Option<Real>,
    /// Elements that are not a number.
    pub nan: u64,
    /// Infinite elements.
    pub infinite: u64,
}

impl WeightRow {
    /// Writes down what was found, and how it is `known` that both are equal when not by comparing.
    #[expect(clippy::cast_precision_loss, reason = "a share of elements that were read")]
    pub fn fill(&mut self, found: &Difference, known: Option<EqualBy>) {
        let real = |value: Option<f64>| value.map(Real);
        let share = |changed: u64| changed as f64 / found.elements as f64;
        self.equal = found.is_equal;
        self.equal_by = found.is_equal.then_some(known.unwrap_or(EqualBy::Bytes));
        (self.max_abs, self.l2) = (real(found.max_abs), real(found.l2));
        let ratio = found.l2.zip(found.l2_a).filter(|(_, a)| *a > 0.0).map(|(l2, a)| l2 / a);
        self.relative_l2 = real(ratio);
        self.cosine = real(found.cosine);
        self.changed_fraction = real(found.changed.filter(|_| found.elements > 0).map(share));
        (self.elements, self.changed) = (found.elements, found.changed);
        (self.mean_shift, self.sign_flips) = (real(found.mean_shift), found.sign_flips);
        self.a.take(found.a, found.l2_a);
        self.b.take(found.b, found.l2_b);
        (self.rounding, self.beyond_rounding) = (real(found.rounding), found.beyond_rounding);
    }

    /// Whether its elements are whole numbers or truth values.
    pub(super) fn is_whole(&self) -> bool {
        self.a.dtype.starts_with(['I', 'U']) || self.a.dtype == "BOOL"
    }

    /// Whether its values were compared.
    pub fn was_compared(&self) -> bool {
        self.problem.is_none()
    }

    /// How it is known that it is equal, for people, when both sides were not read for it.
    pub fn known_by(&self) -> Option<&'static str> {
        self.equal_by.and_then(EqualBy::words)
    }

    /// Elements of either side that are not finite.
    pub fn specials(&self) -> u64 {
        let of = |side: &WeightSide| side.nan.saturating_add(side.infinite);
        of(&self.a).saturating_add(of(&self.b))
    }
}

impl WeightSide {
    fn take(&mut self, specials: Specials, l2: Option<f64>) {
        (self.nan, self.infinite, self.l2) = (specials.nan, specials.infinite, l2.map(Real));
    }
}
