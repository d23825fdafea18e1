//! The command palette: pages, actions, checkpoints and tensors by name.

use leptos::ev;

use super::Inputs;
use crate::session::{Page, Selection, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::dialog::dialog;
use crate::ui::start::open_sample;
use crate::ui::view::{TensorChoice, View};

/// Hits shown.
const MOST: usize = 12;

/// What a hit does.
#[derive(Debug, Clone, PartialEq)]
enum Act {
    Go(Page),
    Files,
    Folder,
    Sample,
    Verify,
    Select(Selection),
    Tensor(TensorChoice),
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
struct Hit {
    words: String,
    kind: &'static str,
    act: Act,
}

/// The palette, while it is open.
pub(super) fn palette() -> Markup {
    let view = View::expect();
    dialog("Search or run a command", view.palette, content)
}

fn content() -> Markup {
    let (client, view, inputs) = (Client::expect(), View::expect(), Inputs::expect());
    let asked = RwSignal::new(String::new());
    let cursor = RwSignal::new(0_usize);
    let hits = Live::new(move || client.with(|session| hits(session, &asked.read())));
    let run = move |index: usize| {
        let Some(hit) = hits.with_untracked(|hits| hits.get(index).cloned()) else { return };
        view.palette.set(false);
        act(hit.act, client, view, inputs);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let last = hits.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => cursor.update(|at| *at = at.saturating_add(1).min(last)),
            "ArrowUp" => cursor.update(|at| *at = at.saturating_sub(1)),
            "Enter" => run(cursor.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let rows = move || {
        let row = |(index, hit): (usize, Hit)| {
            view! {
                <li role="option" id=format!("hit-{index}") aria-selected=move || (cursor.get() == index).to_string()
                    on:click=move |_| run(index) on:pointermove=move |_| cursor.set(index)>
                    <span class="what">{hit.words}</span><span class="kind">{hit.kind}</span>
                </li>
            }
        };
        hits.get().into_iter().enumerate().map(row).collect::<Markup>()
    };
    view! {
        <input class="palette-input" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" autocomplete="off"
            aria-label="Search or run a command" placeholder="A page, a checkpoint, a tensor, something to do"
            aria-activedescendant=move || format!("hit-{}", cursor.get()) prop:value=asked on:keydown=on_key
            on:input:target=move |event| { asked.set(event.target().value()); cursor.set(0); }/>
        <ul class="palette-list" id="palette-list" role="listbox" aria-label="Hits">{rows}</ul>
        {move || hits.read().is_empty().then(|| view! { <p class="grid-blank">"Nothing of that name is open."</p> })}
    }
}

fn hits(session: &Session, asked: &str) -> Vec<Hit> {
    let asked = asked.trim().to_lowercase();
    let words: Vec<&str> = asked.split_whitespace().collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let hit = |words: &str, kind, act| Hit { words: words.to_owned(), kind, act };
    let mut all = Vec::new();
    if !session.is_empty() {
        all.extend(Page::ALL.iter().map(|page| hit(page.name(), "page", Act::Go(*page))));
        all.push(hit("Verify every file", "do", Act::Verify));
    }
    all.push(hit("Open files", "do", Act::Files));
    all.push(hit("Open a folder", "do", Act::Folder));
    all.push(hit("Open the built-in sample", "do", Act::Sample));
    let checkpoints =
        session.checkpoints().map(|found| hit(&found.checkpoint.path, "checkpoint", Act::Select(found.selection)));
    all.extend(checkpoints.filter(|hit| !words.is_empty() && holds(&hit.words)).take(MOST));
    all.retain(|hit| holds(&hit.words));
    if !words.is_empty() {
        let room = MOST.saturating_sub(all.len()).max(4);
        let tensors = session.selected_checkpoint().map(|found| found.tensors()).unwrap_or_default();
        let found = tensors.iter().filter(|found| holds(&found.tensor.name)).take(room);
        all.extend(found.map(|found| {
            let choice = TensorChoice { file: found.file.to_owned(), name: found.tensor.name.clone() };
            hit(&found.tensor.name, "tensor", Act::Tensor(choice))
        }));
    }
    all.truncate(MOST.saturating_add(4));
    all
}

fn act(act: Act, client: Client, view: View, inputs: Inputs) {
    match act {
        Act::Go(page) => view.go(page),
        Act::Files => inputs.pick_files(),
        Act::Folder => inputs.pick_folder(),
        Act::Sample => open_sample(client),
        Act::Verify => {
            view.go(Page::Integrity);
            client.act(Session::verify);
        }
        Act::Select(selection) => client.update(|session| session.select(selection)),
        Act::Tensor(choice) => {
            view.show_tensors(&choice.name);
            // Changing the page closes the drawer; the choice follows it.
            request_animation_frame(move || view.tensor.set(Some(choice)));
        }
    }
}
