//! Metrics of two checkpoints: old, new, difference, verdict. The direction of a metric can be turned round.

use crate::diff::{MetricRow, MetricVerdict};
use crate::model::{Direction, Real};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::state::{State, state};
use crate::words;

/// The table; `only` leaves out what is the same.
pub(super) fn metric_table(metrics: &[MetricRow], only: bool) -> Markup {
    if metrics.is_empty() {
        return view! { <p class="soft">"Neither side says a metric."</p> };
    }
    let shown: Vec<&MetricRow> = metrics.iter().filter(|row| !only || row.differs()).collect();
    if shown.is_empty() {
        return view! { <p class="soft">"Every metric is the same within the tolerance."</p> };
    }
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Metrics of A and B"><table class="table">
            <thead><tr>
                <th scope="col">"metric"</th><th scope="col" class="number">"A"</th><th scope="col" class="number">"B"</th>
                <th scope="col" class="number">"difference"</th><th scope="col" class="number fold">"relative"</th>
                <th scope="col">"B is"</th><th scope="col" class="fold">"direction"</th>
            </tr></thead>
            <tbody>{shown.into_iter().map(row).collect::<Markup>()}</tbody>
        </table></div>
    }
}

fn row(row: &MetricRow) -> Markup {
    let (how, word) = match row.verdict {
        MetricVerdict::Better => (State::Ok, "better"),
        MetricVerdict::Worse => (State::Bad, "worse"),
        MetricVerdict::Same => (State::Open, "the same"),
        MetricVerdict::Unknown => (State::Note, "unknown"),
    };
    let number = |value: Option<Real>, write: fn(f64) -> String| match value {
        Some(Real(value)) => view! { <span title=words::exact(value)>{write(value)}</span> },
        None => view! { <span class="faint">"–"</span> },
    };
    view! {
        <tr data-testid="metric-row">
            <th scope="row">{row.name.clone()}</th>
            <td class="number">{number(row.a, words::metric)}</td>
            <td class="number">{number(row.b, words::metric)}</td>
            <td class="number">{number(row.delta, words::signed)}</td>
            <td class="number fold">{number(row.relative, words::signed_percent)}</td>
            <td>{state(how, word)}</td>
            <td class="fold">{direction(&row.name, row.direction)}</td>
        </tr>
    }
}

/// A button that turns the direction round.
fn direction(metric: &str, direction: Direction) -> Markup {
    let client = Client::expect();
    let (words, next) = match direction {
        Direction::Lower => ("lower is better", Direction::Higher),
        Direction::Higher => ("higher is better", Direction::Lower),
        Direction::Unknown => ("not known", Direction::Lower),
    };
    let (name, label) = (metric.to_owned(), format!("{words} for {metric}: change"));
    view! {
        <button type="button" class="link" aria-label=label title="Change the direction"
            on:click=move |_| client.update(|session| session.set_direction(&name, next))>{words}</button>
    }
}
