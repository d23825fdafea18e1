//! What may go? A policy, and what it would keep and drop. Nothing is ever deleted.

use super::blank::{blank, no_checkpoint, section};
use crate::chart::{Scale, real, ticks};
use crate::retention::{Choice, Mode, Plan, Policy};
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::figures::{Figure, figures};
use crate::ui::part::select::{number_input, select};
use crate::ui::part::size::size_of;
use crate::ui::part::state::{State, state};
use crate::words;

/// Height of the ruler in pixels.
const RULER: f64 = 56.0;

/// One checkpoint on the ruler.
#[derive(Debug, Clone, PartialEq)]
struct Mark {
    at: f64,
    name: String,
    is_kept: bool,
}

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    // The plan is made when the page is first shown, and again with everything it depends on.
    Effect::new(move || client.update(Session::ask_for_plan));
    let policy = client.memo(|session| session.planning.policy.clone());
    let plan = client.memo(|session| session.planning.plan.clone());
    let has_checkpoint = client.memo(|session| session.selected_checkpoint().is_some());
    let content = move || {
        if !has_checkpoint.get() {
            return no_checkpoint(client.with(super::blank::is_opening));
        }
        view! { {controls(client, policy)}{planned(client, plan)} }
    };
    view! {
        <div class="page">
            <h2 class="hidden-label">"Retention"</h2>
            <p class="soft reading">"A dry run: which checkpoints of this run a policy keeps, and what the others take up. Nothing is deleted here."</p>
            {content}
        </div>
    }
}

fn controls(client: Client, policy: Live<Option<Policy>>) -> Markup {
    let metrics = client.memo(|session| {
        session.retention_metrics().into_iter().map(|name| (name.clone(), name)).collect::<Vec<(String, String)>>()
    });
    let modes = Live::new(|| {
        vec![("min".to_owned(), "lowest is best".to_owned()), ("max".to_owned(), "highest is best".to_owned())]
    });
    let change = move |edit: &dyn Fn(&mut Policy)| {
        if let Some(mut next) = policy.get_untracked() {
            edit(&mut next);
            client.update(|session| session.set_policy(next));
        }
    };
    let part = move |read: fn(&Policy) -> String| {
        Live::new(move || policy.with(|policy| policy.as_ref().map(read)).unwrap_or_default())
    };
    let mode = part(|policy| if policy.mode == Mode::Max { "max" } else { "min" }.to_owned());
    let number = |text: String| text.trim().parse::<u64>().ok();
    view! {
        <div class="controls">
            {number_input("keep the last", "retention-keep-last", part(|policy| policy.keep_last.to_string()), move |text| {
                if let Some(value) = number(text) { change(&|policy| policy.keep_last = value); }
            })}
            {number_input("keep the best", "retention-keep-best", part(|policy| policy.keep_best.to_string()), move |text| {
                if let Some(value) = number(text) { change(&|policy| policy.keep_best = value); }
            })}
            {select("by metric", "retention-metric", metrics, part(|policy| policy.metric.clone().unwrap_or_default()), move |name| {
                change(&|policy| policy.metric = Some(name.clone()));
            })}
            {select("where the", "retention-mode", modes, mode, move |mode| {
                change(&|policy| policy.mode = if mode == "max" { Mode::Max } else { Mode::Min });
            })}
        </div>
    }
}

fn planned(client: Client, plan: Live<Option<Plan>>) -> Markup {
    let content = move || {
        let Some(plan) = plan.get() else { return blank("No plan", "There is no checkpoint to plan for.") };
        let marks = client.peek(|session| marks(session, &plan));
        let strip = vec![
            Figure::new("Kept", words::count(plan.keep.len() as u64), "").beside(words::size(plan.bytes_kept)),
            Figure::new("Could go", words::count(plan.drop.len() as u64), "").beside(words::size(plan.bytes_freed)),
            Figure::new("Freed", words::size(plan.bytes_freed), words::bytes(plan.bytes_freed)),
        ];
        let notes =
            plan.notes.iter().map(|note| view! { <li>{state(State::Note, note.clone())}</li> }).collect::<Markup>();
        let drop = plan.drop.iter().map(|choice| row(choice, false));
        let rows = plan.keep.iter().map(|choice| row(choice, true)).chain(drop).collect::<Markup>();
        let table = view! {
            <div class="table-box" tabindex="0" role="region" aria-label="What is kept and what could go"><table class="table">
                <thead><tr><th scope="col">"verdict"</th><th scope="col">"checkpoint"</th><th scope="col">"why"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        };
        view! {
            <div class="plan-figures">{figures(strip)}</div>
            {ruler(marks)}
            <ul class="section">{notes}</ul>
            {section("Reasons", "", table)}
        }
    };
    markup(content)
}

fn row(choice: &Choice, is_kept: bool) -> Markup {
    let verdict = if is_kept { state(State::Ok, "keep") } else { state(State::Open, "could go") };
    view! {
        <tr data-testid="retention-row" data-kept=is_kept.to_string()>
            <td>{verdict}</td><th scope="row" class="path">{choice.path.clone()}</th><td class="soft">{choice.reasons.join(", ")}</td>
        </tr>
    }
}

fn marks(session: &Session, plan: &Plan) -> Vec<Mark> {
    let Some((_, run)) = session.selected_run() else { return Vec::new() };
    let has_steps = run.checkpoints.iter().all(|checkpoint| checkpoint.step.is_some());
    #[expect(clippy::cast_precision_loss, reason = "a position on a ruler")]
    let mark = |(index, checkpoint): (usize, &crate::model::Checkpoint)| Mark {
        at: checkpoint.step.filter(|_| has_steps).map_or_else(|| real(index.saturating_add(1)), |step| step as f64),
        name: checkpoint.name.clone(),
        is_kept: plan.keep.iter().any(|choice| choice.path == checkpoint.path),
    };
    run.checkpoints.iter().enumerate().map(mark).collect()
}

/// Checkpoints along the steps: filled ones stay.
fn ruler(marks: Vec<Mark>) -> Markup {
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let width = Live::new(move || size.get().0);
    let marks = StoredValue::new(marks);
    let drawing = move || {
        let width = width.get();
        let scale = marks.with_value(|marks| Scale::over(marks.iter().map(|mark| mark.at), false, 12.0, width - 12.0));
        let scale = scale.filter(|_| width > 60.0)?;
        let base = RULER - 26.0;
        let labels = ticks(&scale, 8).into_iter().map(|tick| {
            let x = scale.place(tick.value).unwrap_or(0.0);
            view! { <line class="axis" x1=x x2=x y1=base y2=base + 5.0></line><text x=x y=RULER - 6.0 text-anchor="middle">{tick.label}</text> }
        });
        let dots = marks.with_value(|marks| {
            let dot = |mark: &Mark| {
                let title = format!("{}: {}", mark.name, if mark.is_kept { "kept" } else { "could go" });
                view! { <circle class=if mark.is_kept { "kept" } else { "dropped" } cx=scale.place(mark.at) cy=base r="5"><title>{title}</title></circle> }
            };
            marks.iter().map(dot).collect::<Markup>()
        });
        Some(view! {
            <svg viewBox=format!("0 0 {width} {RULER}") height=RULER role="img" aria-label="Checkpoints along the run: filled ones are kept">
                <line class="axis" x1="12" x2=width - 12.0 y1=base y2=base></line>
                {labels.collect::<Markup>()}
                {dots}
            </svg>
        })
    };
    view! { <div class="ruler" node_ref=node>{drawing}</div> }
}
