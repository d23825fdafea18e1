//! Configuration, structure and weights of two checkpoints: only what differs.

use crate::diff::{ConfigChange, ConfigRow, Form, StructureChange, StructureRow, WeightRow};
use crate::model::{Plain, Real};
use crate::ui::dom::*;
use crate::ui::frame::shape_words;
use crate::ui::part::json_tree::value_text;
use crate::ui::part::state::{State, state};
use crate::words;

/// Rows drawn; the report has them all.
const MOST: usize = 500;

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
        line("structure-row", name, (how, word), form(row.a.as_ref()), form(row.b.as_ref()))
    };
    table("Structure of A and B", "tensor", rows.iter().take(MOST).map(row).collect(), rows.len())
}

/// Weights that differ, the most changed first.
pub(super) fn weights(rows: Option<&[WeightRow]>) -> Markup {
    let Some(rows) = rows else {
        return words_only(
            "The values of the tensors were not compared: their digests on the Integrity page tell whether files are equal.",
        );
    };
    let number = |value: Option<Real>| value.map_or_else(|| "–".to_owned(), |Real(value)| words::metric(value));
    let changed = rows.iter().filter(|row| !row.equal);
    let row = |row: &WeightRow| {
        view! {
            <tr data-testid="weight-row"><th scope="row" class="path">{row.name.clone()}</th><td class="number">{number(row.relative_l2)}</td>
                <td class="number">{number(row.max_abs)}</td><td class="number fold">{number(row.cosine)}</td></tr>
        }
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Weights of A and B"><table class="table">
            <thead><tr><th scope="col">"tensor"</th><th scope="col" class="number">"relative change"</th><th scope="col" class="number">"largest change"</th><th scope="col" class="number fold">"cosine"</th></tr></thead>
            <tbody>{changed.take(MOST).map(row).collect::<Markup>()}</tbody>
        </table></div>
    }
}

fn words_only(words: &'static str) -> Markup {
    view! { <p class="soft">{words}</p> }
}

fn plain(value: Option<&Plain>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value_text(&value.0))
}

fn form(form: Option<&Form>) -> String {
    form.map_or_else(|| "–".to_owned(), |form| format!("{} {}", form.dtype, shape_words(&form.shape)))
}

fn line(testid: &'static str, name: String, (how, word): (State, &'static str), a: String, b: String) -> Markup {
    view! {
        <tr data-testid=testid>
            <th scope="row" class="path">{name}</th><td>{state(how, word)}</td><td class="path">{a}</td><td class="path">{b}</td>
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
