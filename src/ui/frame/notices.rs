//! What could not be done, above the page until dismissed.

use crate::session::{Notice, Offer};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::problem_card::problem_card;

/// The problems.
pub(super) fn notices() -> Markup {
    let client = Client::expect();
    let notices = client.memo(|session| session.notices.clone());
    let card = move |notice: Notice| {
        let Notice { id, about, problem } = notice;
        let title = about.map_or_else(|| problem.title().to_owned(), |about| format!("{}: {about}", problem.title()));
        problem_card(title, problem.detail.clone(), problem.hint().to_owned(), move || {
            client.update(|session| session.dismiss(id));
        })
    };
    let offers = client.memo(|session| session.offers.clone());
    view! {
        <div class="notices">
            {move || notices.get().into_iter().map(card).collect::<Markup>()}
            {move || offers.get().into_iter().map(|offer| offered(client, offer)).collect::<Markup>()}
        </div>
    }
}

/// A file that can only be had whole.
fn offered(client: Client, offer: Offer) -> Markup {
    let id = offer.id;
    view! {
        <div class="problem" data-testid="offer" role="alert">
            {icon(Icon::Note)}
            <div class="problem-words">
                <h2>{offer.name}</h2>
                <p>{offer.words}</p>
                <div class="controls">
                    <button type="button" class="button primary" data-testid="offer-accept"
                        on:click=move |_| client.act(|session| session.answer_offer(id, true))>{icon(Icon::Download)}"Download and open"</button>
                    <button type="button" class="button" data-testid="offer-refuse"
                        on:click=move |_| client.act(|session| session.answer_offer(id, false))>"Do not"</button>
                </div>
            </div>
        </div>
    }
}
