//! Runs and checkpoints, in one table.

use std::sync::Arc;

use crate::session::registry::{RegistryColumn, RegistryRow, RegistrySort};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::virtual_list::{ListParts, RowAction, RowView, virtual_list};
use crate::words;

/// The table with its filter.
pub(super) fn table(client: Client) -> Markup {
    let filter = RwSignal::new(String::new());
    let sort = RwSignal::new(RegistrySort::default());
    let revision = client.memo(|session| session.registry.revision);
    let rows = Live::new(move || {
        revision.with(|_| ());
        Arc::new(client.peek(|session| session.registry.rows(&filter.read(), sort.get())))
    });
    let count = Live::new(move || rows.with(|rows| rows.len()));
    let row = move |index: usize| {
        let cells = rows.with(|rows| rows.get(index).map(|row| cells(client, row))).unwrap_or(Markup::Nothing);
        RowView { cells, testid: "registry-row", level: None, expanded: None }
    };
    let act = move |index: usize, action: RowAction| {
        let path = rows.with_untracked(|rows| rows.get(index).and_then(|row| row.path.clone()));
        if action == RowAction::Open {
            client.act(|session| session.show_registered(path));
        }
    };
    let head = head(sort);
    let unlisted = client.memo(|session| session.registry.unlisted.join("; "));
    let is_listing = client.memo(|session| session.registry.is_listing);
    let blank = move || {
        (count.get() == 0).then(|| {
            let words = if is_listing.get() {
                "The lists are being read."
            } else {
                "Nothing here: runs and checkpoints that are saved with this key appear in this table."
            };
            view! { <p class="grid-blank" data-testid="registry-blank">{words}</p> }
        })
    };
    let list = virtual_list(
        ListParts { class: "registry-grid", label: "Registry", count, cursor: RwSignal::new(0) },
        head,
        row,
        act,
    );
    view! {
        <div class="controls grid-controls">
            <label class="hidden-label" for="registry-filter">"Filter"</label>
            <input class="input filter" id="registry-filter" type="search" data-testid="registry-filter" placeholder="run, name, type, public …"
                autocomplete="off" spellcheck="false" prop:value=filter on:input:target=move |event| filter.set(event.target().value())/>
            <p class="soft small controls-rest" role="status" data-testid="registry-count">
                {move || format!("{}{}", words::plural(count.get() as u64, "row"), if is_listing.get() { ", more are coming" } else { "" })}
            </p>
        </div>
        {move || unlisted.with(|words| (!words.is_empty()).then(|| view! { <p class="small soft" data-testid="registry-unlisted">{format!("Not listed: {words}.")}</p> }))}
        {blank}
        <div class="registry-list">{list}</div>
    }
}

/// The names of the columns, each a button that sorts.
fn head(sort: RwSignal<RegistrySort>) -> Markup {
    let column = move |name: &'static str, column: RegistryColumn, class: &'static str| {
        let order = move || match sort.get() {
            now if now.column != column => "none",
            now if now.is_reversed => "descending",
            _ => "ascending",
        };
        let change = move |_| {
            sort.update(|now| *now = RegistrySort { column, is_reversed: now.column == column && !now.is_reversed })
        };
        view! {
            <div role="columnheader" class=class aria-sort=order><button type="button" on:click=change>
                {name}{move || (sort.get().column == column).then(|| icon(if sort.get().is_reversed { Icon::Up } else { Icon::Down }))}
            </button></div>
        }
    };
    view! {
        <div role="columnheader"></div>
        {column("run and checkpoint", RegistryColumn::Name, "")}{column("type", RegistryColumn::Kind, "")}
        {column("age", RegistryColumn::Age, "")}{column("size", RegistryColumn::Size, "number")}
        {column("expires", RegistryColumn::Expiry, "")}{column("public", RegistryColumn::Public, "")}
    }
}

fn cells(client: Client, row: &RegistryRow) -> Markup {
    let now = client.peek(|session| session.clock);
    let age = row.time.map(|time| words::ago(now, time)).unwrap_or_default();
    let name = match &row.path {
        Some(_) => view! { <span><span class="faint">{format!("{}/", row.run)}</span>{row.name.clone()}</span> },
        None => view! { <span>{row.run.clone()}" "<span class="faint">{row.name.clone()}</span></span> },
    };
    let choice = row.path.clone().map(|path| {
        let is_chosen = client.peek(|session| session.registry.chosen.contains(&path));
        let label = format!("Choose {path}");
        view! {
            <input type="checkbox" aria-label=label prop:checked=is_chosen on:click=|event: leptos::ev::MouseEvent| event.stop_propagation()
                on:change=move |_: leptos::ev::Event| client.update(|session| session.choose_registered(&path))/>
        }
    });
    let public = match row.is_public {
        Some(true) => "public",
        Some(false) => "private",
        None => "",
    };
    let whole = row.path.as_ref().map_or_else(|| row.run.clone(), ToString::to_string);
    view! {
        <div role="gridcell">{choice}</div>
        <div role="gridcell" class="tensor-name" title=whole>{name}<span class="faint small">{row.notes.clone()}</span></div>
        <div role="gridcell">{row.kind}</div>
        <div role="gridcell">{age}</div>
        <div role="gridcell" class="number" title=row.size.map(words::bytes)>{row.size.map(words::size)}</div>
        <div role="gridcell">{row.left(now)}</div>
        <div role="gridcell">{public}</div>
    }
}
