//! The tables of a comparison as comma-separated values (RFC 4180), for spreadsheets and scripts.

use serde::Serialize;

use crate::diff::{Comparison, ConfigRow, Form, MetricRow, StructureRow, UpdateRow, UpdateSide, WeightRow};
use crate::model::{Plain, Real};

/// A table of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvTable {
    /// One row a metric.
    Metrics,
    /// One row a configuration value that differs.
    Config,
    /// One row a tensor that differs in name, type or shape.
    Structure,
    /// One row a tensor whose values were compared.
    Weights,
    /// One row a module that an adapter of low rank changes.
    Lora,
    /// One row a tensor of the optimizer.
    Optimizer,
}

impl CsvTable {
    /// What to call the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Metrics => "weighbridge-metrics.csv",
            Self::Config => "weighbridge-config.csv",
            Self::Structure => "weighbridge-structure.csv",
            Self::Weights => "weighbridge-weights.csv",
            Self::Lora => "weighbridge-lora.csv",
            Self::Optimizer => "weighbridge-optimizer.csv",
        }
    }
}

/// The columns of weights.
const WEIGHT: [&str; 23] = [
    "tensor",
    "from",
    "a_dtype",
    "b_dtype",
    "elements",
    "equal",
    "changed",
    "changed_fraction",
    "max_abs",
    "l2",
    "relative_l2",
    "cosine",
    "mean_shift",
    "sign_flips",
    "a_l2",
    "b_l2",
    "a_nan",
    "a_infinite",
    "b_nan",
    "b_infinite",
    "beyond_rounding",
    "problem",
    "equal_by",
];

/// The columns of adapters.
const LORA: [&str; 12] = [
    "module",
    "a_rank",
    "b_rank",
    "a_scale",
    "b_scale",
    "a_l2",
    "b_l2",
    "equal",
    "l2",
    "relative_l2",
    "cosine",
    "problem",
];

/// The table, its head first; only the head when it was not compared. Numbers have all their digits.
pub fn to_csv(comparison: &Comparison, table: CsvTable) -> String {
    let mut text = String::new();
    match table {
        CsvTable::Metrics => {
            line(&mut text, ["metric", "a", "b", "delta", "relative", "direction", "verdict"].map(str::to_owned));
            comparison.metrics.iter().for_each(|row| line(&mut text, metric(row)));
        }
        CsvTable::Config => {
            line(&mut text, ["path", "change", "from", "a", "b"].map(str::to_owned));
            comparison.config.iter().flatten().for_each(|row| line(&mut text, config(row)));
        }
        CsvTable::Structure => {
            let head = ["tensor", "change", "from", "rule", "a_dtype", "a_shape", "b_dtype", "b_shape"];
            line(&mut text, head.map(str::to_owned));
            comparison.structure.iter().flatten().for_each(|row| line(&mut text, structure(row)));
        }
        CsvTable::Weights => {
            line(&mut text, WEIGHT.map(str::to_owned));
            comparison.weights.iter().flatten().for_each(|row| line(&mut text, weight(row)));
        }
        CsvTable::Lora => {
            line(&mut text, LORA.map(str::to_owned));
            let modules = comparison.lora.iter().flat_map(|part| &part.modules);
            modules.for_each(|row| line(&mut text, update(row)));
        }
        CsvTable::Optimizer => {
            line(&mut text, ["moment", "parameter"].into_iter().chain(WEIGHT).map(str::to_owned));
            for row in comparison.optimizer.iter().flatten() {
                let told = |text: &Option<String>| text.as_deref().map_or_else(String::new, name);
                line(&mut text, [told(&row.moment), told(&row.parameter)].into_iter().chain(weight(&row.row)));
            }
        }
    }
    text
}

fn metric(row: &MetricRow) -> [String; 7] {
    let [a, b, delta, relative] = [row.a, row.b, row.delta, row.relative].map(real);
    [name(&row.name), a, b, delta, relative, word(&row.direction), word(&row.verdict)]
}

fn config(row: &ConfigRow) -> [String; 5] {
    let value = |value: &Option<Plain>| value.as_ref().map_or_else(String::new, |value| name(&json(value)));
    let from = row.from.as_deref().map_or_else(String::new, name);
    [name(&row.path), word(&row.change), from, value(&row.a), value(&row.b)]
}

fn structure(row: &StructureRow) -> [String; 8] {
    let form = |form: &Option<Form>| {
        form.as_ref().map_or_else(Default::default, |form| (form.dtype.clone(), json(&form.shape)))
    };
    let ((a, a_shape), (b, b_shape)) = (form(&row.a), form(&row.b));
    let or_nothing = |text: &Option<String>| text.as_deref().map_or_else(String::new, name);
    let (from, rule) = (or_nothing(&row.from), or_nothing(&row.rule));
    [name(&row.name), word(&row.change), from, rule, name(&a), a_shape, name(&b), b_shape]
}

fn weight(row: &WeightRow) -> [String; 23] {
    let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let or_nothing = |text: &Option<String>| text.as_deref().map_or_else(String::new, name);
    [
        name(&row.name),
        or_nothing(&row.from),
        name(&row.a.dtype),
        name(&row.b.dtype),
        row.elements.to_string(),
        row.equal.to_string(),
        count(row.changed),
        real(row.changed_fraction),
        real(row.max_abs),
        real(row.l2),
        real(row.relative_l2),
        real(row.cosine),
        real(row.mean_shift),
        count(row.sign_flips),
        real(row.a.l2),
        real(row.b.l2),
        row.a.nan.to_string(),
        row.a.infinite.to_string(),
        row.b.nan.to_string(),
        row.b.infinite.to_string(),
        count(row.beyond_rounding),
        or_nothing(&row.problem),
        row.equal_by.map_or_else(String::new, |by| word(&by)),
    ]
}

fn update(row: &UpdateRow) -> [String; 12] {
    let rank = |side: &Option<UpdateSide>| {
        side.as_ref().and_then(|side| side.rank).map_or_else(String::new, |r| r.to_string())
    };
    let of = |side: &Option<UpdateSide>, read: fn(&UpdateSide) -> Option<Real>| real(side.as_ref().and_then(read));
    [
        name(&row.name),
        rank(&row.a),
        rank(&row.b),
        of(&row.a, |side| side.scale),
        of(&row.b, |side| side.scale),
        of(&row.a, |side| side.l2),
        of(&row.b, |side| side.l2),
        row.equal.to_string(),
        real(row.l2),
        real(row.relative_l2),
        real(row.cosine),
        row.problem.as_deref().map_or_else(String::new, name),
    ]
}

pub(super) fn real(value: Option<Real>) -> String {
    value.map_or_else(String::new, |value| value.word().map_or_else(|| value.0.to_string(), str::to_owned))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A word of the interface, as the JSON report has it.
fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// Text of a file. What a spreadsheet would take for a formula gets an apostrophe in front, as it shows text.
pub(super) fn name(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '@', '\t', '\r']) || (text.starts_with('-') && text.parse::<f64>().is_err());
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

pub(super) fn line(text: &mut String, cells: impl IntoIterator<Item = String>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> Comparison {
        let json = r#"{
            "a": "x", "b": "y",
            "metrics": [{"name": "=loss", "a": 0.1, "b": "NaN", "delta": "NaN", "relative": null, "direction": "lower", "verdict": "worse"}],
            "config": [{"path": "a.b", "change": "changed", "a": "1, \"2\"", "b": null}],
            "structure": [{"name": "w", "change": "shape", "a": {"dtype": "F32", "shape": [2, 3]}, "b": null}],
            "modules": null, "weights": null, "findings": []
        }"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn cells_are_quoted_and_no_name_is_a_formula() {
        let of = |table| to_csv(&comparison(), table).lines().nth(1).map(str::to_owned);
        assert_eq!(of(CsvTable::Metrics).unwrap(), "'=loss,0.1,NaN,NaN,,lower,worse");
        assert_eq!(of(CsvTable::Config).unwrap(), r#"a.b,changed,,"""1, \""2\""""","#);
        assert_eq!(of(CsvTable::Structure).unwrap(), r#"w,shape,,,F32,"[2,3]",,"#);
        assert_eq!(of(CsvTable::Weights), None);
    }
}
