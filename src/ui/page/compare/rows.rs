//! Configuration and structure of two checkpoints: only what differs.

use crate::diff::{ConfigChange, ConfigRow, Form, ModuleTotals, StructureChange, StructureRow};
use crate::model::Plain;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::frame::shape_words;
use crate::ui::part::json_tree::value_text;
use crate::ui::part::state::{State, state};
use crate::words;

/// Rows drawn; the report has them all.
pub(super) const MOST: usize = 500;

/// Configuration values that differ.
pub(super) fn config(rows: Option<&[ConfigRow]>) -> Markup {
    let Some(rows) = rows else {
        return words_only("One side has no configuration file, so there is nothing to compare.");
    };
    if rows.is_empty() {
        return words_only("The configurations are the same.");
    }
    let row = |row: &ConfigRow| {
        let (how, word) = match row.change {
            ConfigChange::Added => (State::Note, "added"),
            ConfigChange::Removed => (State::Note, "removed"),
            ConfigChange::Changed => (State::Warning, "changed"),
        };
        let path = if row.path.is_empty() { "the whole document".to_owned() } else { row.path.clone() };
        let path = row.from.as_ref().map_or_else(|| path.clone(), |from| format!("{from} → {path}"));
        line("config-row", path, (how, word), plain(row.a.as_ref()), plain(row.b.as_ref()))
    };
    table("Configuration of A and B", "key", rows.iter().take(MOST).map(row).collect(), rows.len())
}

/// Tensors that differ in name, type or shape.
pub(super) fn structure(rows: Option<&[StructureRow]>) -> Markup {
    let Some(rows) = rows else { return words_only("One side lists no tensors, so there is nothing to compare.") };
    if rows.is_empty() {
        return words_only("Names, types and shapes of all tensors are the same.");
    }
    let row = |row: &StructureRow| {
        let (how, word) = match row.change {
            StructureChange::Added => (State::Note, "added"),
            StructureChange::Removed => (State::Note, "removed"),
            StructureChange::Dtype => (State::Warning, "other dtype"),
            StructureChange::Shape => (State::Warning, "other shape"),
            StructureChange::Renamed => (State::Note, "renamed"),
        };
        let name = row.from.as_ref().map_or_else(|| row.name.clone(), |from| format!("{from} → {}", row.name));
        let state = row.rule.as_ref().map_or_else(|| state(how, word), |rule| renamed(&row.name, rule));
        table_row("structure-row", name, state, form(row.a.as_ref()), form(row.b.as_ref()))
    };
    table("Structure of A and B", "tensor", rows.iter().take(MOST).map(row).collect(), rows.len())
}

fn words_only(words: &'static str) -> Markup {
    view! { <p class="soft">{words}</p> }
}

/// A value of a configuration; a dash where there is none.
pub(in crate::ui::page) fn plain(value: Option<&Plain>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value_text(&value.0))
}

/// Type and shape of a tensor; a dash where there is none.
pub(in crate::ui::page) fn form(form: Option<&Form>) -> String {
    form.map_or_else(|| "–".to_owned(), |form| format!("{} {}", form.dtype, shape_words(&form.shape)))
}

/// Parameters and bytes of the modules side by side; `only` leaves out those of equal totals.
pub(super) fn modules(rows: Option<&[ModuleTotals]>, only: bool) -> Option<Markup> {
    let shown: Vec<&ModuleTotals> = rows?.iter().filter(|row| !only || row.a != row.b).collect();
    if shown.is_empty() {
        return None;
    }
    let row = |row: &&ModuleTotals| {
        let count = |value: u64| view! { <td class="number">{words::count(value)}</td> };
        let size = |value: u64| view! { <td class="number fold" title=words::bytes(value)>{words::size(value)}</td> };
        view! {
            <tr data-testid="module-totals-row"><th scope="row" class="path">{row.name.clone()}</th>{count(row.a.parameters)}{count(row.b.parameters)}
                {size(row.a.size_bytes)}{size(row.b.size_bytes)}</tr>
        }
    };
    let body = shown.iter().take(MOST).map(row).collect::<Markup>();
    Some(view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Modules of A and B"><table class="table">
            <thead><tr><th scope="col">"module"</th><th scope="col" class="number">"parameters in A"</th><th scope="col" class="number">"in B"</th><th scope="col" class="number fold">"bytes in A"</th><th scope="col" class="number fold">"in B"</th></tr></thead>
            <tbody>{body}</tbody>
        </table></div>
    })
}

/// A renaming with its rule, and a button that rejects it.
fn renamed(name: &str, rule: &str) -> Markup {
    let client = Client::expect();
    let (name, label) = (name.to_owned(), format!("{name} is not renamed: another tensor"));
    let reject = move |_| client.act(|session| session.accept_renaming(&name, false));
    view! {
        {state(State::Note, "renamed")}" "<span class="soft small">{rule.to_owned()}</span>" "
        <button type="button" class="link act" data-testid="reject-renaming" aria-label=label on:click=reject>"reject"</button>
    }
}

fn line(testid: &'static str, name: String, (how, word): (State, &'static str), a: String, b: String) -> Markup {
    table_row(testid, name, state(how, word), a, b)
}

fn table_row(testid: &'static str, name: String, change: Markup, a: String, b: String) -> Markup {
    view! {
        <tr data-testid=testid>
            <th scope="row" class="path">{name}</th><td>{change}</td><td class="path">{a}</td><td class="path">{b}</td>
        </tr>
    }
}

fn table(label: &'static str, first: &'static str, rows: Vec<Markup>, count: usize) -> Markup {
    let rest = count.saturating_sub(rows.len());
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=label><table class="table">
            <thead><tr><th scope="col">{first}</th><th scope="col">"change"</th><th scope="col">"A"</th><th scope="col">"B"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {more}
    }
}
