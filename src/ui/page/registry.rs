//! What is in a registry: not connected yet.

use super::blank::blank;
use crate::ui::dom::*;

/// The page.
pub(super) fn page() -> Markup {
    let words = "The checkpoints of a registry will be listed here once this page can connect to one: to inspect, download, publish and compare with what is open. Until then, open a downloaded checkpoint or archive.";
    view! { <div class="page">{blank("Not connected to a registry", words)}</div> }
}
