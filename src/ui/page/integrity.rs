//! Is it intact? A verdict, then a row a file, the worst first.

use super::blank::section;
use super::identity::identity;
use super::signatures::signatures;
use crate::model::{Algorithm, Check, Finding, IntegrityVerdict, Status, distinct, order_by_key};
use crate::session::{Session, VerificationState};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::digest::{digest, digest_pair};
use crate::ui::part::finding::finding_row;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::state::{State, state};
use crate::words;

/// Rows drawn at once.
const AT_ONCE: usize = 200;

/// What the verdict line says.
#[derive(Debug, Clone, PartialEq)]
struct Verdict {
    state: State,
    word: &'static str,
    words: String,
}

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let verdict = client.memo(verdict);
    let is_running = client.memo(|session| {
        session.verification.as_ref().is_some_and(|verification| verification.state == VerificationState::Running)
    });
    let size =
        client.memo(|session| session.sources().fold(0_u64, |sum, source| sum.saturating_add(source.size_bytes)));
    let start = move |_| client.act(Session::verify);
    let label = move || match (is_running.get(), verdict.with(Option::is_some)) {
        (true, _) => "Verifying".to_owned(),
        (false, true) => "Verify again".to_owned(),
        (false, false) => format!("Verify {}", words::size(size.get())),
    };
    let line = move || match verdict.get() {
        Some(verdict) => verdict_line(verdict),
        None => view! {
            <p class="reading">"Nothing has been verified yet. Verifying reads every byte once and compares it with the manifests found; without one it computes the digests."</p>
        },
    };
    view! {
        <div class="page">
            <section class="section">
                <h2 class="hidden-label">"Verdict"</h2>
                {line}
                <div class="controls">
                    <button type="button" class="button primary" data-testid="verify-start" disabled=is_running on:click=start>
                        {icon(Icon::Ok)}{label}
                    </button>
                    {manifests(client)}
                </div>
            </section>
            {rows(client)}
            {signatures(client)}
            {identity(client)}
            {findings(client)}
        </div>
    }
}

fn verdict(session: &Session) -> Option<Verdict> {
    let verification = session.verification.as_ref()?;
    let entries = &verification.integrity.entries;
    let count = |status: Status| entries.iter().filter(|check| check.status == status).count() as u64;
    let listed =
        entries.iter().filter(|check| check.expected.is_some() || check.status == Status::Missing).count() as u64;
    let (ok, wrong, missing) = (count(Status::Ok), count(Status::Mismatch), count(Status::Missing));
    let names = manifest_names(entries);
    let running = verification.state == VerificationState::Running;
    let counted = |number: u64| words::count(number);
    let matched = format!("{} of {} listed files match {names}", counted(ok), counted(listed));
    let verdict = match verification.integrity.verdict {
        _ if running => Verdict { state: State::Open, word: "incomplete", words: "Verifying".to_owned() },
        IntegrityVerdict::Verified => {
            Verdict { state: State::Ok, word: "verified", words: format!("Verified: {matched}") }
        }
        IntegrityVerdict::Failed => {
            let mut faults = Vec::new();
            if wrong > 0 {
                faults.push(format!("{} {}", counted(wrong), if wrong == 1 { "differs" } else { "differ" }));
            }
            if missing > 0 {
                faults.push(format!("{} {} missing", counted(missing), if missing == 1 { "is" } else { "are" }));
            }
            Verdict { state: State::Bad, word: "failed", words: format!("Failed: {matched}, {}", faults.join(" and ")) }
        }
        IntegrityVerdict::Incomplete if listed == 0 => Verdict {
            state: State::Warning,
            word: "incomplete",
            words: "Incomplete: not everything was read, and no manifest says what the digests should be".to_owned(),
        },
        IntegrityVerdict::Incomplete => Verdict {
            state: State::Warning,
            word: "incomplete",
            words: format!("Incomplete: {matched} so far; not everything was checked"),
        },
        IntegrityVerdict::Unverified => Verdict {
            state: State::Note,
            word: "unverified",
            words: "Unverified: no manifest says what the digests should be; compare them with the writer's".to_owned(),
        },
    };
    Some(verdict)
}

fn manifest_names(entries: &[Check]) -> String {
    let names = entries.iter().filter_map(|check| check.manifest.as_deref()).map(crate::model::base_name);
    let names: Vec<&str> = distinct(names).into_iter().collect();
    match names.as_slice() {
        [] => "a manifest".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        many => format!("{} manifests", many.len()),
    }
}

fn verdict_line(verdict: Verdict) -> Markup {
    let class = format!("verdict {}", verdict.state.class());
    view! {
        <p class=class role="status" data-testid="integrity-verdict" data-verdict=verdict.word>
            {icon(verdict.state.icon())}<span>{verdict.words}</span>
        </p>
    }
}

/// Which manifests there are, before anything is verified.
fn manifests(client: Client) -> Markup {
    let found = client.memo_opened(|session| {
        let contents = session.picks.iter().flat_map(|pick| pick.opened.contents.iter().flatten());
        contents.filter(|contents| contents.manifest.is_some()).count() as u64
    });
    let words = move || {
        let count = found.get();
        if count == 0 { "no manifest found".to_owned() } else { format!("{} found", words::plural(count, "manifest")) }
    };
    view! { <span class="soft small">{words}</span> }
}

fn rows(client: Client) -> Markup {
    // While it runs the rows are sorted twice a second, not sixty times.
    let due = client.memo(|session| {
        let state = session.verification.as_ref().map(|verification| verification.state);
        let is_running = state == Some(VerificationState::Running);
        (state, session.finished, if is_running { crate::chart::whole(crate::ui::now_ms() / 500.0) } else { 0 })
    });
    let sorted = |session: &Session| {
        let verification = session.verification.as_ref();
        let mut entries = verification.map(|verification| verification.integrity.entries.clone()).unwrap_or_default();
        // `Status` is ordered from worst to best; the sort keeps the natural order of paths.
        order_by_key(&mut entries, |check| check.status);
        entries
    };
    let entries = Live::new(move || {
        due.with(|_| ());
        client.peek(sorted)
    });
    let shown = RwSignal::new(AT_ONCE);
    let content = move || {
        let entries = entries.get();
        if entries.is_empty() {
            return Markup::Nothing;
        }
        let rest = entries.len().saturating_sub(shown.get());
        let beside = words::plural(entries.len() as u64, "row");
        let rows = entries.iter().take(shown.get()).map(row).collect::<Markup>();
        let more = (rest > 0).then(|| {
            let words = format!("Show {} more", words::count(rest.min(AT_ONCE) as u64));
            view! { <button type="button" class="button" on:click=move |_| shown.update(|n| *n = n.saturating_add(AT_ONCE))>{words}</button> }
        });
        let table = view! {
            <div class="table-box" tabindex="0" role="region" aria-label="Files and digests">
                <table class="table stacked">
                    <thead><tr><th scope="col">"result"</th><th scope="col">"file"</th><th scope="col">"digest"</th><th scope="col" class="fold">"manifest"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        };
        section("Files", beside, table)
    };
    markup(content)
}

fn row(check: &Check) -> Markup {
    let (state_of, word) = match check.status {
        Status::Mismatch => (State::Bad, "differs"),
        Status::Missing => (State::Bad, "missing"),
        Status::NotCheckable => (State::Warning, "not checkable"),
        Status::Unlisted => (State::Note, "not listed"),
        Status::Ok => (State::Ok, "ok"),
    };
    let digests = match (&check.expected, &check.actual) {
        (Some(expected), Some(actual)) if expected != actual => digest_pair(expected, actual),
        (_, Some(actual)) => digest(actual),
        (Some(expected), None) => view! { <span class="faint">"expected "</span>{digest(expected)} },
        (None, None) => view! { <span class="faint">"not read yet"</span> },
    };
    let manifest = check.manifest.clone().unwrap_or_else(|| "–".to_owned());
    let algorithm = (check.algorithm != Algorithm::Sha256).then(|| check.algorithm.name());
    view! {
        <tr data-testid="integrity-row" data-status=word>
            <td>{state(state_of, word)}</td><th scope="row" class="path">{check.path.clone()}</th><td>{algorithm.map(|name| view! { <span class="soft">{name}" "</span> })}{digests}</td>
            <td class="path fold soft">{manifest}</td>
        </tr>
    }
}

/// Every finding, the worst first.
fn findings(client: Client) -> Markup {
    let facts = client.memo(|session| {
        let verification =
            session.verification.as_ref().map(|verification| (verification.state, verification.unreadable.len()));
        (session.revision, verification, session.comparing.result.is_some(), session.finished)
    });
    let shown = RwSignal::new(AT_ONCE);
    let findings = Live::new(move || {
        facts.with(|_| ());
        client.peek(Session::findings)
    });
    let content = move || {
        let findings: Vec<Finding> = findings.get();
        let rest = findings.len().saturating_sub(shown.get());
        let list = findings.iter().take(shown.get()).map(finding_row).collect::<Markup>();
        let more = (rest > 0).then(|| {
            let words = format!("Show {} more", words::count(rest.min(AT_ONCE) as u64));
            view! { <button type="button" class="button" on:click=move |_| shown.update(|n| *n = n.saturating_add(AT_ONCE))>{words}</button> }
        });
        let list = if findings.is_empty() {
            view! { <p class="soft">"Nothing unusual was found in what was read so far."</p> }
        } else {
            view! { <ul>{list}</ul>{more} }
        };
        section("Findings", words::count(findings.len() as u64), list)
    };
    markup(content)
}
