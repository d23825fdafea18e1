//! What is this? The answer first, the evidence under it.

use super::blank::{is_opening, no_checkpoint, section};
use super::metrics::{metric_charts, run_metrics};
use crate::model::{Finding, MarkerKind, Resume, ResumePart, ResumeState, ResumeVerdict};
use crate::session::{Session, Summary, layout_name};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::dtype_bar::{DTypeShare, dtype_bar};
use crate::ui::part::figures::{Figure, figures};
use crate::ui::part::finding::finding_row;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::state::{State, chip};
use crate::ui::part::treemap::{Module, module_map};
use crate::ui::view::View;
use crate::words;

/// Findings shown here.
const WORST: usize = 5;
/// Everything that resuming can need, in the order told.
const NEEDED: [(&str, &str); 6] = [
    ("model", "model weights"),
    ("optimizer", "optimizer state"),
    ("scheduler", "learning-rate scheduler"),
    ("rng", "random generators"),
    ("step", "step"),
    ("config", "configuration"),
];

/// What the page shows of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
struct Overview {
    layout: String,
    evidence: String,
    rule: Option<String>,
    markers: Vec<(State, String)>,
    resume: Resume,
    summary: Summary,
    figures: Vec<Figure>,
}

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let overview = client.memo_opened(read);
    let findings = client.memo_opened(|session| session.findings().into_iter().take(WORST).collect::<Vec<Finding>>());
    let content = move || match overview.get() {
        Some(overview) => view! { {answer(overview)}{runs_metrics()}{worst(findings)} },
        None => view! { {no_checkpoint(client.with(is_opening))}{worst(findings)} },
    };
    view! { <div class="page">{content}</div> }
}

fn answer(overview: Overview) -> Markup {
    let Overview { layout, evidence, rule, markers, resume, summary, figures: strip } = overview;
    let sentence = if evidence.is_empty() { format!("{layout}.") } else { format!("{layout}: {evidence}.") };
    let markers = markers.into_iter().map(|(state, words)| chip(state, words)).collect::<Markup>();
    view! {
        <section class="section">
            <h2 class="hidden-label">"What this is"</h2>
            <p class="reading">{sentence}" "<span class="soft">{rule.as_deref().map(as_sentence)}</span></p>
            <div class="chips">{markers}</div>
            {figures(strip)}
        </section>
        <div class="columns">
            <div class="section">{types(&summary)}</div>
            {section("Can training resume from it?", "", checklist(&resume))}
        </div>
        {modules(summary)}
    }
}

/// With a capital and a full stop.
fn as_sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

fn read(session: &Session) -> Option<Overview> {
    let found = session.selected_checkpoint()?;
    let run = found.run;
    let summary = found.summary();
    let markers = run.markers.iter().map(|marker| {
        let kind = if marker.kind == MarkerKind::Best { "best" } else { "last" };
        let from = marker.file.as_deref().map_or(marker.says.as_str(), crate::model::base_name);
        match (&marker.checkpoint, marker.agrees) {
            (None, _) => (State::Bad, format!("{kind}: {from} names \"{}\", which is not here", marker.says)),
            (Some(name), Some(false)) => {
                (State::Warning, format!("{kind}: {from} names {name}, the numbers say another"))
            }
            (Some(name), _) => (State::Note, format!("{kind}: {name} ({from})")),
        }
    });
    let read = found.opened.sources.iter().fold(0_u64, |sum, source| sum.saturating_add(source.bytes_read));
    Some(Overview {
        layout: layout_name(&run.layout).to_owned(),
        evidence: run.evidence.clone(),
        rule: run.rule.clone(),
        markers: markers.collect(),
        resume: found.checkpoint.resume.clone(),
        figures: strip(session, &summary, read),
        summary,
    })
}

fn strip(session: &Session, summary: &Summary, read: u64) -> Vec<Figure> {
    let Some(found) = session.selected_checkpoint() else { return Vec::new() };
    let checkpoint = found.checkpoint;
    let step = match (checkpoint.step, checkpoint.epoch) {
        (Some(step), epoch) => Figure::new("Step", words::count(step), step.to_string())
            .beside(epoch.map_or_else(String::new, |epoch| format!("epoch {}", words::metric(epoch)))),
        (None, Some(epoch)) => Figure::new("Epoch", words::metric(epoch), words::exact(epoch)),
        (None, None) => Figure::new("Step", "–", "no file says it").beside("not recorded"),
    };
    let judged = found.run.best_metric.as_ref();
    let metric =
        checkpoint.metrics.iter().find(|(name, _)| Some(name) == judged).or_else(|| checkpoint.metrics.first());
    let metric = metric.map_or_else(
        || Figure::new("Metric", "–", "no file says one").beside("not recorded"),
        |(name, value)| Figure::new("Metric", words::metric(*value), words::exact(*value)).beside(name.clone()),
    );
    let files = words::plural(checkpoint.files.len() as u64, "file");
    vec![
        Figure::new("Parameters", words::short_count(summary.parameters), words::count(summary.parameters)),
        Figure::new("Size", words::size(summary.size_bytes), words::bytes(summary.size_bytes)).beside(files),
        Figure::new("Tensors", words::count(summary.tensors), summary.tensors.to_string()),
        step,
        metric,
        Figure::new("Bytes read", words::size(read), words::bytes(read)).beside("of everything opened"),
    ]
}

fn types(summary: &Summary) -> Markup {
    let shares = summary.dtypes.iter().map(|(name, tensors, bytes)| DTypeShare {
        name: name.clone(),
        tensors: *tensors,
        bytes: *bytes,
    });
    let shares: Vec<DTypeShare> = shares.collect();
    let content = if shares.is_empty() {
        view! { <p class="soft">"No tensor was found in its files."</p> }
    } else {
        dtype_bar(shares)
    };
    view! { <div class="section-head"><h2>"Element types"</h2><span class="count">"by bytes"</span></div>{content} }
}

fn checklist(resume: &Resume) -> Markup {
    let row = |part: &ResumePart| {
        let is_missing = resume.missing.contains(&part.what);
        let (state, symbol) = match part.state {
            ResumeState::Present => ("state ok", Icon::Ok),
            _ if is_missing => ("state note", Icon::Open),
            _ => ("state plain", Icon::Open),
        };
        let words = match part.state {
            ResumeState::Present => format!("there: {}", part.reason),
            ResumeState::Absent if is_missing => format!("missing: {}", part.reason),
            ResumeState::Absent => format!("not needed by this layout: {}", part.reason),
            ResumeState::Unreadable => format!("not known: {}", part.reason),
        };
        let name =
            NEEDED.iter().find(|(id, _)| *id == part.what).map_or(part.what.clone(), |(_, name)| (*name).to_owned());
        view! { <li><span class=state>{icon(symbol)}<span>{name}</span></span><span class="faint">{words}</span></li> }
    };
    let rows = resume.details.iter().map(row).collect::<Markup>();
    let verdict = match resume.verdict() {
        ResumeVerdict::Yes => "Yes: everything it needs is here.",
        ResumeVerdict::NotExactly => "Not exactly: what is missing below would start afresh.",
        ResumeVerdict::No => "No: there are no weights to go on from.",
        ResumeVerdict::Unknown => "Not known: the file that would say could not be read.",
    };
    view! { <p>{verdict}</p><ul class="checklist">{rows}</ul> }
}

fn modules(summary: Summary) -> Option<Markup> {
    let view = View::expect();
    let beside = format!("{} parameters; choose one to see its tensors", words::short_count(summary.parameters));
    let modules: Vec<Module> = summary
        .modules
        .into_iter()
        .map(|module| Module { name: module.name, parameters: module.parameters, dtype: module.dtype })
        .collect();
    let is_there = modules.iter().any(|module| module.parameters > 0);
    is_there.then(|| section("Modules", beside, module_map(modules, move |name| view.show_tensors(&name))))
}

fn runs_metrics() -> Markup {
    let metrics = run_metrics();
    let charts = move || {
        let is_there = metrics.with(|metrics| metrics.rows.len() > 1 && !metrics.names.is_empty());
        is_there.then(|| {
            section(
                "Metrics of the run",
                view! { <a href="#/metrics">"all of them"</a> },
                metric_charts(metrics, 132.0, 6),
            )
        })
    };
    markup(charts)
}

fn worst(findings: Live<Vec<Finding>>) -> Markup {
    let content = move || {
        let findings = findings.get();
        if findings.is_empty() {
            return view! { <p class="soft">"Nothing unusual was found in the headers. The data itself is checked on the Integrity page."</p> };
        }
        view! { <ul>{findings.iter().map(finding_row).collect::<Markup>()}</ul> }
    };
    section("Findings", view! { <a href="#/integrity">"all of them"</a> }, markup(content))
}
