//! The values of two checkpoints' tensors: what they come to, by module, by tensor.

use super::super::blank::section;
use super::beside;
use super::rows::MOST;
use crate::diff::{Comparison, ModuleRow, NOT_PROVED, SortBy, WeightRow, in_order, roll_up, sentence};
use crate::model::Real;
use crate::session::{ActivityId, CsvTable, Session, WeighingState};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::words;

/// The columns of the tensors, and what pressing their heads sorts by.
const COLUMNS: [(&str, SortBy, &str); 5] = [
    ("tensor", SortBy::Name, ""),
    ("relative change", SortBy::Relative, "number"),
    ("largest change", SortBy::Largest, "number"),
    ("cosine", SortBy::Cosine, "number fold"),
    ("elements changed", SortBy::Changed, "number fold"),
];

/// The section; `only` leaves out what is equal.
pub(super) fn weights(result: &Comparison, only: bool) -> Markup {
    let client = Client::expect();
    let Some(rows) = result.weights.clone() else {
        return section("Weights", "not compared", not_compared(client));
    };
    let differ = rows.iter().filter(|row| !row.equal).count() as u64;
    let differing = format!("{} of {} differ", words::count(differ), words::count(rows.len() as u64));
    let told = sentence(&rows);
    let modules = roll_up(&rows);
    let sort = RwSignal::new(SortBy::default());
    let table = markup(move || tensors(&rows, sort, only));
    let content = view! {
        <p class="reading" data-testid="weights-summary">{format!("{told}.")}" "<span class="soft">{NOT_PROVED}</span></p>
        {stopped(client)}
        {by_module(&modules, only)}
        {table}
    };
    section("Weights", beside(differing, CsvTable::Weights), content)
}

/// Nothing was compared yet: a button, or how to stop.
fn not_compared(client: Client) -> Markup {
    let is_running = client.memo(|session| state(session) == Some(WeighingState::Running));
    markup(move || {
        if is_running.get() {
            let stop = move |_| client.act(|session| session.cancel(ActivityId::Weigh));
            return view! {
                <p class="soft">"Reading both sides, tensor by tensor. "<button type="button" class="button" data-testid="weights-stop" on:click=stop>"Stop"</button></p>
            };
        }
        view! {
            <p class="soft">"The values of the tensors were not compared: every byte of both sides has to be read for it."</p>
            <div class="controls">{start(client)}</div>
        }
    })
}

/// What was stopped can be done again.
fn stopped(client: Client) -> Markup {
    let is_stopped = client.memo(|session| state(session) == Some(WeighingState::Stopped));
    markup(move || {
        if !is_stopped.get() {
            return Markup::Nothing;
        }
        view! { <div class="controls"><span class="soft">"Stopped before the end."</span>{start(client)}</div> }
    })
}

fn state(session: &Session) -> Option<WeighingState> {
    session.comparing.weighing.as_ref().map(|weighing| weighing.state)
}

fn start(client: Client) -> Markup {
    let start = move |_| client.act(Session::weigh);
    view! { <button type="button" class="button" data-testid="weights-start" on:click=start>"Compare weights"</button> }
}

fn by_module(modules: &[ModuleRow], only: bool) -> Option<Markup> {
    let shown: Vec<&ModuleRow> =
        modules.iter().filter(|module| !only || module.changed > 0 || module.unknown > 0).take(MOST).collect();
    if shown.is_empty() || modules.len() < 2 {
        return None;
    }
    let most = modules.iter().filter_map(ModuleRow::relative_l2).filter(|share| share.is_finite()).fold(0.0, f64::max);
    let row = |module: &&ModuleRow| {
        // Over the depth of the model: where it moved shows at a glance.
        let part =
            module.relative_l2().filter(|share| share.is_finite() && most > 0.0).map_or(0.0, |share| share / most);
        let width = format!("{:.2}%", part * 100.0);
        let changed = format!("{} of {}", words::count(module.changed), words::count(module.tensors));
        let relative = module.relative_l2().map_or_else(none, |share| figure(share, words::percent));
        let largest = module.max_abs.map_or_else(none, |Real(value)| figure(value, words::metric));
        view! {
            <tr data-testid="module-row"><th scope="row" class="path">{module.name.clone()}</th><td class="number">{changed}</td>
                <td class="number">{relative}</td><td class="fold"><div class="share"><i style:width=width></i></div></td><td class="number">{largest}</td></tr>
        }
    };
    let rows = shown.iter().map(row).collect::<Markup>();
    Some(view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Weights by module"><table class="table">
            <thead><tr><th scope="col">"module"</th><th scope="col" class="number">"tensors changed"</th><th scope="col" class="number">"relative change"</th><th scope="col" class="fold">"against the most changed"</th><th scope="col" class="number">"largest change"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    })
}

fn tensors(rows: &[WeightRow], sort: RwSignal<SortBy>, only: bool) -> Markup {
    let by = sort.get();
    let shown = in_order(rows, by, only);
    if shown.is_empty() {
        return Markup::Nothing;
    }
    let rest = shown.len().saturating_sub(MOST);
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    let head = |(title, column, class): (&'static str, SortBy, &'static str)| {
        let sorted = if column != by {
            "none"
        } else if column == SortBy::Name || column == SortBy::Cosine {
            "ascending"
        } else {
            "descending"
        };
        view! { <th scope="col" class=class aria-sort=sorted><button type="button" class="link" on:click=move |_| sort.set(column)>{title}</button></th> }
    };
    let heads = COLUMNS.into_iter().map(head).collect::<Markup>();
    let body = shown.into_iter().take(MOST).map(row).collect::<Markup>();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Weights of A and B"><table class="table">
            <thead><tr>{heads}</tr></thead>
            <tbody>{body}</tbody>
        </table></div>
        {more}
    }
}

fn row(row: &WeightRow) -> Markup {
    let name = row.from.as_ref().map_or_else(|| row.name.clone(), |from| format!("{from} → {}", row.name));
    if let Some(why) = row.problem.clone() {
        return view! {
            <tr data-testid="weight-row"><th scope="row" class="path">{name}</th><td colspan="4" class="soft">{format!("not compared: {why}")}</td></tr>
        };
    }
    let number =
        |value: Option<Real>, write: fn(f64) -> String| value.map_or_else(none, |Real(value)| figure(value, write));
    view! {
        <tr data-testid="weight-row"><th scope="row" class="path">{name}{types(row)}</th><td class="number">{number(row.relative_l2, words::percent)}</td>
            <td class="number">{number(row.max_abs, words::metric)}</td><td class="number fold">{number(row.cosine, words::metric)}</td>
            <td class="number fold">{number(row.changed_fraction, words::percent)}</td></tr>
    }
}

/// What must be known to read the numbers: two types, what is not finite.
fn types(row: &WeightRow) -> Option<Markup> {
    let mut told = Vec::new();
    if row.a.dtype != row.b.dtype {
        told.push(match (row.beyond_rounding, row.rounding) {
            (Some(0), Some(_)) => format!("{} to {}: no more than rounding", row.a.dtype, row.b.dtype),
            (Some(beyond), Some(_)) => {
                format!("{} to {}: {} beyond rounding", row.a.dtype, row.b.dtype, words::count(beyond))
            }
            _ => format!("{} to {}", row.a.dtype, row.b.dtype),
        });
    }
    if row.specials() > 0 {
        told.push(format!("{} not finite, left out", words::count(row.specials())));
    }
    (!told.is_empty()).then(|| view! { <span class="soft small">{format!(" {}", told.join(", "))}</span> })
}

fn figure(value: f64, write: fn(f64) -> String) -> Markup {
    view! { <span title=words::exact(value)>{write(value)}</span> }
}

fn none() -> Markup {
    view! { <span class="faint">"–"</span> }
}
