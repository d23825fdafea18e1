//! What is open: sources, their runs and checkpoints.

use std::collections::BTreeSet;

use leptos::ev;

use super::Inputs;
use crate::model::{MarkerKind, SourceId, SourceKind};
use crate::session::{Load, Pick, Selection};
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, fold_icon, icon};
use crate::ui::view::View;
use crate::ui::{Client, checkpoint_words};
use crate::words;

/// Checkpoints of one run drawn at once.
const AT_ONCE: usize = 300;
/// Narrowest and widest the rail can be drawn, in pixels.
const NARROWEST: f64 = 180.0;
const WIDEST: f64 = 560.0;

/// One source with what was found in it.
#[derive(Debug, Clone, PartialEq)]
struct Branch {
    id: SourceId,
    name: String,
    kind: SourceKind,
    size: u64,
    load: Load,
    /// What the line itself shows: the run of the source.
    selection: Option<Selection>,
    runs: Vec<Twig>,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
struct Twig {
    /// Its path below the source; empty when it is the source.
    name: String,
    selection: Selection,
    leaves: Vec<Leaf>,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    path: String,
    name: String,
    facts: String,
    is_best: bool,
    is_last: bool,
    selection: Selection,
}

/// The rail.
pub(super) fn rail() -> Markup {
    let client = Client::expect();
    let inputs = Inputs::expect();
    let branches = client.memo_opened(|session| session.picks.iter().flat_map(branches).collect::<Vec<_>>());
    let folded = RwSignal::new(BTreeSet::new());
    view! {
        <nav class="rail" aria-label="What is open">
            <div class="rail-scroll">
            <div class="rail-head">
                <button type="button" class="button" on:click=move |_| inputs.pick_files()>{icon(Icon::Plus)}"Files"</button>
                <button type="button" class="button" on:click=move |_| inputs.pick_folder()>{icon(Icon::Folder)}"Folder"</button>
            </div>
            <ul class="tree" data-testid="source-list">
                {move || branches.get().into_iter().map(|branch| branch_view(branch, folded)).collect::<Markup>()}
            </ul>
            </div>
            {grip()}
        </nav>
    }
}

fn branches(pick: &Pick) -> Vec<Branch> {
    let sources = pick.opened.sources.iter().map(|source| {
        let inside = |path: &str| {
            path == source.name || path.strip_prefix(&source.name).is_some_and(|rest| rest.starts_with('/'))
        };
        let runs = pick.opened.runs.iter().enumerate().filter(|(_, run)| {
            let first = run.checkpoints.first().map_or(run.path.as_str(), |checkpoint| checkpoint.path.as_str());
            inside(&run.path) || inside(first)
        });
        let runs: Vec<Twig> = runs.map(|(at, run)| twig(pick, at, run, &source.name)).collect();
        Branch {
            id: source.id,
            name: source.name.clone(),
            kind: source.kind,
            size: source.size_bytes,
            load: pick.load.clone(),
            selection: runs.first().map(|run| run.selection),
            runs,
        }
    });
    sources.collect()
}

fn twig(pick: &Pick, at: usize, run: &crate::model::Run, source: &str) -> Twig {
    let marked = |kind: MarkerKind, name: &str| {
        run.markers.iter().any(|marker| marker.kind == kind && marker.checkpoint.as_deref() == Some(name))
    };
    let selection = |checkpoint| Selection { pick: pick.id, run: at, checkpoint };
    let leaves = run.checkpoints.iter().enumerate().map(|(index, checkpoint)| Leaf {
        path: checkpoint.path.clone(),
        name: checkpoint.name.clone(),
        facts: checkpoint_words(checkpoint),
        is_best: marked(MarkerKind::Best, &checkpoint.name),
        is_last: marked(MarkerKind::Last, &checkpoint.name),
        selection: selection(Some(index)),
    });
    let name = run.path.strip_prefix(source).unwrap_or(&run.path).trim_start_matches('/').to_owned();
    Twig { name, leaves: leaves.collect(), selection: selection(run.checkpoints.len().checked_sub(1)) }
}

fn branch_view(branch: Branch, folded: RwSignal<BTreeSet<SourceId>>) -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let id = branch.id;
    let is_open = move || folded.with(|folded| !folded.contains(&id));
    let fold = move |_| {
        folded.update(|folded| {
            if !folded.remove(&id) {
                folded.insert(id);
            }
        });
    };
    let symbol = match branch.kind {
        SourceKind::File => Icon::File,
        SourceKind::Folder => Icon::Folder,
        SourceKind::Url | SourceKind::Registry => Icon::Link,
    };
    let state = match &branch.load {
        Load::Running => "reading…".to_owned(),
        Load::Stopped => "stopped".to_owned(),
        Load::Failed(_) => "failed".to_owned(),
        Load::Ready => words::size(branch.size),
    };
    let selection = branch.selection;
    let runs = StoredValue::new(branch.runs);
    let many = runs.with_value(|runs| runs.len() > 1);
    let inner = move || {
        is_open().then(
            || view! { <ul>{runs.get_value().into_iter().map(|run| twig_view(run, many)).collect::<Markup>()}</ul> },
        )
    };
    let name = branch.name.clone();
    view! {
        <li data-testid="source-item">
            <div class="tree-line">
                <button type="button" class="tree-fold" aria-expanded=move || is_open().to_string()
                    aria-label=format!("Unfold {name}") on:click=fold>{fold_icon()}</button>
                <button type="button" class="tree-name" title=branch.name.clone() on:click=move |_| select(client, view, selection)>
                    {icon(symbol)}<span>{branch.name.clone()}</span><span class="tree-facts" title=words::bytes(branch.size)>{state}</span>
                </button>
                <button type="button" class="copy" title="Close" aria-label=format!("Close {name}")
                    on:click=move |_| client.act(|session| session.close(id))>{icon(Icon::Close)}</button>
            </div>
            {inner}
        </li>
    }
}

fn twig_view(run: Twig, is_named: bool) -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let selection = run.selection;
    let shown = RwSignal::new(AT_ONCE);
    let has_line = is_named || !run.name.is_empty();
    let name = if run.name.is_empty() { "the folder itself".to_owned() } else { run.name };
    let line = has_line.then(|| {
        view! {
            <div class="tree-line">
                <button type="button" class="tree-name soft" title=name.clone() on:click=move |_| select(client, view, Some(selection))>
                    {icon(Icon::Folder)}<span>{name.clone()}</span>
                </button>
            </div>
        }
    });
    let leaves = StoredValue::new(run.leaves);
    let list = move || {
        let limit = shown.get();
        let count = leaves.with_value(Vec::len);
        let more = (count > limit).then(|| {
            let words = format!("Show {} more", words::count(count.saturating_sub(limit).min(AT_ONCE) as u64));
            view! {
                <li><button type="button" class="link small" on:click=move |_| shown.update(|n| *n = n.saturating_add(AT_ONCE))>{words}</button></li>
            }
        });
        let rows = leaves.with_value(|leaves| leaves.iter().take(limit).cloned().map(leaf_view).collect::<Markup>());
        view! { {rows}{more} }
    };
    view! { <li>{line}<ul>{list}</ul></li> }
}

fn leaf_view(leaf: Leaf) -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let selection = leaf.selection;
    let is_chosen = client.memo(move |session| session.selection == Some(selection));
    let star = leaf.is_best.then(
        || view! { <span class="star" title="best">{icon(Icon::Star)}<span class="hidden-label">"best"</span></span> },
    );
    let last = leaf.is_last.then(
        || view! { <span class="faint" title="last">{icon(Icon::Last)}<span class="hidden-label">"last"</span></span> },
    );
    view! {
        <li data-testid="checkpoint-row" data-path=leaf.path.clone()>
            <div class="tree-line" class:chosen=is_chosen>
                <button type="button" class="tree-name" title=leaf.path.clone() aria-current=move || is_chosen.get().then_some("true")
                    on:click=move |_| select(client, view, Some(selection))>
                    <span>{leaf.name}</span>{star}{last}<span class="tree-facts">{leaf.facts}</span>
                </button>
            </div>
        </li>
    }
}

fn select(client: Client, view: View, selection: Option<Selection>) {
    let Some(selection) = selection else { return };
    client.update(|session| session.select(selection));
    view.rail.set(false);
}

/// The edge of the rail: dragged, or moved with the arrow keys.
fn grip() -> Markup {
    let width = RwSignal::new(280.0);
    let is_dragged = StoredValue::new(false);
    // The edge may be gone by the time the pointer lets go.
    let drag = move |is: bool| {
        is_dragged.try_set_value(is);
    };
    let set = move |pixels: f64| width.set(pixels.clamp(NARROWEST, WIDEST));
    Effect::new(move |before: Option<()>| {
        let pixels = width.get();
        if before.is_some() {
            crate::ui::set_root_style("--rail-width", &format!("{pixels}px"));
        }
    });
    let on_down = move |event: ev::PointerEvent| {
        drag(true);
        drop(event_target::<web_sys::Element>(&event).set_pointer_capture(event.pointer_id()));
    };
    let on_move = move |event: ev::PointerEvent| {
        if is_dragged.try_get_value() == Some(true) {
            set(f64::from(event.client_x()));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => -16.0,
            "ArrowRight" => 16.0,
            _ => return,
        };
        event.prevent_default();
        set(width.get_untracked() + by);
    };
    view! {
        <div class="rail-grip" role="separator" aria-orientation="vertical" aria-label="Width of the list" tabindex="0"
            aria-valuenow=move || width.get() aria-valuemin=NARROWEST aria-valuemax=WIDEST
            on:pointerdown=on_down on:pointermove=on_move on:pointerup=move |_| drag(false)
            on:lostpointercapture=move |_| drag(false) on:keydown=on_key></div>
    }
}
