//! What the optimizers of two checkpoints remember: a pair for each moment that both have.

use super::item::{Item, Row};
use super::known::told;
use super::plan::{Placed, bare, model_tensors, placed};
use crate::diff::{Match, MomentRow, moments, pair_moments};
use crate::model::{Tensor, TensorRole, natural_cmp, order_by};
use crate::session::attached::Attached;
use crate::session::{CheckpointRef, Session};

impl Session {
    pub(super) fn plan_moments(
        &self,
        attached: &mut Attached,
        a: &CheckpointRef<'_>,
        b: &CheckpointRef<'_>,
    ) -> Vec<Item> {
        let (of_a, of_b) = (Remembered::of(a), Remembered::of(b));
        let (told_a, told_b) = (of_a.moments(a), of_b.moments(b));
        let mut pairs = pair_moments(&told_a, &told_b);
        let (known_a, known_b) = (self.known(a, is_of_optimizer), self.known(b, is_of_optimizer));
        let name = |at: usize| told_b.get(at).map_or("", |moment| moment.name.as_str());
        order_by(&mut pairs, |x, y| natural_cmp(name(x.1), name(y.1)));
        let item = |&(x, y): &(usize, usize)| {
            let (own, other) = (told_a.get(x)?, told_b.get(y)?);
            let pair = Match { a: x, b: y, rename: None };
            let row = |mut row: crate::diff::WeightRow| {
                row.from = (own.name != other.name).then(|| own.name.clone());
                row.name.clone_from(&other.name);
                let moment = other.moment.or(own.moment).map(str::to_owned);
                let parameter = other.parameter.clone().filter(|_| own.parameter.is_some());
                Row::Moment(Box::new(MomentRow { row, moment, parameter }))
            };
            let (own, other) = (*of_a.placed.get(x)?, *of_b.placed.get(y)?);
            let mut item = self.item(attached, (a, own), (b, other), &pair, row);
            item.know(&told((known_a.get(x), own), (known_b.get(y), other), &pair));
            Some(item)
        };
        pairs.iter().filter_map(item).collect()
    }
}

fn is_of_optimizer(tensor: &Tensor) -> bool {
    tensor.role == TensorRole::Optimizer
}

/// The tensors of an optimizer, and what its structure calls them.
struct Remembered<'a> {
    placed: Vec<Placed<'a>>,
    names: Vec<&'a str>,
}

impl<'a> Remembered<'a> {
    fn of(found: &CheckpointRef<'a>) -> Self {
        let (mut all, mut names) = (Vec::new(), Vec::new());
        for (entry, contents, tensor) in placed(found).filter(|(_, _, tensor)| is_of_optimizer(tensor)) {
            // LinearNexus numbers arrays; what they are is in the structure beside them.
            let number = tensor.name.strip_prefix("opt_").and_then(|number| number.parse::<usize>().ok());
            let told =
                number.and_then(|number| contents.metadata.get(number)).filter(|(array, _)| *array == tensor.name);
            names.push(told.map_or(tensor.name.as_str(), |(_, name)| name.as_str()));
            all.push((entry, tensor));
        }
        Self { placed: all, names }
    }

    fn moments(&self, found: &CheckpointRef<'a>) -> Vec<crate::diff::Moment> {
        let named: Vec<(&str, &Tensor)> =
            self.names.iter().zip(&self.placed).map(|(name, (_, tensor))| (*name, *tensor)).collect();
        // Only PyTorch's own files keep the order of the modules.
        let is_torch = |path: &str| {
            let contents = found.opened.find(path).and_then(|at| found.opened.contents_at(at));
            contents.is_some_and(|contents| contents.format.starts_with("torch"))
        };
        let model = model_tensors(found);
        let are_ordered = model.first().is_some_and(|(entry, _)| is_torch(&entry.path));
        let model = if are_ordered { bare(&model) } else { Vec::new() };
        moments(&named, &model)
    }
}
