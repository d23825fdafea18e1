//! How far the weights moved over the depth of a model: layer by layer, and by the parts of the layers.

use super::{ModuleRow, WeightRow, module_of};
use crate::model::{Real, keyed, natural_cmp, order_by};

/// Parts of a layer that are told apart: more do not fit on a page.
const LANES: usize = 16;

/// Relative change by layer, for all of a layer and for its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Depth {
    /// What the layers are called, without their numbers.
    pub family: String,
    /// Their numbers, from the first to the last.
    pub layers: Vec<String>,
    /// A row for the layers as a whole, then one a part.
    pub lanes: Vec<Lane>,
}

/// A part of the layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name inside a layer; empty for the whole layer.
    pub name: String,
    /// ‖b − a‖₂ / ‖a‖₂ in each layer; `None` where there is no such part, or it cannot be said.
    pub relative: Vec<Option<Real>>,
}

/// Of the layers that most tensors are in; `None` when there are not two.
pub fn depth(rows: &[WeightRow]) -> Option<Depth> {
    let family = |row: &WeightRow| family_of(module_of(&row.name)).map(str::to_owned);
    let mut families = keyed(rows.iter().filter_map(|row| Some((family(row)?, 0_u64))));
    for row in rows {
        if let Some(count) = family(row).and_then(|family| families.get_mut(&family)) {
            *count = count.saturating_add(1);
        }
    }
    let (name, _) = families.into_iter().max_by_key(|(_, count)| *count)?;
    let inside = || rows.iter().filter(|row| family_of(module_of(&row.name)) == Some(name.as_str()));
    let mut layers: Vec<&str> = keyed(inside().map(|row| (module_of(&row.name), ()))).into_keys().collect();
    order_by(&mut layers, |a, b| natural_cmp(a, b));
    if layers.len() < 2 {
        return None;
    }
    let fine = lanes(inside(), &layers, lane_of);
    let parts = if fine.len() > LANES { lanes(inside(), &layers, first_of) } else { fine };
    let mut all = lanes(inside(), &layers, |_| "");
    all.extend(parts.into_iter().take(LANES));
    let number = |layer: &&str| layer.get(name.len()..).unwrap_or_default().to_owned();
    let numbers = layers.iter().map(number).collect();
    Some(Depth { family: name.trim_end_matches(['.', '/', '_']).to_owned(), layers: numbers, lanes: all })
}

/// `blocks.` of `blocks.3`.
fn family_of(module: &str) -> Option<&str> {
    let bare = module.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (bare.len() < module.len() && bare.len() > 1).then_some(bare)
}

/// What is behind the layer, without its last part: `attn.q_proj` of `blocks.3.attn.q_proj.kernel`.
fn lane_of(inner: &str) -> &str {
    inner.rsplit_once(['.', '/']).map_or(inner, |(outer, _)| outer)
}

/// `attn` of it.
fn first_of(inner: &str) -> &str {
    inner.split(['.', '/']).next().unwrap_or(inner)
}

fn lanes<'a>(rows: impl Iterator<Item = &'a WeightRow> + Clone, layers: &[&str], of: fn(&str) -> &str) -> Vec<Lane> {
    let key = |row: &'a WeightRow| {
        let layer = module_of(&row.name);
        let inner = row.name.get(layer.len()..).unwrap_or_default().trim_start_matches(['.', '/']);
        (of(inner), layer)
    };
    let mut cells = keyed(rows.clone().map(|row| (key(row), ModuleRow::default())));
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        let key = key(row);
        if !names.contains(&key.0) && names.len() <= LANES {
            names.push(key.0);
        }
        if let Some(cell) = cells.get_mut(&key) {
            cell.add(row);
        }
    }
    let relative = |name: &str, layer: &str| cells.get(&(name, layer)).and_then(ModuleRow::relative_l2).map(Real);
    let lane = |name: &&str| Lane {
        name: (*name).to_owned(),
        relative: layers.iter().map(|layer| relative(name, layer)).collect(),
    };
    names.iter().map(lane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, l2: f64) -> WeightRow {
        let mut row = WeightRow { name: name.into(), l2: Some(Real(l2)), ..WeightRow::default() };
        row.a.l2 = Some(Real(2.0));
        row
    }

    #[test]
    fn layers_come_by_number_and_parts_beside_the_whole() {
        let rows = [
            row("embed.w", 1.0),
            row("h.10.attn.q.w", 0.5),
            row("h.10.mlp.w", 0.0),
            row("h.2.attn.q.w", 1.0),
            row("h.2.attn.q.b", 0.0),
            row("head.0.w", 9.0),
        ];
        let found = depth(&rows).unwrap();
        assert_eq!(
            (found.family.as_str(), found.layers.as_slice()),
            ("h", ["2".to_owned(), "10".to_owned()].as_slice())
        );
        let told: Vec<_> = found.lanes.iter().map(|lane| (lane.name.as_str(), lane.relative.clone())).collect();
        let share = |l2: f64, a: f64| Some(Real(l2 / a));
        let both = 8.0_f64.sqrt();
        let expected = [
            ("", vec![share(1.0, both), share(0.5, both)]),
            ("attn.q", vec![share(1.0, both), share(0.5, 2.0)]),
            ("mlp", vec![None, share(0.0, 2.0)]),
        ];
        assert_eq!(told.len(), expected.len());
        for ((name, cells), (other, theirs)) in told.iter().zip(&expected) {
            let close = |a: &Option<Real>, b: &Option<Real>| match (a, b) {
                (Some(a), Some(b)) => (a.0 - b.0).abs() < 1e-12,
                (a, b) => a == b,
            };
            assert!(name == other && cells.iter().zip(theirs).all(|(a, b)| close(a, b)), "{name} {cells:?} {theirs:?}");
        }
    }

    #[test]
    fn one_layer_has_no_depth_and_many_parts_are_told_by_their_first() {
        assert_eq!(depth(&[row("h.0.w", 1.0), row("embed.w", 1.0)]), None);
        let many: Vec<WeightRow> =
            (0..40).map(|at| row(&format!("h.{}.mlp.experts.{}.w", at % 2, at / 2), 1.0)).collect();
        let names: Vec<String> = depth(&many).unwrap().lanes.into_iter().map(|lane| lane.name).collect();
        assert_eq!(names, ["", "mlp"]);
    }
}
