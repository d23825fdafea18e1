//! The values of two checkpoints' tensors: what they come to, over depth, by module, by tensor.

use super::super::blank::section;
use super::beside;
use super::cell::{head, number};
use super::depth::strips;
use super::difference::{detail, looked_at, opener};
use super::modules::modules;
use super::rows::MOST;
use crate::diff::{Comparison, NOT_PROVED, SortBy, WeightRow, in_order};
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
    let told = result.weights_sentence().unwrap_or_default();
    let depth = if differ > 0 { strips(&rows) } else { None };
    let rolled = modules(rows.clone(), only);
    let sort = RwSignal::new(SortBy::default());
    let looked = client.memo(looked_at);
    let table = markup(move || tensors(&rows, sort, only, looked.get().as_deref()));
    let content = view! {
        <p class="reading" data-testid="weights-summary">{format!("{told}.")}" "<span class="soft">{NOT_PROVED}</span></p>
        {stopped(client)}
        {depth}
        {rolled}
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
        view! { <div class="controls"><span class="soft">"The rest was not read."</span>{start(client)}</div> }
    })
}

fn state(session: &Session) -> Option<WeighingState> {
    session.comparing.weighing.as_ref().map(|weighing| weighing.state)
}

fn start(client: Client) -> Markup {
    let start = move |_| client.act(Session::weigh);
    view! { <button type="button" class="button" data-testid="weights-start" on:click=start>"Compare weights"</button> }
}

fn tensors(rows: &[WeightRow], sort: RwSignal<SortBy>, only: bool, looked: Option<&str>) -> Markup {
    let shown = in_order(rows, sort.get(), only);
    if shown.is_empty() {
        return Markup::Nothing;
    }
    let rest = shown.len().saturating_sub(MOST);
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    let heads = COLUMNS.into_iter().map(|column| head(column, sort)).collect::<Markup>();
    let body = shown.into_iter().take(MOST).map(|one| row(one, looked)).collect::<Markup>();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Weights of A and B"><table class="table">
            <thead><tr>{heads}</tr></thead>
            <tbody>{body}</tbody>
        </table></div>
        {more}
    }
}

fn row(row: &WeightRow, looked: Option<&str>) -> Markup {
    let name = row.from.as_ref().map_or_else(|| row.name.clone(), |from| format!("{from} → {}", row.name));
    if let Some(why) = row.problem.clone() {
        return view! {
            <tr data-testid="weight-row"><th scope="row" class="path">{name}</th><td colspan="4" class="soft">{format!("not compared: {why}")}</td></tr>
        };
    }
    let is_open = looked == Some(row.name.as_str());
    view! {
        <tr data-testid="weight-row"><th scope="row" class="path">{opener(&row.name, name, is_open)}{types(row)}</th><td class="number">{number(row.relative_l2, words::percent)}</td>
            <td class="number">{number(row.max_abs, words::metric)}</td><td class="number fold">{number(row.cosine, words::metric)}</td>
            <td class="number fold">{number(row.changed_fraction, words::percent)}</td></tr>
        {is_open.then(|| detail(5))}
    }
}

/// What must be known to read the numbers: two types, what is not finite, what was not read.
fn types(row: &WeightRow) -> Option<Markup> {
    let mut told: Vec<String> = row.known_by().map(str::to_owned).into_iter().collect();
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
