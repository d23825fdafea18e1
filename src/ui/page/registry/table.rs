//! Runs and checkpoints, in one table.

use std::sync::Arc;

use super::doing::button;
use crate::registry::Service;
use crate::session::registry::{RegistryColumn, RegistryRow, RegistrySort};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::state::{State, state};
use crate::ui::part::virtual_list::{ListParts, RowAction, RowView, virtual_list};
use crate::words;

/// The table with its filter.
pub(super) fn table(client: Client) -> Markup {
    let service = client.peek(|session| session.registry.service());
    let is_tinker = service.shelf.is_none();
    let filter = RwSignal::new(String::new());
    let sort = RwSignal::new(first_sort(is_tinker));
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
        let found = rows.with_untracked(|rows| rows.get(index).map(|row| (row.path.clone(), row.item.clone())));
        match found {
            Some((_, Some(item))) if action == RowAction::Open => client.update(|session| session.choose_item(&item)),
            Some((path, None)) if action == RowAction::Open && is_tinker => {
                client.act(|session| session.show_registered(path))
            }
            _ => {}
        }
    };
    let head = head(sort, is_tinker);
    let unlisted = client.memo(|session| session.registry.unlisted.join("; "));
    let is_listing = client.memo(|session| session.registry.is_listing);
    let blank = move || (count.get() == 0).then(|| blank(&filter.read(), is_listing.get(), service));
    let list = virtual_list(
        ListParts {
            class: if is_tinker { "registry-grid" } else { "registry-grid shelf-grid" },
            label: "Registry",
            count,
            cursor: RwSignal::new(0),
        },
        head,
        row,
        act,
    );
    view! {
        <div class="controls grid-controls">
            <label class="hidden-label" for="registry-filter">"Filter"</label>
            <input class="input filter" id="registry-filter" type="search" data-testid="registry-filter" placeholder=if is_tinker { "run, name, type, public …" } else { "name, type, alias …" }
                autocomplete="off" spellcheck="false" prop:value=filter on:input:target=move |event| filter.set(event.target().value())/>
            <p class="soft small controls-rest" role="status" data-testid="registry-count">
                {move || format!("{}{}", words::plural(count.get() as u64, "row"), if is_listing.get() { ", more are coming" } else { "" })}
            </p>
        </div>
        {is_tinker.then(|| lookup(client))}
        {move || unlisted.with(|words| (!words.is_empty()).then(|| view! { <p class="small soft" data-testid="registry-unlisted">{format!("Not listed: {words}.")}</p> }))}
        {blank}
        <div class="registry-list" style:display=move || if count.get() == 0 { "none" } else { "flex" } style:height=move || format!("calc(var(--hit) + {} * var(--row) + 4px)", count.get())>{list}</div>
    }
}

/// What is said where there is no row.
fn blank(filter: &str, is_listing: bool, service: &Service) -> Markup {
    let words = match filter.trim().is_empty() {
        false => "No row holds these words.",
        true if is_listing => "The lists are being read.",
        true => service.nothing,
    };
    view! { <p class="grid-blank" data-testid="registry-blank">{words}</p> }
}

/// What no list holds, by its id or path.
fn lookup(client: Client) -> Markup {
    let text = RwSignal::new(String::new());
    let go = move || client.act(|session| session.find_registered(&text.read_untracked()));
    let on_enter = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            go();
        }
    };
    let found = client.memo(|session| match &session.registry.found {
        Some(Ok(words) | Err(words)) => Some(words.clone()),
        None => None,
    });
    let is_bad = client.memo(|session| matches!(&session.registry.found, Some(Err(_))));
    let told = move || {
        let how = if is_bad.get() { State::Bad } else { State::Ok };
        let told =
            |words| view! { <p class="small" role="status" data-testid="registry-found">{state(how, words)}</p> };
        found.get().map(told)
    };
    view! {
        <div class="controls grid-controls">
            <label class="hidden-label" for="registry-lookup">"Look up"</label>
            <input class="input filter" id="registry-lookup" data-testid="registry-lookup" placeholder="tinker:// path, or id of a run, session or sampler"
                autocomplete="off" spellcheck="false" prop:value=text on:input:target=move |event| text.set(event.target().value()) on:keydown=on_enter/>
            {button("Look up", "registry-look-up", go)}
        </div>
        {told}
    }
}

/// Checkpoints newest first, everything else by name.
fn first_sort(is_tinker: bool) -> RegistrySort {
    if is_tinker { RegistrySort::default() } else { RegistrySort { column: RegistryColumn::Name, is_reversed: false } }
}

/// The names of the columns, each a button that sorts.
fn head(sort: RwSignal<RegistrySort>, is_tinker: bool) -> Markup {
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
        <div role="columnheader"><span class="hidden-label">"chosen"</span></div>
        {column(if is_tinker { "run and checkpoint" } else { "name" }, RegistryColumn::Name, "")}{column("type", RegistryColumn::Kind, "")}
        {column("age", RegistryColumn::Age, "")}{column("size", RegistryColumn::Size, "number")}
        {is_tinker.then(|| view! { {column("expires", RegistryColumn::Expiry, "")}{column("public", RegistryColumn::Public, "")} })}
    }
}

fn cells(client: Client, row: &RegistryRow) -> Markup {
    let now = client.peek(|session| session.clock);
    let age = row.time.map(|time| words::ago(now, time)).unwrap_or_default();
    let service = client.peek(|session| session.registry.service());
    let is_run = service.shelf.is_none() && row.path.is_none();
    let between = if row.run.is_empty() || row.name.is_empty() { "" } else { service.between };
    let name = if is_run || row.name.is_empty() {
        let model = if row.name.is_empty() { String::new() } else { format!(" {}", row.name) };
        view! { <span>{row.run.clone()}<span class="faint">{model}</span></span> }
    } else {
        view! { <span><span class="faint">{format!("{}{between}", row.run)}</span>{row.name.clone()}</span> }
    };
    let whole = match &row.path {
        Some(path) => path.to_string(),
        None if is_run => row.run.clone(),
        None => format!("{}{between}{}", row.run, row.name),
    };
    let choice = chooser(client, row, &whole);
    let public = match row.is_public {
        Some(true) => "public",
        Some(false) => "private",
        None => "",
    };
    let more = service.shelf.is_none().then(|| {
        view! { <div role="gridcell">{row.left(now)}</div><div role="gridcell">{public}</div> }
    });
    view! {
        <div role="gridcell">{choice}</div>
        <div role="gridcell" class="tensor-name" title=whole>{name}<span class="faint small">{row.notes.clone()}</span></div>
        <div role="gridcell">{row.kind}</div>
        <div role="gridcell">{age}</div>
        <div role="gridcell" class="number" title=row.size.map(words::bytes)>{row.size.map(words::size)}</div>
        {more}
    }
}

/// The box of what can be chosen.
fn chooser(client: Client, row: &RegistryRow, whole: &str) -> Option<Markup> {
    let (path, item) = (row.path.clone(), row.item.clone());
    if path.is_none() && item.is_none() {
        return None;
    }
    let is_chosen = client.peek(|session| {
        let registry = &session.registry;
        path.as_ref().is_some_and(|path| registry.chosen.contains(path))
            || item.as_ref().is_some_and(|item| registry.chosen_items.contains(item))
    });
    let change = move |_: leptos::ev::Event| {
        client.update(|session| match (&path, &item) {
            (Some(path), _) => session.choose_registered(path),
            (None, Some(item)) => session.choose_item(item),
            (None, None) => {}
        });
    };
    let label = format!("Choose {whole}");
    Some(view! {
        <input type="checkbox" aria-label=label prop:checked=is_chosen on:click=|event: leptos::ev::MouseEvent| event.stop_propagation()
            on:change=change/>
    })
}
