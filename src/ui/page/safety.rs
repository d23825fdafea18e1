//! Is it safe to load? What could run code when it is loaded, and what nobody looked into.

use std::cmp::Reverse;

use super::blank::section;
use crate::model::{PickleVerdict, order_by_key};
use crate::report::{self, PickleLine, PickleRow};
use crate::session::{Session, can_run_code, may_hide_code};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::icon;
use crate::ui::part::state::{State, state};
use crate::words;

/// Rows drawn at once.
const AT_ONCE: usize = 200;

/// Imports or lines of one pickle drawn at once.
const FEW: usize = 100;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Default)]
struct Safety {
    /// Every pickle that was read, the worst first.
    pickles: Vec<PickleRow>,
    /// Files whose usual loader runs a pickle that could not be read: path, what it is.
    unread: Vec<(String, &'static str)>,
    /// Files nobody looked into: path, why.
    not_examined: Vec<(String, String)>,
    /// Files in all.
    files: usize,
}

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let safety = client.memo_opened(read);
    let content = move || {
        let safety = safety.get();
        view! { {verdict(&safety)}{pickles(&safety)}{unread(&safety)}{ledger(&safety)} }
    };
    view! { <div class="page">{content}</div> }
}

fn read(session: &Session) -> Safety {
    let mut safety = Safety { not_examined: session.not_examined(), ..Safety::default() };
    for pick in &session.picks {
        safety.files = safety.files.saturating_add(pick.opened.entries.len());
        safety.pickles.extend(report::pickles(&pick.opened));
        for (entry, contents) in pick.opened.entries.iter().zip(&pick.opened.contents) {
            let Some(contents) = contents.as_ref().filter(|contents| contents.pickles.is_empty()) else { continue };
            let has_objects = contents.tensors.iter().any(|tensor| tensor.dtype.name() == "O");
            if can_run_code(&contents.format) {
                safety.unread.push((entry.path.clone(), "its usual loader runs a pickle; none could be read"));
            } else if may_hide_code(contents) {
                safety.unread.push((entry.path.clone(), "broken: a pickle may be in what could not be read"));
            } else if has_objects {
                safety.unread.push((entry.path.clone(), "object arrays: NumPy needs allow_pickle=True to load them"));
            }
        }
    }
    order_by_key(&mut safety.pickles, |row| Reverse(row.verdict));
    safety
}

/// A verdict as icon, word and colour.
fn state_of(verdict: PickleVerdict) -> (State, &'static str) {
    match verdict {
        PickleVerdict::Dangerous => (State::Bad, "dangerous"),
        PickleVerdict::Unknown => (State::Warning, "unknown"),
        PickleVerdict::Known => (State::Note, "known"),
        PickleVerdict::PlainTensors => (State::Ok, "plain tensors"),
    }
}

fn verdict(safety: &Safety) -> Markup {
    let pickles = words::plural(safety.pickles.len() as u64, "pickle");
    let worst = safety.pickles.first().map(|row| row.verdict);
    let of_worst = safety.pickles.iter().filter(|row| Some(row.verdict) == worst).count() as u64;
    let (state_of, words) = match worst {
        Some(PickleVerdict::Dangerous) => {
            (State::Bad, format!("{} of {pickles} would run code when loaded", words::count(of_worst)))
        }
        Some(PickleVerdict::Unknown) => {
            (State::Warning, format!("{} of {pickles}: what loading would run is not known", words::count(of_worst)))
        }
        _ if !safety.unread.is_empty() => {
            let files = words::plural(safety.unread.len() as u64, "file");
            (State::Warning, format!("what {files} would run when loaded could not be read"))
        }
        _ if !safety.not_examined.is_empty() => {
            let files = words::plural(safety.not_examined.len() as u64, "file");
            (State::Note, format!("{pickles} without a known danger; {files} could not be looked into"))
        }
        Some(PickleVerdict::Known) => (State::Note, format!("{pickles}: every import is listed as harmless")),
        Some(PickleVerdict::PlainTensors) => (State::Ok, format!("{pickles}: plain tensors and values")),
        None => (
            State::Ok,
            format!("No pickle in {}: nothing here runs code when loaded", words::plural(safety.files as u64, "file")),
        ),
    };
    view! {
        <section class="section">
            <h2 class="hidden-label">"Verdict"</h2>
            <p class=format!("verdict {}", state_of.class()) role="status">{icon(state_of.icon())}<span>{words}</span></p>
            <p class="soft reading">"Weighbridge reads pickles and never runs one. It finds them by their bytes, not by their names. No known danger is no proof."</p>
        </section>
    }
}

fn pickles(safety: &Safety) -> Option<Markup> {
    let rows = safety.pickles.iter().take(AT_ONCE).map(pickle);
    let table = view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Pickles and what they do"><table class="table stacked">
            <thead><tr><th scope="col">"verdict"</th><th scope="col">"pickle"</th><th scope="col">"why"</th><th scope="col">"torch.load(weights_only=True)"</th></tr></thead>
            <tbody>{rows.collect::<Markup>()}</tbody>
        </table></div>
    };
    (!safety.pickles.is_empty()).then(|| section("Pickles", words::count(safety.pickles.len() as u64), table))
}

fn pickle(row: &PickleRow) -> Markup {
    let (of, word) = state_of(row.verdict);
    let mut place = row.file.clone();
    if let Some(entry) = &row.entry {
        place.push_str(" › ");
        place.push_str(entry);
    }
    if row.offset > 0 {
        place.push_str(&format!(", byte {}", words::count(row.offset)));
    }
    if let Some(hidden) = &row.hidden {
        place.push_str(", ");
        place.push_str(hidden);
    }
    let why = row.rule.clone().unwrap_or_else(|| {
        if row.imports.is_empty() { "imports nothing" } else { "imports only what is listed" }.to_owned()
    });
    let imports: Vec<String> = row
        .imports
        .iter()
        .map(|import| {
            let (_, word) = state_of(import.verdict);
            format!("{}  {}.{}  ({word}: {})", import.offset, import.module, import.name, import.reason)
        })
        .collect();
    let lines: Vec<String> = row.lines.iter().map(line).collect();
    view! {
        <tr data-testid="pickle-row" data-verdict=word.replace(' ', "_")>
            <td>{state(of, word)}</td>
            <th scope="row" class="path">{place}</th>
            <td><p>{why}</p>{folded("imports", &imports)}{folded("what it does, by byte", &lines)}</td>
            <td data-label="torch.load(weights_only=True)">{weights_only(row)}</td>
        </tr>
    }
}

fn line(line: &PickleLine) -> String {
    match line.times {
        0 | 1 => format!("{}  {}", line.offset, line.text),
        times => format!("{}  {}  (×{times})", line.offset, line.text),
    }
}

/// A list that opens when it is asked for.
fn folded(what: &'static str, lines: &[String]) -> Option<Markup> {
    let more = lines.len().saturating_sub(FEW);
    let mut text = lines.iter().take(FEW).map(String::as_str).collect::<Vec<_>>().join("\n");
    if more > 0 {
        text.push_str(&format!("\n… {} more are in the report", words::count(more as u64)));
    }
    let head = format!("{what} ({})", words::count(lines.len() as u64));
    (!lines.is_empty()).then(|| view! { <details><summary>{head}</summary><pre>{text}</pre></details> })
}

fn weights_only(row: &PickleRow) -> Markup {
    if row.weights_only_loads {
        let old = if row.weights_only_loads_2_6 { "loads" } else { "loads; 2.6 refuses it" };
        return state(State::Ok, old);
    }
    let why = match (&row.not_loadable, &row.stops_at) {
        (Some(reason), _) => reason.clone(),
        (None, Some(stop)) => {
            format!("stops at {} at byte {}: {}", stop.opcode, words::count(stop.offset), stop.reason)
        }
        (None, None) => "another pickle of the file is refused".to_owned(),
    };
    view! { {state(State::Note, "does not load")}<p class="soft">{why}</p> }
}

fn unread(safety: &Safety) -> Option<Markup> {
    let rows = safety.unread.iter().take(AT_ONCE).map(|(path, what)| {
        view! {
            <tr><td>{state(State::Warning, "not read")}</td><th scope="row" class="path">{path.clone()}</th><td>{*what}</td></tr>
        }
    });
    let table = view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Files that could run code"><table class="table stacked">
            <thead><tr><th scope="col">"verdict"</th><th scope="col">"file"</th><th scope="col">"why it matters"</th></tr></thead>
            <tbody>{rows.collect::<Markup>()}</tbody>
        </table></div>
    };
    (!safety.unread.is_empty()).then(|| section("Could run code", words::count(safety.unread.len() as u64), table))
}

fn ledger(safety: &Safety) -> Markup {
    if safety.not_examined.is_empty() {
        return section("Not examined", "0", view! { <p class="soft">"Every file was looked into."</p> });
    }
    let rows = safety.not_examined.iter().take(AT_ONCE).map(|(path, why)| {
        view! { <tr><th scope="row" class="path">{path.clone()}</th><td>{why.clone()}</td></tr> }
    });
    let count = safety.not_examined.len();
    let rest = (count > AT_ONCE).then(|| {
        let more = words::count(count.saturating_sub(AT_ONCE) as u64);
        view! { <p class="soft">{format!("{more} more are in the report.")}</p> }
    });
    let table = view! {
        <p class="soft reading">"A file that was skipped is not a file without findings."</p>
        <div class="table-box" tabindex="0" role="region" aria-label="Files nobody looked into"><table class="table">
            <thead><tr><th scope="col">"file"</th><th scope="col">"why not"</th></tr></thead>
            <tbody>{rows.collect::<Markup>()}</tbody>
        </table></div>
        {rest}
    };
    section("Not examined", words::count(count as u64), table)
}
