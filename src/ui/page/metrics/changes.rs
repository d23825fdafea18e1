//! What changed since the checkpoint before: how much in a cell of the sheet, what in a row beneath it.

use crate::diff::{Changes, ConfigRow, Neighbours, StructureRow};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::page::compare::rows::{form, plain};
use crate::words;

/// How much changed in words, and whether there is something to tell.
fn counted(changed: &Neighbours) -> (String, bool) {
    let config = changed.config.as_ref().map(|changes| changes.count);
    let structure = changed.structure.as_ref().map(|changes| changes.count);
    let some = [(config, "setting"), (structure, "tensor")];
    let told = some.into_iter().filter_map(|(count, one)| Some(words::plural(count.filter(|count| *count > 0)?, one)));
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        return (told.join(", "), true);
    }
    let nothing = match (config, structure) {
        (None, None) => "–",
        (Some(_), None) => "no setting",
        (None, Some(_)) => "no tensor",
        (Some(_), Some(_)) => "nothing",
    };
    (nothing.to_owned(), false)
}

/// How much changed, as a button that unfolds it, and the way to the comparison of the two. Of the first checkpoint: nothing.
pub(super) fn cell(
    (index, name): (usize, &str),
    changed: Option<&Neighbours>,
    is_open: Live<bool>,
    toggle: impl Fn() + 'static,
) -> Markup {
    let (client, view) = (Client::expect(), crate::ui::view::View::expect());
    let Some(changed) = changed else { return view! { <td class="faint">"–"</td> } };
    let (told, can_unfold) = counted(changed);
    let told = if can_unfold {
        view! {
            <button type="button" class="link" data-testid="sheet-unfold" aria-expanded=move || is_open.get().to_string() on:click=move |_| toggle()>{told}</button>
        }
    } else {
        view! { <span class="soft">{told}</span> }
    };
    let compare = move |_| {
        client.act(|session| session.compare_with_previous(index));
        view.go(crate::session::Page::Compare);
    };
    let label = format!("Compare {name} with the checkpoint before");
    view! {
        <td class="since">{told}" "<button type="button" class="link act" data-testid="compare-previous" aria-label=label title="with the checkpoint before" on:click=compare>"compare"</button></td>
    }
}

/// The row beneath: everything that changed.
pub(super) fn unfolded(changed: &Neighbours, columns: usize) -> Markup {
    let config = changed.config.iter().map(|changes| list(changes, config_line));
    let structure = changed.structure.iter().map(|changes| list(changes, structure_line));
    let lists = config.chain(structure).collect::<Markup>();
    view! { <tr class="unfolded" data-testid="sheet-changes"><td colspan=columns>{lists}</td></tr> }
}

fn list<Row>(changes: &Changes<Row>, line: fn(&Row) -> (String, String, String)) -> Markup {
    let one = |row: &Row| {
        let (name, a, b) = line(row);
        view! { <li><span class="path">{name}</span>" "<span class="soft">{a}" → "</span>{b}</li> }
    };
    let more = (changes.untold() > 0)
        .then(|| view! { <li class="soft">{format!("{} more: compare the two", words::count(changes.untold()))}</li> });
    view! { <ul class="changes">{changes.rows.iter().map(one).collect::<Markup>()}{more}</ul> }
}

fn config_line(row: &ConfigRow) -> (String, String, String) {
    let path = if row.path.is_empty() { "the whole document" } else { &row.path };
    (renamed(row.from.as_deref(), path), plain(row.a.as_ref()), plain(row.b.as_ref()))
}

fn structure_line(row: &StructureRow) -> (String, String, String) {
    (renamed(row.from.as_deref(), &row.name), form(row.a.as_ref()), form(row.b.as_ref()))
}

fn renamed(from: Option<&str>, to: &str) -> String {
    from.map_or_else(|| to.to_owned(), |from| format!("{from} → {to}"))
}
