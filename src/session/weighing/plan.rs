//! Which tensors are compared with which, and where their values are.

use std::collections::{BTreeSet, VecDeque};

use super::item::{Item, Row};
use super::known::told;
use super::{Weighing, WeighingState};
use crate::diff::{Match, Rule, Slice, WeightRow, WeightSide, align, closest_names};
use crate::model::{Contents, Entry, Layer, Tensor, TensorRole, natural_cmp, order_by};
use crate::protocol::TensorPair;
use crate::session::attached::Attached;
use crate::session::{CheckpointRef, Session};
use crate::tensor::{Elements, NamedTensor};

/// A tensor and the file it is in.
pub(in crate::session) type Placed<'a> = (&'a Entry, &'a Tensor);

impl Session {
    /// Of what is shown as b against what is as a: their models, their adapters, and their optimizers when that is asked for;
    /// nothing is read yet.
    pub(super) fn plan_comparison(&self, a: &CheckpointRef<'_>, b: &CheckpointRef<'_>) -> Weighing {
        let mut attached = Attached::default();
        let (of_a, of_b) = (model_tensors(a), model_tensors(b));
        let (mut items, closest) = self.plan_tensors(&mut attached, (a, &of_a), (b, &of_b), &self.comparing.rejected);
        let adapters = self.plan_adapters(&mut attached, (a, &of_a), (b, &of_b));
        items.extend(adapters.items);
        let with_optimizer = self.comparing.with_optimizer;
        if with_optimizer {
            items.extend(self.plan_moments(&mut attached, a, b));
        }
        Weighing { notes: adapters.notes, with_optimizer, closest, ..Weighing::of(attached, items) }
    }

    /// Of the model of b against that of a, of which no tensor of b that is `rejected` is a renamed one of a; nothing is read
    /// yet.
    pub(in crate::session) fn plan_weighing(
        &self,
        a: &CheckpointRef<'_>,
        b: &CheckpointRef<'_>,
        rejected: &BTreeSet<String>,
    ) -> Weighing {
        let mut attached = Attached::default();
        let (of_a, of_b) = (model_tensors(a), model_tensors(b));
        let (items, closest) = self.plan_tensors(&mut attached, (a, &of_a), (b, &of_b), rejected);
        Weighing { closest, ..Weighing::of(attached, items) }
    }

    /// The tensors of both models; when no two are one, the names that are closest.
    fn plan_tensors(
        &self,
        attached: &mut Attached,
        (a, of_a): (&CheckpointRef<'_>, &[Placed<'_>]),
        (b, of_b): (&CheckpointRef<'_>, &[Placed<'_>]),
        rejected: &BTreeSet<String>,
    ) -> (Vec<Item>, Option<(String, String)>) {
        let (left, right) = (bare(of_a), bare(of_b));
        let alignment = align(&left, &right, rejected);
        let guesses = alignment.guesses(&left, &right, rejected);
        let mut matches = alignment.matches;
        matches.extend(guesses);
        let name = |pair: &Match| right.get(pair.b).map_or("", |tensor| tensor.name.as_str());
        order_by(&mut matches, |x, y| natural_cmp(name(x), name(y)));
        let (known_a, known_b) = (self.known(a, is_of_model), self.known(b, is_of_model));
        let mut items = Vec::new();
        for pair in &matches {
            let Some((x, y)) = of_a.get(pair.a).zip(of_b.get(pair.b)) else { continue };
            let is_guess = pair.rename.as_ref().is_some_and(|rename| rename.rule == Rule::Content);
            let row = |row| Row::Weight(Box::new(row));
            let mut item = Item { is_guess, ..self.item(attached, (a, *x), (b, *y), pair, row) };
            item.know(&told((known_a.get(pair.a), *x), (known_b.get(pair.b), *y), pair));
            items.push(item);
        }
        let closest = if matches.is_empty() { closest_names(&left, &right) } else { None };
        (items, closest.map(|(a, b)| (a.to_owned(), b.to_owned())))
    }

    /// Two tensors as they are compared.
    pub(super) fn item(
        &self,
        attached: &mut Attached,
        (a, x): (&CheckpointRef<'_>, Placed<'_>),
        (b, y): (&CheckpointRef<'_>, Placed<'_>),
        pair: &Match,
        row: impl FnOnce(WeightRow) -> Row,
    ) -> Item {
        let mut template = template(x.1, y.1);
        let made = self.named(attached, a, x).and_then(|x| Ok((x, self.named(attached, b, y)?)));
        let made = made.and_then(|(a, b)| comparable(a, b, pair));
        template.problem = made.as_ref().err().cloned();
        let sources = [x.0.source, y.0.source];
        let is_settled = made.is_err();
        Item { row: row(template), pair: made.ok().map(Into::into), known: None, sources, is_guess: false, is_settled }
    }

    /// A tensor as a worker finds it.
    pub(super) fn named(
        &self,
        attached: &mut Attached,
        found: &CheckpointRef<'_>,
        (entry, tensor): Placed<'_>,
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

impl Weighing {
    fn of(attached: Attached, items: Vec<Item>) -> Self {
        let open = || items.iter().enumerate().filter(|(_, item)| !item.is_settled);
        let queue: VecDeque<usize> = open().map(|(at, _)| at).collect();
        let total = open().map(|(_, item)| item.bytes()).fold(0, u64::saturating_add);
        Self {
            state: WeighingState::Running,
            files: attached.files,
            keys: attached.keys,
            items,
            notes: Vec::new(),
            with_optimizer: false,
            queue,
            closest: None,
            done: 0,
            total,
        }
    }
}

/// The tensors of a checkpoint but those of its optimizer and scheduler, and the files they are in: buffers and the counts
/// of generators are kept among the weights.
pub(in crate::session) fn model_tensors<'a>(found: &CheckpointRef<'a>) -> Vec<Placed<'a>> {
    let all = placed(found).map(|(entry, _, tensor)| (entry, tensor));
    all.filter(|(_, tensor)| is_of_model(tensor)).collect()
}

fn is_of_model(tensor: &Tensor) -> bool {
    !matches!(tensor.role, TensorRole::Optimizer | TensorRole::Scheduler)
}

/// The tensors alone.
pub(super) fn bare<'a>(placed: &[Placed<'a>]) -> Vec<&'a Tensor> {
    placed.iter().map(|(_, tensor)| *tensor).collect()
}

/// Every tensor of a checkpoint, with its file and what else that holds.
pub(super) fn placed<'a>(found: &CheckpointRef<'a>) -> impl Iterator<Item = (&'a Entry, &'a Contents, &'a Tensor)> {
    let files = found.files().into_iter().filter_map(|(entry, contents)| Some((entry, contents?)));
    files.flat_map(|(entry, contents)| contents.tensors.iter().map(move |tensor| (entry, contents, tensor)))
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
