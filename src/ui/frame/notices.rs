//! What could not be done, above the page until dismissed.

use crate::session::Notice;
use crate::ui::Client;
use crate::ui::dom::*;
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
    view! { <div class="notices">{move || notices.get().into_iter().map(card).collect::<Markup>()}</div> }
}
