//! What an optimizer remembers of each parameter: its moments, by the names that PyTorch and Optax give them, and which
//! belong together in two checkpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::WeightRow;
use super::align::plain_name;
use crate::model::{Tensor, TensorRole};

/// A tensor of an optimizer that both checkpoints have, compared value by value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MomentRow {
    /// What came of it.
    #[serde(flatten)]
    pub row: WeightRow,
    /// What it is, when its name says so: "first moment", "second moment", "momentum", "steps" …
    pub moment: Option<String>,
    /// The parameter it belongs to, when that is known; the same in both.
    pub parameter: Option<String>,
}

/// What optimizers call it, and what it is. Whether Optax puts it in front of the parameter's name.
const MOMENTS: [(&str, &str, bool); 17] = [
    ("exp_avg", "first moment", false),
    ("exp_avg_sq", "second moment", false),
    ("max_exp_avg_sq", "largest second moment", false),
    ("exp_inf", "largest gradient", false),
    ("momentum_buffer", "momentum", false),
    ("square_avg", "mean of squares", false),
    ("grad_avg", "mean gradient", false),
    ("acc_delta", "mean square of steps", false),
    ("sum", "sum of squares", false),
    ("step", "steps", false),
    ("mu", "first moment", true),
    ("nu", "second moment", true),
    ("nu_max", "largest second moment", true),
    ("trace", "momentum", true),
    ("sum_of_squares", "sum of squares", true),
    ("count", "steps", true),
    ("mini_step", "steps", true),
];

/// How many parts of a name may stand in front of Optax's word: the places in its chain of transformations.
const CHAIN: usize = 4;

/// A tensor of an optimizer, by what its name says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    /// Its name: the one that the optimizer's structure gives it, where the file only numbers.
    pub name: String,
    /// See [`MomentRow::moment`].
    pub moment: Option<&'static str>,
    /// The parameter it belongs to.
    pub parameter: Option<String>,
}

/// What each of these is; `names` as the optimizer has them, `model` the tensors of the model in the order of its modules,
/// empty when that order is not known.
pub fn moments(tensors: &[(&str, &Tensor)], model: &[&Tensor]) -> Vec<Moment> {
    let told: Vec<Told<'_>> = tensors.iter().map(|(name, _)| Told::of(name)).collect();
    let by_number = numbered(tensors, &told, model);
    let moment = |((name, _), told): (&(&str, &Tensor), &Told<'_>)| {
        let parameter = match told.number() {
            Some(number) => by_number.get(&number).map(|&parameter| parameter.to_owned()),
            None => told.inner.map(str::to_owned),
        };
        Moment { name: (*name).to_owned(), moment: told.moment, parameter }
    };
    tensors.iter().zip(&told).map(moment).collect()
}

/// What two moments have in common when they are one: what it is, and of which parameter.
type Key = (String, String);

/// Pairs of those that are one thing: of the same parameter, or of the same name where no parameter is known.
pub fn pair_moments(a: &[Moment], b: &[Moment]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut left = vec![true; a.len()];
    let mut right = vec![true; b.len()];
    for key in [by_parameter as fn(&Moment) -> Option<Key>, by_name] {
        let alone = |side: &[Moment], free: &[bool]| {
            let mut found: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
            for (at, moment) in side.iter().enumerate().filter(|(at, _)| free.get(*at) == Some(&true)) {
                if let Some(key) = key(moment) {
                    found.entry(key).or_default().push(at);
                }
            }
            found
        };
        let others = alone(b, &right);
        for (key, of_a) in alone(a, &left) {
            let (Some(of_b), [x]) = (others.get(&key), of_a.as_slice()) else { continue };
            let [y] = of_b.as_slice() else { continue };
            pairs.push((*x, *y));
            for (free, at) in [(&mut left, *x), (&mut right, *y)] {
                if let Some(free) = free.get_mut(at) {
                    *free = false;
                }
            }
        }
    }
    pairs
}

fn by_parameter(moment: &Moment) -> Option<Key> {
    Some((moment.moment?.to_owned(), plain_name(moment.parameter.as_ref()?)))
}

fn by_name(moment: &Moment) -> Option<Key> {
    Some((String::new(), plain_name(&moment.name)))
}

/// A name taken apart.
struct Told<'a> {
    moment: Option<&'static str>,
    /// Where the optimizer of several is, in front of its state.
    before: &'a str,
    /// The parameter's name or number.
    inner: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(name: &'a str) -> Self {
        Self::of_torch(name).or_else(|| Self::of_optax(name)).unwrap_or(Self { moment: None, before: "", inner: None })
    }

    /// `optimizer.state.3.exp_avg`, `state.h.0.weight.exp_avg`.
    fn of_torch(name: &'a str) -> Option<Self> {
        let (outer, last) = name.rsplit_once('.')?;
        let (_, moment, _) = MOMENTS.iter().find(|(word, _, is_before)| *word == last && !is_before)?;
        let inside = outer.rsplit_once(".state.");
        let (before, inner) = inside.or_else(|| Some(("", outer.strip_prefix("state.")?)))?;
        Some(Self { moment: Some(moment), before, inner: Some(inner) })
    }

    /// `0.mu.h.0.kernel`, `1.0.count`.
    fn of_optax(name: &'a str) -> Option<Self> {
        let mut rest = name;
        for _ in 0..=CHAIN {
            let (first, behind) = rest.split_once(['.', '/']).unwrap_or((rest, ""));
            if let Some((_, moment, _)) = MOMENTS.iter().find(|(word, _, is_before)| *word == first && *is_before) {
                let before = name.get(..name.len().saturating_sub(rest.len())).unwrap_or_default();
                return Some(Self {
                    moment: Some(moment),
                    before,
                    inner: Some(behind).filter(|inner| !inner.is_empty()),
                });
            }
            rest = behind;
        }
        None
    }

    /// PyTorch numbers parameters, those of each optimizer from 0 on.
    fn number(&self) -> Option<(&'a str, u64)> {
        Some((self.before, self.inner?.parse().ok()?))
    }
}

/// The parameters that PyTorch's numbers stand for: the model's in the order of its modules, when there are as many and
/// every one has the shape of its moments. Else nothing is known of them.
fn numbered<'a>(
    tensors: &[(&str, &Tensor)],
    told: &[Told<'a>],
    model: &[&'a Tensor],
) -> BTreeMap<(&'a str, u64), &'a str> {
    let mut shapes: BTreeMap<(&str, u64), &[u64]> = BTreeMap::new();
    for ((_, tensor), told) in tensors.iter().zip(told).filter(|(_, told)| told.moment != Some("steps")) {
        if let Some(number) = told.number() {
            shapes.insert(number, &tensor.shape);
        }
    }
    let parameters: Vec<&Tensor> = model.iter().filter(|tensor| tensor.role == TensorRole::Model).copied().collect();
    let are_all = shapes.len() == parameters.len()
        && shapes.values().zip(&parameters).all(|(shape, parameter)| *shape == parameter.shape.as_slice());
    let are_in_order = shapes.keys().zip(0_u64..).all(|((_, number), at)| *number == at);
    if !(are_all && are_in_order) {
        return BTreeMap::new();
    }
    shapes.keys().copied().zip(parameters.iter().map(|parameter| parameter.name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    fn tensor(name: &str, shape: &[u64], role: TensorRole) -> Tensor {
        Tensor { name: name.into(), dtype: DType::F32, shape: shape.to_vec(), size_bytes: 4, role, place: None }
    }

    fn told(optimizer: &[Tensor], model: &[Tensor]) -> Vec<Moment> {
        let named: Vec<(&str, &Tensor)> = optimizer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        moments(&named, &model.iter().collect::<Vec<_>>())
    }

    fn state(name: &str, shape: &[u64]) -> Tensor {
        tensor(name, shape, TensorRole::Optimizer)
    }

    #[test]
    fn numbers_are_the_parameters_in_order_when_every_shape_fits() {
        let model = [
            tensor("model.a.weight", &[2, 3], TensorRole::Model),
            tensor("model.b.running_mean", &[3], TensorRole::Other),
            tensor("model.a.bias", &[3], TensorRole::Model),
        ];
        let optimizer = [
            state("optimizer.state.0.step", &[]),
            state("optimizer.state.0.exp_avg", &[2, 3]),
            state("optimizer.state.1.exp_avg_sq", &[3]),
        ];
        let found = told(&optimizer, &model);
        let parts: Vec<_> = found.iter().map(|found| (found.moment.unwrap(), found.parameter.as_deref())).collect();
        let expected = [
            ("steps", Some("model.a.weight")),
            ("first moment", Some("model.a.weight")),
            ("second moment", Some("model.a.bias")),
        ];
        assert_eq!(parts, expected);
        let other = told(&optimizer, &model[..1]);
        assert_eq!(other[1].parameter, None, "one more moment than parameters");
    }

    #[test]
    fn names_say_it_themselves() {
        for (name, moment, parameter) in [
            ("0.mu.blocks.0.attn.kernel", Some("first moment"), Some("blocks.0.attn.kernel")),
            ("1.0.nu.embed.weight", Some("second moment"), Some("embed.weight")),
            ("0.count", Some("steps"), None),
            ("state.optimizer.state.h.0.weight.exp_avg", Some("first moment"), Some("h.0.weight")),
            ("state.h.0.weight.exp_avg_sq", Some("second moment"), Some("h.0.weight")),
            ("opt_7", None, None),
            ("mystery.buffer", None, None),
        ] {
            let found = &told(&[state(name, &[1])], &[])[0];
            assert_eq!((found.moment, found.parameter.as_deref()), (moment, parameter), "{name}");
        }
    }

    #[test]
    fn moments_are_paired_by_parameter_and_else_by_name() {
        let moment = |name: &str, parameter: Option<&str>| Moment {
            name: name.into(),
            moment: Some("momentum"),
            parameter: parameter.map(str::to_owned),
        };
        let a = [moment("state.0", Some("w")), moment("state.1", Some("v")), moment("other", None)];
        let b = [moment("state.0", Some("module.v")), moment("other", None), moment("state.1", Some("w"))];
        let mut pairs = pair_moments(&a, &b);
        pairs.sort_unstable();
        assert_eq!(pairs, [(0, 2), (1, 0), (2, 1)]);
    }
}
