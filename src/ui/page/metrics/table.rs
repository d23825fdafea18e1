//! One row a checkpoint: its numbers, its metrics, its size, and whether training can go on from it.

use crate::model::{Resume, ResumeState, ResumeVerdict};
use crate::session::{RunMetrics, RunRow};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::state::{State, state};
use crate::words;

/// The table.
pub(super) fn table(metrics: Live<RunMetrics>) -> Markup {
    let client = Client::expect();
    let body = move || {
        let metrics = metrics.read();
        metrics.rows.iter().enumerate().map(|(index, found)| row(client, &metrics, index, found)).collect::<Markup>()
    };
    let head = move || {
        metrics.with(|metrics| {
            let names = metrics.names.iter().enumerate().map(|(at, name)| {
                let class = if at > 0 { "number fold" } else { "number" };
                view! { <th scope="col" class=class>{name.clone()}</th> }
            });
            let (step, epoch) = has(metrics);
            view! {
                <tr>
                    <th scope="col">"checkpoint"</th>
                    {step.then(|| view! { <th scope="col" class="number">"step"</th> })}
                    {epoch.then(|| view! { <th scope="col" class="number">"epoch"</th> })}
                    {names.collect::<Markup>()}
                    <th scope="col" class="number fold">"size"</th>
                    <th scope="col" class="fold">"resume"</th>
                    <th scope="col" class="fold">"marked"</th>
                </tr>
            }
        })
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Metrics of every checkpoint"><table class="table"><thead>{head}</thead><tbody>{body}</tbody></table></div>
    }
}

/// Whether there are steps, and epochs.
fn has(metrics: &RunMetrics) -> (bool, bool) {
    (metrics.rows.iter().any(|row| row.step.is_some()), metrics.rows.iter().any(|row| row.epoch.is_some()))
}

fn row(client: Client, metrics: &RunMetrics, index: usize, row: &RunRow) -> Markup {
    let cells = row.values.iter().enumerate().map(|(metric, value)| {
        let is_best = metrics.best.get(metric).copied().flatten() == Some(index);
        let class = if metric > 0 { "number fold" } else { "number" };
        match value {
            Some(value) => {
                let star = is_best.then(|| view! { <span class="star" title="best">{icon(Icon::Star)}</span> });
                view! { <td class=class title=words::exact(*value)>{star}" "{words::metric(*value)}</td> }
            }
            None => view! { <td class=format!("{class} faint")>"–"</td> },
        }
    });
    let selection = row.selection;
    let marks = [row.is_best.then_some("best"), row.is_last.then_some("last")];
    let marks = marks.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let named =
        row.named.as_ref().map(|named| view! { <small class="disagrees">{format!("the name says {named}")}</small> });
    let number = |text: Option<String>| view! { <td class="number">{text.unwrap_or_else(|| "–".to_owned())}</td> };
    let (step, epoch) = has(metrics);
    let is_chosen = client.memo(move |session| session.selection == Some(selection));
    view! {
        <tr class:chosen=is_chosen data-testid="run-row">
            <th scope="row"><button type="button" class="link" on:click=move |_| client.update(|session| session.select(selection))>{row.name.clone()}</button>{named}</th>
            {step.then(|| number(row.step.map(words::count)))}
            {epoch.then(|| number(row.epoch.map(words::metric)))}
            {cells.collect::<Markup>()}
            <td class="number fold" title=words::bytes(row.size_bytes)>{words::size(row.size_bytes)}</td>
            <td class="fold" title=reasons(&row.resume)>{resume(&row.resume)}</td>
            <td class="fold soft">{marks}</td>
        </tr>
    }
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
