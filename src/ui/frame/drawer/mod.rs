//! One tensor, in detail: what the file says of it, and what its elements are.

mod bytes;
mod facts;
mod statistics;
mod values;

pub(in crate::ui) use facts::shape_words;
pub(in crate::ui) use statistics::histograms;

use crate::model::Tensor;
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::copy::copy_button;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::view::{TensorChoice, View};

/// The drawer, while a tensor is chosen.
pub(super) fn drawer() -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let revision = client.memo(|session| session.revision);
    let found = Live::new(move || {
        revision.with(|_| ());
        let chosen = view.tensor.get()?;
        let tensor = client.peek(|session| find(session, &chosen))?;
        Some((chosen, tensor))
    });
    Effect::new(move || {
        let found = found.get();
        client.act(|session| match found {
            Some((chosen, _)) => session.look_at(&chosen.file, &chosen.name),
            None => session.stop_examining(),
        });
    });
    let shown = move || {
        found.get().map(|(chosen, tensor)| {
            view! {
                <aside class="drawer" aria-label="Tensor" data-testid="tensor-view">
                    <div class="drawer-head">
                        <h2 class="mono">{chosen.name.clone()}</h2>
                        {copy_button(chosen.name.clone(), "the name")}
                        <button type="button" class="button quiet only-icon" aria-label="Close the details" title="Close (Esc)"
                            on:click=move |_| view.close_tensor()>{icon(Icon::Close)}</button>
                    </div>
                    <div class="drawer-body">
                        {facts::details(&tensor, chosen.file, view)}
                        {elements(client)}
                    </div>
                </aside>
            }
        })
    };
    markup(shown)
}

fn find(session: &Session, chosen: &TensorChoice) -> Option<Tensor> {
    session.picks.iter().find_map(|pick| {
        let contents = pick.opened.contents_at(pick.opened.find(&chosen.file)?)?;
        contents.tensors.iter().find(|tensor| tensor.name == chosen.name).cloned()
    })
}

/// What its elements are, or why that is not told.
fn elements(client: Client) -> Markup {
    // Another tensor gets parts of its own: what was chosen for one is not for the next.
    let about = client.memo(|session| {
        let shown = session.examining.as_ref()?;
        let has_bytes = shown.elements.is_some();
        Some((shown.path.clone(), shown.index, shown.why_no_numbers(), has_bytes))
    });
    let content = move || {
        let (_, _, why, has_bytes) = about.get()?;
        let numbers = match why {
            Some(why) => view! { <p class="soft" data-testid="tensor-no-numbers">{why}</p> },
            None => view! { {statistics::statistics(client)}{values::values(client)} },
        };
        Some(view! { {numbers}{has_bytes.then(|| bytes::bytes(client))} })
    };
    markup(content)
}

/// A heading inside the drawer, with what belongs beside it.
fn head(name: &'static str, beside: impl IntoMarkup) -> Markup {
    view! { <div class="section-head"><h3>{name}</h3>{beside}</div> }
}
