//! What stands where there is nothing: what would fill it, and whether it is on its way.

use crate::session::{Load, Session};
use crate::ui::dom::*;

/// An empty place, and what would fill it.
pub(super) fn blank(title: &str, words: &str) -> Markup {
    view! { <div class="blank"><h2>{title.to_owned()}</h2><p>{words.to_owned()}</p></div> }
}

/// A part of a page with its heading and a few words beside it.
pub(super) fn section(title: &'static str, beside: impl IntoMarkup + 'static, content: Markup) -> Markup {
    view! {
        <section class="section">
            <div class="section-head"><h2>{title}</h2><span class="count">{beside}</span></div>
            {content}
        </section>
    }
}

/// Whether something is still being opened: then an empty place is only not filled yet.
pub(super) fn is_opening(session: &Session) -> bool {
    session.picks.iter().any(|pick| pick.load == Load::Running)
}

/// The empty place of a page about a checkpoint.
pub(super) fn no_checkpoint(is_opening: bool) -> Markup {
    if is_opening {
        blank("Reading", "The headers are being read. What is found appears here as it is found.")
    } else {
        blank(
            "No checkpoint here",
            "None of the open files is known to be a checkpoint. The Files page lists what they are; open another file or folder to fill this page.",
        )
    }
}
