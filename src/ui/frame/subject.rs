//! What the pages are about, and how it stands at a glance.

use crate::model::{IntegrityVerdict, MarkerKind, PickleVerdict, Resume};
use crate::session::{Load, Session, layout_name, may_hide_code};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::state::{State, chip};
use crate::words;

/// The header over the tabs.
#[derive(Debug, Clone, PartialEq)]
struct Subject {
    name: String,
    about: String,
    chips: Vec<(State, String, &'static str)>,
}

/// The header.
pub(super) fn subject() -> Markup {
    let subject = Client::expect().memo(read);
    let chips = move || {
        let one = |(state, words, page): (State, String, &'static str)| {
            view! { <a class="chip-link" href=format!("#/{page}")>{chip(state, words)}</a> }
        };
        subject.get().chips.into_iter().map(one).collect::<Markup>()
    };
    view! {
        <header class="subject">
            <div class="subject-line">
                <h1>{move || subject.get().name}</h1>
                <p class="soft">{move || subject.get().about}</p>
            </div>
            <div class="chips">{chips}</div>
        </header>
    }
}

fn read(session: &Session) -> Subject {
    if session.is_empty() {
        let about = "open what a registry holds, or drop files here".to_owned();
        return Subject { name: "Nothing is open yet".to_owned(), about, chips: Vec::new() };
    }
    let Some((opened, run)) = session.selected_run() else {
        let pick = session.picks.last();
        let about = match pick.map(|pick| &pick.load) {
            Some(Load::Running) => "reading headers",
            Some(Load::Stopped) => "stopped before it was read",
            Some(Load::Failed(_)) => "could not be read",
            _ => "nothing here is known to be a checkpoint",
        };
        let name = pick.map_or("", |pick| pick.name()).to_owned();
        return Subject { name, about: about.to_owned(), chips: Vec::new() };
    };
    let found = session.selected_checkpoint();
    let name = found.map_or(run.path.as_str(), |found| found.checkpoint.name.as_str());
    // What lies at the top of what was opened has no path of its own.
    let source = || opened.sources.first().map_or("", |source| source.name.as_str());
    let name = if name.is_empty() { source() } else { name }.to_owned();
    let mut about = vec![layout_name(&run.layout).to_owned()];
    let marked = |kind: MarkerKind| {
        run.markers.iter().any(|marker| marker.kind == kind && marker.checkpoint.as_deref() == Some(&name))
    };
    if marked(MarkerKind::Best) {
        about.push(run.best_metric.as_ref().map_or_else(|| "best".to_owned(), |metric| format!("best by {metric}")));
    }
    if marked(MarkerKind::Last) {
        about.push("last".to_owned());
    }
    let mut chips = vec![integrity_chip(session), safety_chip(session)];
    chips.extend(found.map(|found| resume_chip(&found.checkpoint.resume)));
    Subject { name, about: about.join(" · "), chips }
}

fn integrity_chip(session: &Session) -> (State, String, &'static str) {
    let page = "integrity";
    let Some(verification) = &session.verification else { return (State::Open, "not verified".to_owned(), page) };
    let integrity = &verification.integrity;
    let listed = integrity.entries.iter().filter(|check| check.expected.is_some()).count() as u64;
    let ok = integrity.entries.iter().filter(|check| check.status == crate::model::Status::Ok).count() as u64;
    match integrity.verdict {
        IntegrityVerdict::Verified => {
            (State::Ok, format!("intact {}/{}", words::count(ok), words::count(listed)), page)
        }
        IntegrityVerdict::Failed => {
            (State::Bad, format!("damaged: {} of {} match", words::count(ok), words::count(listed)), page)
        }
        IntegrityVerdict::Incomplete => (State::Warning, "verification incomplete".to_owned(), page),
        IntegrityVerdict::Unverified => (State::Note, "no manifest to verify against".to_owned(), page),
    }
}

fn safety_chip(session: &Session) -> (State, String, &'static str) {
    let page = "safety";
    let contents = || session.picks.iter().flat_map(|pick| pick.opened.contents.iter().flatten());
    let unread = contents().filter(|contents| may_hide_code(contents)).count();
    let is_partial = contents().any(|contents| contents.not_examined.is_some());
    let pickles = contents().flat_map(|contents| &contents.pickles);
    let worst = pickles.filter_map(|pickle| Some(pickle.judgement.as_ref()?.verdict)).max();
    let (state, words) = match worst {
        Some(PickleVerdict::Dangerous) => (State::Bad, "dangerous pickle"),
        Some(PickleVerdict::Unknown) => (State::Warning, "pickle with unknown imports"),
        _ if unread > 0 => (State::Warning, "pickles: not all read"),
        Some(PickleVerdict::Known) => (State::Note, "pickles: known imports"),
        Some(PickleVerdict::PlainTensors) => (State::Ok, "pickles: plain tensors"),
        None if is_partial => (State::Note, "no pickle in what was read"),
        None => (State::Ok, "no pickle"),
    };
    (state, words.to_owned(), page)
}

fn resume_chip(resume: &Resume) -> (State, String, &'static str) {
    if resume.ready {
        (State::Ok, "can resume".to_owned(), "overview")
    } else if resume.missing.is_empty() {
        (State::Open, "resume: not known".to_owned(), "overview")
    } else {
        (State::Note, format!("resume: no {}", resume.missing.join(", ")), "overview")
    }
}
