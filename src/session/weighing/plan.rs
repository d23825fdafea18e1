//! Which tensors are compared with which, and where their values are.

use std::collections::{BTreeSet, VecDeque};

use super::{Weighing, WeighingState};
use crate::diff::{Match, Rule, Slice, WeightRow, WeightSide, align, closest_names};
use crate::model::{Entry, Layer, Tensor, TensorRole, natural_cmp, order_by};
use crate::protocol::TensorPair;
use crate::session::attached::Attached;
use crate::session::{CheckpointRef, Session};
use crate::tensor::{Elements, NamedTensor};

impl Session {
    /// Of b against a, of which no tensor of b that is `rejected` is a renamed one of a; nothing is read yet.
    pub(in crate::session) fn plan_weighing(
        &self,
        a: &CheckpointRef<'_>,
        b: &CheckpointRef<'_>,
        rejected: &BTreeSet<String>,
    ) -> Weighing {
        let (of_a, of_b) = (model_tensors(a), model_tensors(b));
        let (left, right): (Vec<&Tensor>, Vec<&Tensor>) =
            (of_a.iter().map(|(_, tensor)| *tensor).collect(), of_b.iter().map(|(_, tensor)| *tensor).collect());
        let alignment = align(&left, &right, rejected);
        let guesses = alignment.guesses(&left, &right, rejected);
        let mut matches = alignment.matches;
        matches.extend(guesses);
        let name = |pair: &Match| right.get(pair.b).map_or("", |tensor| tensor.name.as_str());
        order_by(&mut matches, |x, y| natural_cmp(name(x), name(y)));
        let mut attached = Attached::default();
        let (mut rows, mut pairs, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for pair in &matches {
            let Some((x, y)) = of_a.get(pair.a).zip(of_b.get(pair.b)) else { continue };
            let mut row = template(x.1, y.1);
            let mut locate = |found: &CheckpointRef<'_>, (entry, tensor): &(&Entry, &Tensor)| {
                self.named(&mut attached, found, entry, tensor)
            };
            let made = locate(a, x).and_then(|x| Ok((x, locate(b, y)?)));
            let made = made.and_then(|(a, b)| comparable(a, b, pair));
            row.problem = made.as_ref().err().cloned();
            rows.push(row);
            sources.push([x.0.source, y.0.source]);
            pairs.push(made.ok());
        }
        let is_guess = |pair: &Match| pair.rename.as_ref().is_some_and(|rename| rename.rule == Rule::Content);
        let guesses: Vec<bool> = matches.iter().map(is_guess).collect();
        let settled: Vec<bool> = pairs.iter().map(Option::is_none).collect();
        let queue: VecDeque<usize> =
            settled.iter().enumerate().filter(|(_, settled)| !**settled).map(|(at, _)| at).collect();
        let total = pairs.iter().flatten().map(TensorPair::bytes).fold(0, u64::saturating_add);
        let closest = if matches.is_empty() { closest_names(&left, &right) } else { None };
        let closest = closest.map(|(a, b)| (a.to_owned(), b.to_owned()));
        let state = WeighingState::Running;
        Weighing {
            state,
            files: attached.files,
            keys: attached.keys,
            rows,
            guesses,
            sources,
            pairs,
            settled,
            queue,
            closest,
            done: 0,
            total,
        }
    }

    fn named(
        &self,
        attached: &mut Attached,
        found: &CheckpointRef<'_>,
        entry: &Entry,
        tensor: &Tensor,
    ) -> Result<NamedTensor, String> {
        let place = self.picks.iter().position(|pick| pick.id == found.selection.pick);
        let (Some(at), Some(place)) = (place, &tensor.place) else {
            return Err(format!("{} has no bytes of it", entry.path));
        };
        let Some(pick) = self.picks.get(at) else { return Err(format!("{} is not open", entry.path)) };
        let elements = Elements::of(tensor).ok_or_else(|| format!("{} has no bytes of it", entry.path))?;
        let locator = attached.locate(at, pick, entry).then(&place.layers);
        Ok(NamedTensor { name: tensor.name.clone(), locator, elements })
    }
}

/// The tensors of a checkpoint but those of its optimizer and scheduler, and the files they are in: buffers and the counts
/// of generators are kept among the weights.
pub(in crate::session) fn model_tensors<'a>(found: &CheckpointRef<'a>) -> Vec<(&'a Entry, &'a Tensor)> {
    let files = found.files().into_iter();
    let all = files.flat_map(|(entry, contents)| {
        let tensors = contents.map_or(&[][..], |contents| &contents.tensors);
        tensors.iter().map(move |tensor| (entry, tensor))
    });
    all.filter(|(_, tensor)| !matches!(tensor.role, TensorRole::Optimizer | TensorRole::Scheduler)).collect()
}

/// The row of two tensors before their values are known.
fn template(a: &Tensor, b: &Tensor) -> WeightRow {
    let side = |tensor: &Tensor| WeightSide { dtype: tensor.dtype.name().to_owned(), ..WeightSide::default() };
    WeightRow {
        name: b.name.clone(),
        from: (a.name != b.name).then(|| a.name.clone()),
        elements: b.elements(),
        a: side(a),
        b: side(b),
        ..WeightRow::default()
    }
}

/// Narrows a tensor to some indexes of its first dimension.
fn cut(named: &mut NamedTensor, slice: Slice) -> Result<(), String> {
    let why = || format!("no part of a tensor of the type {} is taken", named.elements.dtype.name());
    let elements = named.elements.rows(slice.first, slice.count).ok_or_else(why)?;
    let len = elements.1.span_bytes().unwrap_or(u64::MAX);
    named.locator = named.locator.then(&[Layer::Window { offset: elements.0, len }]);
    named.elements = elements.1;
    Ok(())
}

/// The pair, when the shapes are the same; else why not.
fn comparable(mut a: NamedTensor, mut b: NamedTensor, pair: &Match) -> Result<TensorPair, String> {
    let rename = pair.rename.as_ref();
    if let Some(axes) = rename.and_then(|rename| rename.axes.as_ref()) {
        b.elements = b.elements.permuted(axes);
    }
    if let Some(slice) = rename.and_then(|rename| rename.slice) {
        cut(if slice.of_a { &mut a } else { &mut b }, slice)?;
    }
    if a.elements.shape != b.elements.shape {
        return Err(format!("its shape is {:?} in A and {:?} in B", a.elements.shape, b.elements.shape));
    }
    Ok(TensorPair { a, b })
}
