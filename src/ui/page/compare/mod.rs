//! What changed? Two checkpoints side by side: metrics, configuration, structure, weights.

mod adapter;
mod cell;
mod depth;
mod difference;
mod history;
mod metric_table;
mod modules;
mod moments;
pub(super) mod rows;
mod weights;

use super::blank::{blank, section};
use super::export::save;
use crate::diff::{Comparison, MetricVerdict, MetricsVerdict};
use crate::model::Finding;
use crate::session::{CsvTable, Session, Tolerance};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::finding::finding_row;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::select::{Choice, select};
use crate::ui::part::state::{State, state};
use crate::words;

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let only = RwSignal::new(true);
    let revision = client.memo(|session| session.comparing.revision);
    let enough = client.memo(|session| session.checkpoints().nth(1).is_some());
    let result = move || {
        revision.with(|_| ());
        // A result can be long: it is copied when it is another, not whenever anything is.
        client.peek(|session| session.comparing.result.clone())
    };
    let content = move || match result() {
        Some(result) => view! { {summary(&result)}{sections(&result, only.get())} },
        None if enough.get() => blank(
            "Nothing compared yet",
            "Choose two checkpoints and compare them: metrics, configuration and structure at once, the values of their tensors as fast as the files can be read.",
        ),
        None => {
            blank("One checkpoint is not enough", "Open another checkpoint, or a run with several, to compare it with.")
        }
    };
    view! { <div class="page"><h2 class="hidden-label">"Compare"</h2>{sides(client)}{options(client, only)}{content}</div> }
}

/// The two selects, with a swap between them.
fn sides(client: Client) -> Markup {
    let choices = client.memo(|session| {
        let choice = |found: crate::session::CheckpointRef<'_>| {
            let facts = crate::ui::checkpoint_words(found.checkpoint);
            let path = &found.checkpoint.path;
            // What differs comes first: names are long, and a select shows their beginning.
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parts = [facts.as_str(), name, folder].into_iter().filter(|part| !part.is_empty());
            (path.clone(), parts.collect::<Vec<_>>().join(" · "))
        };
        session.checkpoints().map(choice).collect::<Vec<Choice>>()
    });
    let side = move |read: fn(&Session) -> Option<&String>| {
        client.memo(move |session| read(session).cloned().unwrap_or_default())
    };
    let (a, b) = (side(|session| session.comparing.a.as_ref()), side(|session| session.comparing.b.as_ref()));
    let choose = move |a: String, b: String| client.act(|session| session.choose_comparison(filled(a), filled(b)));
    let swap = move |_| {
        let was_compared = client.peek(|session| session.comparing.result.is_some());
        choose(b.get_untracked(), a.get_untracked());
        if was_compared {
            client.act(Session::compare);
        }
    };
    let cannot = move || a.read().is_empty() || b.read().is_empty();
    view! {
        <div class="controls sides">
            {select("A, the reference", "compare-a", choices, a, move |path| choose(path, b.get_untracked()))}
            <button type="button" class="button only-icon" aria-label="Swap A and B" title="Swap A and B" on:click=swap>{icon(Icon::Swap)}</button>
            {select("B", "compare-b", choices, b, move |path| choose(a.get_untracked(), path))}
            <button type="button" class="button primary" data-testid="compare-start" disabled=cannot
                on:click=move |_| client.act(Session::compare)>"Compare"</button>
        </div>
    }
}

fn filled(path: String) -> Option<String> {
    (!path.is_empty()).then_some(path)
}

/// Tolerance, whether equal rows are shown, and whether optimizers are compared.
fn options(client: Client, only: RwSignal<bool>) -> Markup {
    let tolerance = client.memo(|session| session.comparing.tolerance);
    let with_optimizer = client.memo(|session| session.comparing.with_optimizer);
    let ask = move |is_wanted: bool| client.act(|session| session.set_with_optimizer(is_wanted));
    let number = move |label: &'static str,
                       testid: &'static str,
                       read: fn(&Tolerance) -> f64,
                       write: fn(&mut Tolerance, f64)| {
        let change = move |text: String| {
            if let Some(value) = text.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0) {
                let mut next = tolerance.get_untracked();
                write(&mut next, value);
                client.update(|session| session.set_tolerance(next));
            }
        };
        view! {
            <label class="field"><span>{label}</span>
                <input class="input number" type="text" inputmode="decimal" data-testid=testid prop:value=move || read(&tolerance.get()).to_string()
                    on:change:target=move |event| change(event.target().value())/></label>
        }
    };
    view! {
        <div class="controls">
            {number("absolute tolerance", "tolerance-absolute", |tolerance| tolerance.absolute, |tolerance, value| tolerance.absolute = value)}
            {number("relative tolerance", "tolerance-relative", |tolerance| tolerance.relative, |tolerance, value| tolerance.relative = value)}
            <label class="check"><input type="checkbox" data-testid="only-differences" prop:checked=only on:change:target=move |event| only.set(event.target().checked())/>"only differences"</label>
            <label class="check"><input type="checkbox" data-testid="with-optimizer" prop:checked=move || with_optimizer.get() on:change:target=move |event| ask(event.target().checked())/>"also optimizer state"</label>
        </div>
    }
}

/// One sentence: what is better, worse, changed.
fn summary(result: &Comparison) -> Markup {
    let count = |verdict: MetricVerdict| result.metrics.iter().filter(|row| row.verdict == verdict).count() as u64;
    let (better, worse) = (count(MetricVerdict::Better), count(MetricVerdict::Worse));
    let (same, unknown) = (count(MetricVerdict::Same), count(MetricVerdict::Unknown));
    let changed = |rows: Option<usize>, one: &str, none: &str| match rows {
        None => format!("{none} not compared"),
        Some(0) => format!("{none} the same"),
        Some(rows) => format!("{} changed", words::plural(rows as u64, one)),
    };
    let metrics = if result.metrics.is_empty() {
        "no metrics on either side".to_owned()
    } else {
        let counts = [(better, "better"), (worse, "worse"), (same, "the same"), (unknown, "undecided")];
        let told = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", words::count(count)));
        format!("metrics {}", told.collect::<Vec<_>>().join(", "))
    };
    let config = changed(result.config.as_ref().map(Vec::len), "configuration value", "configuration");
    let structure = changed(result.structure.as_ref().map(Vec::len), "tensor", "structure");
    let (a, b) = (crate::model::base_name(&result.a).to_owned(), crate::model::base_name(&result.b).to_owned());
    view! {
        <p class="reading" role="status" data-testid="comparison-summary">
            "From "<b>{a}</b>" to "<b>{b}</b>{format!(": {metrics}; {config}; {structure}.")}
        </p>
    }
}

fn sections(result: &Comparison, only: bool) -> Markup {
    let differing = result.metrics.iter().filter(|row| row.differs()).count() as u64;
    let metrics = format!("{} of {} differ", words::count(differing), words::count(result.metrics.len() as u64));
    let config = rows::config(result.config.as_deref());
    let modules = rows::modules(result.modules.as_deref(), only);
    let structure = view! { {rows::structure(result.structure.as_deref())}{modules} };
    let count = |rows: Option<usize>| rows.map_or_else(|| "not compared".to_owned(), |rows| words::count(rows as u64));
    view! {
        {section("Metrics", beside(metrics, CsvTable::Metrics), view! { {verdict(result)}{metric_table::metric_table(&result.metrics, only)} })}
        {history::history(&result.history)}
        {section("Configuration", view! { {beside(count(result.config.as_ref().map(Vec::len)), CsvTable::Config)}{patch(result)} }, config)}
        {section("Structure", beside(count(result.structure.as_ref().map(Vec::len)), CsvTable::Structure), structure)}
        {adapter::adapter(result.lora.as_ref(), only)}
        {weights::weights(result, only)}
        {moments::moments(result.optimizer.as_deref(), only)}
        {notes(&result.findings)}
    }
}

/// Whether b passes.
fn verdict(result: &Comparison) -> Option<Markup> {
    let verdict = result.verdict?;
    let how = match verdict {
        MetricsVerdict::Pass => State::Ok,
        MetricsVerdict::Fail => State::Bad,
        MetricsVerdict::Undecided => State::Note,
    };
    Some(view! { <p data-testid="metrics-verdict">{state(how, verdict.words())}</p> })
}

/// A few words, and a button that saves the table.
fn beside(words: String, table: CsvTable) -> Markup {
    let client = Client::expect();
    let write = move |_| {
        save(client, table.file_name(), "text/csv", |session| session.comparison_csv(table).into_bytes());
    };
    let label = format!("Save {} as CSV", table.file_name());
    view! { {words}" "<button type="button" class="link" aria-label=label on:click=write>"CSV"</button> }
}

/// A button that saves the differences of the configurations as a JSON Patch.
fn patch(result: &Comparison) -> Option<Markup> {
    let client = Client::expect();
    let write = move |_| {
        save(client, "weighbridge-config.patch.json", "application/json-patch+json", |session| {
            session.config_patch().unwrap_or_default().into_bytes()
        });
    };
    let differs = result.config.as_ref().is_some_and(|rows| !rows.is_empty());
    differs.then(|| {
        view! { " "<button type="button" class="link" data-testid="config-patch" title="RFC 6902: what makes B's configuration of A's" on:click=write>"JSON Patch"</button> }
    })
}

fn notes(findings: &[Finding]) -> Option<Markup> {
    let list = || view! { <ul>{findings.iter().map(finding_row).collect::<Markup>()}</ul> };
    (!findings.is_empty()).then(|| section("What could not be compared", words::count(findings.len() as u64), list()))
}
