//! Every tensor: a tree of modules, or a flat table once it is filtered or sorted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blank::is_opening;
use crate::model::{DType, Tensor, distinct};
use crate::session::tensor_table::{Column, Filter, Row, SortBy, Table, TensorRef};
use crate::session::{PickId, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::frame::shape_words;
use crate::ui::part::dtype_bar::{dtype, share_of};
use crate::ui::part::icon::{Icon, fold_icon, icon};
use crate::ui::part::virtual_list::{ListParts, RowAction, RowView, virtual_list};
use crate::ui::view::{TensorChoice, View};
use crate::words;

/// Where a tensor is: the pick, its entry and its index there.
type Spot = (PickId, usize, usize);

/// The table with the places of its tensors.
#[derive(Debug, Clone, Default, PartialEq)]
struct Shown {
    table: Table,
    spots: Vec<Spot>,
    largest: u64,
}

/// What a row shows of a tensor.
struct Line {
    name: String,
    dtype: DType,
    shape: Vec<u64>,
    elements: u64,
    bytes: u64,
}

/// The page.
pub(super) fn page() -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let everywhere = RwSignal::new(false);
    let facts = client.memo(|session| (session.revision, session.selection));
    let shown = Live::new(move || {
        facts.with(|_| ());
        let question = Question {
            everywhere: everywhere.get(),
            filter: Filter::parse(&view.filter.read()),
            sort: view.sort.get(),
        };
        client.peek(|session| view.folded_modules.with(|folded| Arc::new(build(session, &question, folded))))
    });
    let count = Live::new(move || shown.with(|shown| shown.table.rows.len()));
    let cursor = RwSignal::new(0_usize);
    Effect::new(move || {
        let count = count.get();
        cursor.update(|at| *at = (*at).min(count.saturating_sub(1)));
    });
    let row = move |index: usize| row_view(client, view, &shown.read(), index);
    let act = move |index: usize, action: RowAction| act(client, view, &shown.read_untracked(), index, action);
    let list = virtual_list(ListParts { class: "tensor-grid", label: "Tensors", count, cursor }, head(view), row, act);
    let blank = move || {
        (count.get() == 0).then(|| {
            let words = if !view.filter.read().is_empty() {
                "No tensor passes the filter."
            } else if client.with(is_opening) {
                "The headers are being read. Tensors appear here as they are found."
            } else {
                "No tensor was found. Files with tensors (.npz, .npy, .safetensors, .pt) would fill this page."
            };
            view! { <p class="grid-blank">{words}</p> }
        })
    };
    view! { <div class="page fill">{controls(view, shown, everywhere)}{blank}{list}</div> }
}

struct Question {
    everywhere: bool,
    filter: Filter,
    sort: Option<SortBy>,
}

fn build(session: &Session, question: &Question, folded: &BTreeSet<String>) -> Shown {
    let (refs, spots) = tensors(session, question.everywhere);
    let table = match question.sort {
        Some(sort) => Table::flat(&refs, &question.filter, sort),
        None if !question.filter.is_empty() => {
            Table::flat(&refs, &question.filter, SortBy { column: Column::Name, descending: false })
        }
        None => Table::folded(&refs, &question.filter, &|name| !folded.contains(name)),
    };
    let largest = table.rows.iter().map(|row| match row {
        Row::Module { bytes, .. } => *bytes,
        Row::Tensor { index, .. } => refs.get(*index).map_or(0, |found| found.tensor.size_bytes),
    });
    let largest = largest.max().unwrap_or(0);
    Shown { table, spots, largest }
}

/// The tensors of the selected checkpoint, or of everything open, with their places.
fn tensors(session: &Session, everywhere: bool) -> (Vec<TensorRef<'_>>, Vec<Spot>) {
    let selected = session.selected_checkpoint().filter(|_| !everywhere);
    let paths = selected.map(|found| distinct(found.checkpoint.files.iter().map(|file| file.path.as_str())));
    let (mut refs, mut spots) = (Vec::new(), Vec::new());
    let picks = session.picks.iter().filter(|pick| selected.is_none_or(|found| found.selection.pick == pick.id));
    for pick in picks {
        for (at, (entry, contents)) in pick.opened.entries.iter().zip(&pick.opened.contents).enumerate() {
            let Some(contents) =
                contents.as_ref().filter(|_| paths.as_ref().is_none_or(|paths| paths.contains(entry.path.as_str())))
            else {
                continue;
            };
            refs.extend(contents.tensors.iter().map(|tensor| TensorRef { file: &entry.path, tensor }));
            spots.extend((0..contents.tensors.len()).map(|index| (pick.id, at, index)));
        }
    }
    (refs, spots)
}

fn find<T>(session: &Session, spot: Spot, read: impl FnOnce(&str, &Tensor) -> T) -> Option<T> {
    let opened = &session.pick(spot.0)?.opened;
    Some(read(&opened.entries.get(spot.1)?.path, opened.contents_at(spot.1)?.tensors.get(spot.2)?))
}

fn controls(view: View, shown: Live<Arc<Shown>>, everywhere: RwSignal<bool>) -> Markup {
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    let total = move || {
        shown.with(|shown| {
            let table = &shown.table;
            let of = if table.shown == shown.spots.len() {
                String::new()
            } else {
                format!(" of {}", words::count(shown.spots.len() as u64))
            };
            format!(
                "{}{of} · {} elements · {}",
                words::plural(table.shown as u64, "tensor"),
                words::short_count(table.parameters),
                words::size(table.bytes)
            )
        })
    };
    let clear = move || {
        (!view.filter.read().is_empty()).then(|| {
            view! { <button type="button" class="button quiet" on:click=move |_| view.filter.set(String::new())>{icon(Icon::Close)}"Clear"</button> }
        })
    };
    view! {
        <h2 class="hidden-label">"Tensors"</h2>
        <div class="controls grid-controls">
            <input class="input filter" id="tensor-filter" type="search" data-testid="tensor-filter" node_ref=input autocomplete="off" spellcheck="false"
                aria-label="Filter the tensors" placeholder="Filter: attn.*weight dtype:bf16 shape:4096,* >1M" prop:value=view.filter
                on:input:target=move |event| view.filter.set(event.target().value())/>
            {clear}
            <label class="check"><input type="checkbox" prop:checked=everywhere on:change:target=move |event| everywhere.set(event.target().checked())/>"every open file"</label>
            <p class="soft small controls-rest" role="status">{total}</p>
        </div>
    }
}

fn head(view: View) -> Markup {
    let column = move |column: Column, name: &'static str, class: &'static str| {
        let sorted = move || match view.sort.get() {
            Some(sort) if sort.column == column => Some(sort.descending),
            _ => None,
        };
        let arrow = move || sorted().map(|descending| icon(if descending { Icon::Down } else { Icon::Up }));
        let order = move || match sorted() {
            Some(true) => "descending",
            Some(false) => "ascending",
            None => "none",
        };
        view! {
            <div role="columnheader" class=class aria-sort=order>
                <button type="button" on:click=move |_| view.sort_by(column)>{name}{arrow}</button>
            </div>
        }
    };
    view! {
        {column(Column::Name, "name", "")}
        {column(Column::DType, "dtype", "")}
        {column(Column::Shape, "shape", "")}
        {column(Column::Parameters, "elements", "number")}
        {column(Column::Bytes, "bytes", "number")}
        <div role="columnheader">"share of the largest"</div>
    }
}

fn row_view(client: Client, view: View, shown: &Shown, index: usize) -> RowView {
    match shown.table.rows.get(index) {
        Some(Row::Module { name, depth, is_open, tensors, parameters, bytes }) => {
            let cells = module_cells(name, *depth, *tensors, *parameters, *bytes, shown.largest);
            RowView { cells, testid: "module-row", level: Some(depth.saturating_add(1)), expanded: Some(*is_open) }
        }
        Some(Row::Tensor { index, depth }) => {
            let spot = shown.spots.get(*index).copied();
            let line = spot.and_then(|spot| client.peek(|session| find(session, spot, line)));
            let is_tree = view.sort.with_untracked(Option::is_none) && view.filter.with_untracked(String::is_empty);
            let cells = line.map_or_else(|| Markup::Nothing, |line| tensor_cells(&line, *depth, shown.largest));
            RowView { cells, testid: "tensor-row", level: is_tree.then(|| depth.saturating_add(1)), expanded: None }
        }
        None => RowView { cells: Markup::Nothing, testid: "", level: None, expanded: None },
    }
}

fn line(_file: &str, tensor: &Tensor) -> Line {
    Line {
        name: tensor.name.clone(),
        dtype: tensor.dtype.clone(),
        shape: tensor.shape.clone(),
        elements: tensor.elements(),
        bytes: tensor.size_bytes,
    }
}

fn module_cells(name: &str, depth: usize, tensors: u64, parameters: u64, bytes: u64, largest: u64) -> Markup {
    view! {
        <div role="gridcell" class="tensor-name" style:padding-left=indent(depth) title=name.to_owned()>{fold_icon()}{parted(name)}</div>
        <div role="gridcell"></div>
        <div role="gridcell" class="faint">{words::plural(tensors, "tensor")}</div>
        {amounts(parameters, bytes, largest)}
    }
}

fn tensor_cells(line: &Line, depth: usize, largest: u64) -> Markup {
    view! {
        <div role="gridcell" class="tensor-name" style:padding-left=indent(depth) title=line.name.clone()>{parted(&line.name)}</div>
        <div role="gridcell">{dtype(line.dtype.name())}</div>
        <div role="gridcell" class="shape">{shape_words(&line.shape)}</div>
        {amounts(line.elements, line.bytes, largest)}
    }
}

/// A name whose last part stands out.
fn parted(name: &str) -> Markup {
    let (module, last) =
        name.rsplit_once('.').map_or((String::new(), name), |(module, last)| (format!("{module}."), last));
    view! { <span><span class="faint">{module}</span>{last.to_owned()}</span> }
}

fn amounts(elements: u64, bytes: u64, largest: u64) -> Markup {
    let width = format!("{:.2}%", share_of(bytes, largest) * 100.0);
    view! {
        <div role="gridcell" class="number">{words::count(elements)}</div>
        <div role="gridcell" class="number" title=words::bytes(bytes)>{words::size(bytes)}</div>
        <div role="gridcell"><div class="share"><i style:width=width></i></div></div>
    }
}

fn indent(depth: usize) -> String {
    format!("{}px", depth.saturating_mul(16))
}

fn act(client: Client, view: View, shown: &Shown, index: usize, action: RowAction) {
    match (shown.table.rows.get(index), action) {
        (Some(Row::Module { name, is_open, .. }), _) => {
            let opens = match action {
                RowAction::Open => !*is_open,
                RowAction::Unfold => true,
                RowAction::Fold => false,
            };
            view.folded_modules.update(|folded| {
                if opens {
                    folded.remove(name)
                } else {
                    folded.insert(name.clone())
                };
            });
        }
        (Some(Row::Tensor { index, .. }), RowAction::Open) => {
            let spot = shown.spots.get(*index).copied();
            let choice = spot.and_then(|spot| {
                client.peek(|session| {
                    find(session, spot, |file, tensor| TensorChoice {
                        file: file.to_owned(),
                        name: tensor.name.clone(),
                    })
                })
            });
            view.tensor.set(choice);
        }
        _ => {}
    }
}
