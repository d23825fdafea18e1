//! One thing that is compared, and what came of it.

use crate::diff::{EqualBy, MomentRow, UpdateRow, WeightRow};
use crate::model::{Layer, SourceId};
use crate::protocol::{Found, Pair, Problem};
use crate::tensor::NamedTensor;

/// A pair and its row.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) row: Row,
    /// What is compared; `None` when it cannot be.
    pub(super) pair: Option<Pair>,
    /// How it is known that both are the same, without comparing.
    pub(super) known: Option<EqualBy>,
    /// Where the two sides come from.
    pub(super) sources: [SourceId; 2],
    /// Whether only its content can say that the two are one tensor.
    pub(super) is_guess: bool,
    pub(super) is_settled: bool,
}

/// What is told of it.
#[derive(Debug, Clone)]
pub(super) enum Row {
    Weight(Box<WeightRow>),
    Moment(Box<MomentRow>),
    Update(Box<UpdateRow>),
}

impl Item {
    /// What is read.
    pub(super) fn read(&self) -> Option<Pair> {
        match (&self.pair, self.known) {
            (Some(Pair::Tensors(pair)), Some(_)) => Some(Pair::Same(Box::new(pair.a.clone()))),
            (pair, _) => pair.clone(),
        }
    }

    /// Bytes that are read.
    pub(super) fn bytes(&self) -> u64 {
        match (&self.pair, self.known) {
            (Some(Pair::Tensors(pair)), Some(_)) => pair.a.elements.span_bytes().unwrap_or(0),
            (pair, _) => pair.as_ref().map_or(0, Pair::bytes),
        }
    }

    pub(super) fn is_tensor(&self) -> bool {
        !matches!(self.row, Row::Update(_))
    }

    pub(super) fn settle(&mut self, found: Result<&Found, &Problem>) {
        self.is_settled = true;
        match (&mut self.row, found) {
            (Row::Weight(row), Ok(Found::Difference(found))) => row.fill(found, self.known),
            (Row::Moment(row), Ok(Found::Difference(found))) => row.row.fill(found, self.known),
            (Row::Update(row), Ok(Found::Update(found))) => row.fill(found),
            (Row::Weight(row), Err(problem)) => row.problem = Some(problem.detail.clone()),
            (Row::Moment(row), Err(problem)) => row.row.problem = Some(problem.detail.clone()),
            (Row::Update(row), Err(problem)) => row.problem = Some(problem.detail.clone()),
            (_, Ok(_)) => {}
        }
    }

    /// Stored bytes that comparing it read of each side.
    pub(super) fn stored(&self) -> Vec<(SourceId, u64)> {
        let [a, b] = self.sources;
        match &self.pair {
            Some(Pair::Tensors(pair)) if self.known.is_some() => vec![(a, stored(&pair.a))],
            Some(Pair::Tensors(pair)) => vec![(a, stored(&pair.a)), (b, stored(&pair.b))],
            Some(Pair::Same(named)) => vec![(a, stored(named))],
            Some(Pair::Updates(pair)) => {
                let sides = [(a, &pair.a), (b, &pair.b)];
                let update = |(source, update): (SourceId, &Option<crate::protocol::Update>)| {
                    let update = update.as_ref()?;
                    Some((source, stored(&update.outputs).saturating_add(stored(&update.inputs))))
                };
                sides.into_iter().filter_map(update).collect()
            }
            None => Vec::new(),
        }
    }
}

fn stored(named: &NamedTensor) -> u64 {
    let packed = named.locator.layers.windows(2).find_map(|layers| match layers {
        [Layer::Window { len, .. } | Layer::ZipMember { len, .. }, Layer::Inflate { .. } | Layer::Gunzip { .. }] => {
            Some(*len)
        }
        _ => None,
    });
    packed.unwrap_or_else(|| named.elements.span_bytes().unwrap_or(0))
}
