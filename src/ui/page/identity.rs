//! Do two checkpoints hold the same? A digest each, whatever the files they are in.

use super::blank::section;
use crate::session::{ActivityId, Answer, Identified, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::digest::digest;
use crate::words;

/// A checkpoint, and those that hold the same.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    of: Identified,
    same_as: Vec<String>,
}

/// The section.
pub(super) fn identity(client: Client) -> Markup {
    let selected = client.memo(|session| session.selected_checkpoint().map(|found| found.checkpoint.path.clone()));
    let lines = client.memo(|session| session.identified.iter().map(|of| line(session, of)).collect::<Vec<_>>());
    let content = move || {
        let Some(path) = selected.get() else { return Markup::Nothing };
        let name = crate::model::base_name(&path).to_owned();
        let start = move |_| client.act(|session| session.identify(&path));
        let rows = lines.get().iter().map(|line| row(client, line)).collect::<Markup>();
        let table = (!lines.with(Vec::is_empty)).then(|| {
            view! {
                <div class="table-box" tabindex="0" role="region" aria-label="Identities">
                    <table class="table">
                        <thead><tr><th scope="col">"checkpoint"</th><th scope="col">"identity"</th><th scope="col">"holds the same as"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
        });
        let words = "One digest over the names, types, shapes and values of a model's tensors. A PyTorch file, its safetensors conversion and a copy in other shards have the same. Tensors that were identified are not read again to be found equal when values are compared.";
        let all = view! {
            <p class="reading soft">{words}</p>
            <div class="controls">
                <button type="button" class="button" data-testid="identity-start" on:click=start>{format!("Identify {name}")}</button>
            </div>
            {table}
        };
        section("What it holds", "content identity", all)
    };
    markup(content)
}

fn line(session: &Session, of: &Identified) -> Line {
    Line { of: of.clone(), same_as: session.same_as(&of.path).into_iter().map(str::to_owned).collect() }
}

fn row(client: Client, line: &Line) -> Markup {
    let stop = move |_: leptos::ev::MouseEvent| client.act(|session| session.cancel(ActivityId::Identify));
    let told = match &line.of.identity {
        Answer::Known(hex) | Answer::Partly(hex) => {
            let beside = words::plural(line.of.tensors as u64, "tensor");
            let left = (!line.of.left_out.is_empty()).then(|| {
                let count = words::plural(line.of.left_out.len() as u64, "tensor");
                let names = line.of.left_out.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
                view! { " "<span class="soft small" data-testid="identity-left-out" title=names>{format!("{count} left out: not readable one by one")}</span> }
            });
            view! { {digest(hex)}" "<span class="faint small">{beside}</span>{left} }
        }
        Answer::Working => {
            view! { <span class="soft">"Reading every element… "</span><button type="button" class="button" on:click=stop>"Stop"</button> }
        }
        Answer::Failed(problem) => view! { <span class="soft">{problem.detail.clone()}</span> },
        Answer::Stopped | Answer::Unasked => view! { <span class="faint">"stopped"</span> },
    };
    let same = if line.same_as.is_empty() { "–".to_owned() } else { line.same_as.join(", ") };
    view! { <tr data-testid="identity-row"><th scope="row" class="path">{line.of.path.clone()}</th><td>{told}</td><td class="path soft">{same}</td></tr> }
}
