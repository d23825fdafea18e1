//! The sheet of a run: one row a checkpoint with its numbers, its metrics, what changed since the one before, how far the
//! weights moved, its size, and whether training can go on from it.

use std::collections::BTreeSet;

use super::{changes, movement, of_run};
use crate::diff::{Movement, Neighbours};
use crate::model::{Resume, ResumeState, ResumeVerdict};
use crate::session::{RunMetrics, RunRow, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::page::export::save;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::sparkline::sparkline;
use crate::ui::part::state::{State, state};
use crate::words;

/// What the rows are made of.
#[derive(Clone, Copy)]
struct Sheet {
    client: Client,
    /// From each checkpoint to the next.
    changed: Live<Vec<Neighbours>>,
    moved: Live<Vec<Option<Movement>>>,
    /// Rows whose changes are shown.
    open: RwSignal<BTreeSet<usize>>,
}

/// A button that saves the sheet.
pub(super) fn csv() -> Markup {
    let client = Client::expect();
    let write = move |_| save(client, "weighbridge-run.csv", "text/csv", |session| session.sheet_csv().into_bytes());
    view! { "star: best "<button type="button" class="link" data-testid="sheet-csv" aria-label="Save weighbridge-run.csv as CSV" on:click=write>"CSV"</button> }
}

/// The table.
pub(super) fn table(metrics: Live<RunMetrics>) -> Markup {
    let client = Client::expect();
    let sheet = Sheet {
        client,
        changed: of_run(client, Session::neighbours),
        moved: movement::movements(),
        open: RwSignal::new(BTreeSet::new()),
    };
    let body = move || {
        let metrics = metrics.read();
        metrics.rows.iter().enumerate().map(|(index, found)| row(sheet, &metrics, index, found)).collect::<Markup>()
    };
    let head = move || metrics.with(head);
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Every checkpoint of the run"><table class="table"><thead>{head}</thead><tbody>{body}</tbody></table></div>
    }
}

fn head(metrics: &RunMetrics) -> Markup {
    let names = metrics.names.iter().enumerate().map(|(at, name)| {
        let class = if at > 0 { "number fold" } else { "number" };
        let best = metrics.best.get(at).copied().flatten().and_then(|row| metrics.rows.get(row)).map(|row| row.at);
        view! { <th scope="col" class=class>{name.clone()}{sparkline(&metrics.points(at), best)}</th> }
    });
    let (step, epoch) = has(metrics);
    let epoch_class = if step { "number fold" } else { "number" };
    let is_run = metrics.rows.len() > 1;
    view! {
        <tr>
            <th scope="col">"checkpoint"</th>
            {step.then(|| view! { <th scope="col" class="number">"step"</th> })}
            {epoch.then(|| view! { <th scope="col" class=epoch_class>"epoch"</th> })}
            {names.collect::<Markup>()}
            {is_run.then(|| view! { <th scope="col">"since the one before"</th><th scope="col" class="number fold">"weights moved"</th> })}
            <th scope="col" class="number fold">"size"</th>
            <th scope="col" class="fold">"resume"</th>
            <th scope="col" class="fold">"marked"</th>
        </tr>
    }
}

/// Whether there are steps, and epochs.
fn has(metrics: &RunMetrics) -> (bool, bool) {
    (metrics.rows.iter().any(|row| row.step.is_some()), metrics.rows.iter().any(|row| row.epoch.is_some()))
}

fn row(sheet: Sheet, metrics: &RunMetrics, index: usize, row: &RunRow) -> Markup {
    let client = sheet.client;
    let selection = row.selection;
    let marks = [row.is_best.then_some("best"), row.is_last.then_some("last")];
    let marks = marks.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let named =
        row.named.as_ref().map(|named| view! { <small class="disagrees">{format!("the name says {named}")}</small> });
    let number = |class: &'static str, text: Option<String>| view! { <td class=class>{text.unwrap_or_else(|| "–".to_owned())}</td> };
    let (step, epoch) = has(metrics);
    let epoch_class = if step { "number fold" } else { "number" };
    let is_chosen = client.memo(move |session| session.selection == Some(selection));
    let (since, unfolded) =
        since(sheet, metrics, index, row).map_or((None, None), |(since, row)| (Some(since), Some(row)));
    view! {
        <tr class:chosen=is_chosen data-testid="run-row">
            <th scope="row"><button type="button" class="link" on:click=move |_| client.update(|session| session.select(selection))>{row.name.clone()}</button>{named}</th>
            {step.then(|| number("number", row.step.map(words::count)))}
            {epoch.then(|| number(epoch_class, row.epoch.map(words::metric)))}
            {values(metrics, index, row)}
            {since}
            <td class="number fold" title=words::bytes(row.size_bytes)>{words::size(row.size_bytes)}</td>
            <td class="fold" title=reasons(&row.resume)>{resume(&row.resume)}</td>
            <td class="fold soft">{marks}</td>
        </tr>
        {unfolded}
    }
}

fn values(metrics: &RunMetrics, index: usize, row: &RunRow) -> Markup {
    let cell = |(metric, value): (usize, &Option<f64>)| {
        let is_best = metrics.best.get(metric).copied().flatten() == Some(index);
        let class = if metric > 0 { "number fold" } else { "number" };
        match value {
            Some(value) => {
                let star = is_best.then(|| view! { <span class="star" title="best">{icon(Icon::Star)}</span> });
                view! { <td class=class title=words::exact(*value)>{star}" "{words::metric(*value)}</td> }
            }
            None => view! { <td class=format!("{class} faint")>"–"</td> },
        }
    };
    row.values.iter().enumerate().map(cell).collect::<Markup>()
}

/// What there is to say against the checkpoint before: two cells, and the row beneath that unfolds. Nothing in a run of one.
fn since(sheet: Sheet, metrics: &RunMetrics, index: usize, row: &RunRow) -> Option<(Markup, Markup)> {
    let rows = metrics.rows.len();
    if rows < 2 {
        return None;
    }
    let (step, epoch) = has(metrics);
    let columns =
        metrics.names.len().saturating_add(6).saturating_add(usize::from(step)).saturating_add(usize::from(epoch));
    let Sheet { changed, moved, open, .. } = sheet;
    let is_open = Live::new(move || open.with(|open| open.contains(&index)));
    let toggle = move || {
        open.update(|open| {
            if !open.remove(&index) {
                open.insert(index);
            }
        });
    };
    let of = move |changed: &[Neighbours]| Some(changed.get(index.checked_sub(1)?)?.clone());
    let own = Live::new(move || changed.with(|changed| of(changed)));
    let name = row.name.clone();
    let cell = move || own.with(|own| changes::cell((index, &name), own.as_ref(), is_open, toggle));
    let moved = move || moved.with(|moved| movement::cell(moved.get(index).and_then(Option::as_ref)));
    let beneath =
        move || is_open.get().then(|| own.with(|own| own.as_ref().map(|own| changes::unfolded(own, columns))));
    Some((view! { {cell}<td class="number fold">{moved}</td> }, markup(beneath)))
}

fn resume(resume: &Resume) -> Markup {
    match resume.verdict() {
        ResumeVerdict::Yes => state(State::Ok, "ready"),
        ResumeVerdict::Unknown => state(State::Open, "not known"),
        ResumeVerdict::No => state(State::Note, "no weights"),
        ResumeVerdict::NotExactly => state(State::Note, format!("no {}", resume.missing.join(", "))),
    }
}

/// Each of the parts with where it is, or why it is not there.
fn reasons(resume: &Resume) -> String {
    let one = |part: &crate::model::ResumePart| {
        let is = match part.state {
            ResumeState::Present => "there",
            ResumeState::Absent => "absent",
            ResumeState::Unreadable => "unreadable",
        };
        format!("{}: {is}, {}", part.what, part.reason)
    };
    resume.details.iter().map(one).collect::<Vec<_>>().join("\n")
}
