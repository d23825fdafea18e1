//! Is it safe to load? What could run code when it is loaded, and what nobody looked into.

use super::blank::section;
use crate::session::{Session, can_run_code};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::icon;
use crate::ui::part::state::{State, state};
use crate::words;

/// Rows drawn at once.
const AT_ONCE: usize = 200;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Default)]
struct Safety {
    /// Files whose usual loader runs a pickle: path, what it is.
    pickles: Vec<(String, &'static str)>,
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
        view! { {verdict(&safety)}{pickles(&safety)}{ledger(&safety)} }
    };
    view! { <div class="page">{content}</div> }
}

fn read(session: &Session) -> Safety {
    let mut safety = Safety { not_examined: session.not_examined(), ..Safety::default() };
    for pick in &session.picks {
        safety.files = safety.files.saturating_add(pick.opened.entries.len());
        for (entry, contents) in pick.opened.entries.iter().zip(&pick.opened.contents) {
            let Some(contents) = contents else { continue };
            let has_objects = contents.tensors.iter().any(|tensor| tensor.dtype.name() == "O");
            if can_run_code(&contents.format) {
                safety.pickles.push((entry.path.clone(), "a pickle: loading it can import and call anything"));
            } else if has_objects {
                safety.pickles.push((
                    entry.path.clone(),
                    "object arrays: NumPy needs allow_pickle=True, which can call anything",
                ));
            }
        }
    }
    safety
}

fn verdict(safety: &Safety) -> Markup {
    let (state_of, words) = if !safety.pickles.is_empty() {
        let files = words::plural(safety.pickles.len() as u64, "file");
        (State::Warning, format!("{files} could run code when loaded, and their pickles are not analysed yet"))
    } else if !safety.not_examined.is_empty() {
        let files = words::plural(safety.not_examined.len() as u64, "file");
        (State::Note, format!("No pickle was found; {files} could not be looked into"))
    } else {
        (
            State::Ok,
            format!("No pickle in {}: nothing here runs code when loaded", words::plural(safety.files as u64, "file")),
        )
    };
    view! {
        <section class="section">
            <h2 class="hidden-label">"Verdict"</h2>
            <p class=format!("verdict {}", state_of.class()) role="status">{icon(state_of.icon())}<span>{words}</span></p>
            <p class="soft reading">"Weighbridge never runs a pickle. It tells files whose usual loader would, by their bytes, not by their names."</p>
        </section>
    }
}

fn pickles(safety: &Safety) -> Option<Markup> {
    let rows = safety.pickles.iter().take(AT_ONCE).map(|(path, what)| {
        view! {
            <tr data-testid="pickle-row"><td>{state(State::Warning, "not analysed yet")}</td><th scope="row" class="path">{path.clone()}</th><td>{*what}</td></tr>
        }
    });
    let table = view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Files that could run code"><table class="table">
            <thead><tr><th scope="col">"verdict"</th><th scope="col">"file"</th><th scope="col">"why it matters"</th></tr></thead>
            <tbody>{rows.collect::<Markup>()}</tbody>
        </table></div>
    };
    (!safety.pickles.is_empty()).then(|| section("Could run code", words::count(safety.pickles.len() as u64), table))
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
