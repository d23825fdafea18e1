//! The metrics along the way to both checkpoints, one chart a metric, the steps of both on one axis.

use super::super::blank::section;
use crate::diff::HistoryRow;
use crate::model::Real;
use crate::ui::dom::*;
use crate::ui::part::chart::{ChartData, Series, chart};
use crate::words;

/// Charts drawn; the report has them all.
const MOST: usize = 24;
const HEIGHT: f64 = 180.0;

/// The section; nothing when no file tells a history.
pub(super) fn history(rows: &[HistoryRow]) -> Option<Markup> {
    if rows.is_empty() {
        return None;
    }
    let charts = rows.iter().take(MOST).map(one).collect::<Markup>();
    let count = words::plural(rows.len() as u64, "metric");
    let legend = view! { {count}" along the way: "<i class="swatch c1"></i>" A "<i class="swatch c2"></i>" B" };
    Some(section("History", legend, view! { <div class="charts" data-testid="compare-history">{charts}</div> }))
}

fn one(row: &HistoryRow) -> Markup {
    let data = data(row);
    let label = format!("{} of A and B", row.name);
    let data = Live::new(move || data.clone());
    view! { <figure><figcaption class="small"><b>{row.name.clone()}</b></figcaption>{chart(label, data)}</figure> }
}

fn data(row: &HistoryRow) -> ChartData {
    let series = |name: &str, color: u8, values: &[Option<Real>]| {
        let all = row.at.iter().zip(values).filter_map(|(at, value)| Some((at.0, (*value)?.0)));
        let points: Vec<(f64, f64)> = all.filter(|(_, value)| value.is_finite()).collect();
        Series {
            name: name.to_owned(),
            color,
            last: points.len().checked_sub(1),
            points,
            best: None,
            smoothed: Vec::new(),
        }
    };
    let along = match row.along.as_str() {
        "step" => "step",
        "epoch" => "epoch",
        _ => "number",
    };
    let name = |at: &Real| (at.0, format!("{along} {}", words::metric(at.0)));
    ChartData {
        along,
        series: vec![series("A", 1, &row.a), series("B", 2, &row.b)],
        names: row.at.iter().map(name).collect(),
        log: false,
        height: HEIGHT,
    }
}
