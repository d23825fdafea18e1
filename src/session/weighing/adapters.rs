//! The adapters of low rank of two checkpoints: a pair of updates for each module that either adapts.

use std::collections::BTreeSet;

use super::item::{Item, Row};
use super::plan::{Placed, bare};
use crate::diff::{Adapter, Factors, Scaling, Shape, Side, UpdateRow, UpdateSide};
use crate::model::{Finding, Real, natural_cmp, order_by};
use crate::protocol::{Pair, Update, UpdatePair};
use crate::session::attached::Attached;
use crate::session::{CheckpointRef, Session};

/// What is compared, and what must be said of it.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) items: Vec<Item>,
    pub(super) notes: Vec<Finding>,
}

/// One side.
struct Adapted<'s, 'a> {
    found: &'s CheckpointRef<'a>,
    placed: &'s [Placed<'a>],
    adapter: Adapter,
    scaling: Option<Scaling>,
}

/// What a side does to a module: what is read, and outputs and inputs of the product; or why that is not known.
type Made = Result<(Update, (u64, u64)), String>;

/// Names of an adapter's other tensors that are told.
const NAMED: usize = 3;

impl Session {
    pub(super) fn plan_adapters(
        &self,
        attached: &mut Attached,
        (a, of_a): (&CheckpointRef<'_>, &[Placed<'_>]),
        (b, of_b): (&CheckpointRef<'_>, &[Placed<'_>]),
    ) -> Planned {
        let mut notes = Vec::new();
        let (a, b) = (adapted(a, of_a, &mut notes), adapted(b, of_b, &mut notes));
        let names: BTreeSet<&String> = a.adapter.modules.keys().chain(b.adapter.modules.keys()).collect();
        let mut names: Vec<&String> = names.into_iter().collect();
        if names.is_empty() {
            return Planned::default();
        }
        order_by(&mut names, |x, y| natural_cmp(x, y));
        let items = names.into_iter().filter_map(|name| self.module(attached, name, &a, &b)).collect();
        Planned { items, notes }
    }

    fn module(&self, attached: &mut Attached, name: &str, a: &Adapted<'_, '_>, b: &Adapted<'_, '_>) -> Option<Item> {
        let (of_a, of_b) = (self.update(attached, name, a), self.update(attached, name, b));
        let source = |side: &Adapted<'_, '_>| side.placed.first().map(|(entry, _)| entry.source);
        let sources = [source(a), source(b)];
        let (own_a, of_a) = of_a.map_or((None, None), |(side, made)| (Some(side), Some(made)));
        let (own_b, of_b) = of_b.map_or((None, None), |(side, made)| (Some(side), Some(made)));
        let pair = joined(of_a, of_b);
        let problem = pair.as_ref().err().cloned();
        let row = UpdateRow { name: name.to_owned(), a: own_a, b: own_b, problem, ..UpdateRow::default() };
        let either = source(a).or_else(|| source(b))?;
        Some(Item {
            row: Row::Update(Box::new(row)),
            is_settled: pair.is_err(),
            pair: pair.ok().map(|pair| Pair::Updates(Box::new(pair))),
            sources: sources.map(|source| source.unwrap_or(either)),
            known: None,
            is_guess: false,
        })
    }

    /// `None` when the side does not adapt the module.
    fn update(&self, attached: &mut Attached, name: &str, side: &Adapted<'_, '_>) -> Option<(UpdateSide, Made)> {
        let factors = side.adapter.modules.get(name)?;
        let mut told = UpdateSide::default();
        let made = self.made(attached, name, *factors, side, &mut told);
        Some((told, made))
    }

    fn made(
        &self,
        attached: &mut Attached,
        name: &str,
        factors: Factors,
        side: &Adapted<'_, '_>,
        told: &mut UpdateSide,
    ) -> Made {
        let placed = |at: Option<usize>, what: &str| {
            let found = at.and_then(|at| side.placed.get(at));
            found.copied().ok_or_else(|| format!("its matrix {what} is not there"))
        };
        let (inputs, outputs) = (placed(factors.inputs, "A")?, placed(factors.outputs, "B")?);
        // PEFT's patterns know nothing of the adapter's name.
        let module = name.split(" (").next().unwrap_or(name);
        let (of_a, of_b) = (&inputs.1.shape, &outputs.1.shape);
        let wanted = side.scaling.as_ref().and_then(|scaling| scaling.rank(module));
        let shape = Shape::of(of_a, of_b, wanted)
            .ok_or_else(|| format!("matrices of the shapes {of_b:?} and {of_a:?} make no product"))?;
        told.rank = Some(shape.rank);
        let scale = side.scaling.as_ref().map_or(Ok(1.0), |scaling| scaling.scale(module, shape.rank))?;
        told.scale = Some(Real(scale));
        let (outputs, mut inputs) =
            (self.named(attached, side.found, outputs)?, self.named(attached, side.found, inputs)?);
        inputs.elements = inputs.elements.permuted(&shape.axes);
        Ok((Update { scale, rank: shape.rank, outputs, inputs, parts: shape.parts }, shape.size))
    }
}

/// Both sides' updates, when they are updates of one weight.
fn joined(a: Option<Made>, b: Option<Made>) -> Result<UpdatePair, String> {
    let of = |side: &str, made: Option<Result<_, String>>| made.transpose().map_err(|why| format!("{side}: {why}"));
    let (a, b) = (of("A", a)?, of("B", b)?);
    if let (Some((x, of_a)), Some((y, of_b))) = (&a, &b) {
        if of_a != of_b {
            return Err(format!("it changes {} × {} weights in A and {} × {} in B", of_a.0, of_a.1, of_b.0, of_b.1));
        }
        if x.parts != y.parts {
            return Err("its experts share a matrix on one side only".to_owned());
        }
    }
    Ok(UpdatePair { a: a.map(|(update, _)| update), b: b.map(|(update, _)| update) })
}

/// The adapter of a side, and what of it is not compared.
fn adapted<'s, 'a>(
    found: &'s CheckpointRef<'a>,
    placed: &'s [Placed<'a>],
    notes: &mut Vec<Finding>,
) -> Adapted<'s, 'a> {
    let adapter = Adapter::of(&bare(placed));
    let side = Side { opened: found.opened, checkpoint: found.checkpoint, shared: &found.run.files };
    let scaling = side.scaling();
    let path = &found.checkpoint.path;
    if !adapter.modules.is_empty() {
        let message = match &scaling {
            None => {
                Some("no adapter_config.json: the products of the adapter are compared with the scale 1".to_owned())
            }
            Some((file, scaling)) if !scaling.has_alpha() => {
                Some(format!("{file} names no lora_alpha: the products of the adapter are compared with the scale 1"))
            }
            Some(_) => None,
        };
        notes.extend(message.map(|message| Finding::note("weights-adapter-scale", message).in_file(path)));
    }
    if !(adapter.beside.is_empty() || adapter.modules.is_empty()) {
        let count = adapter.beside.len();
        let named = adapter.beside.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let dots = if count > NAMED { " …" } else { "" };
        let message =
            format!("not part of the adapter's products, and left out of them: {count} tensors ({named}{dots})");
        notes.push(Finding::note("weights-adapter-beside", message).in_file(path));
    }
    Adapted { found, placed, adapter, scaling: scaling.map(|(_, scaling)| scaling) }
}
