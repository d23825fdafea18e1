//! Light, dark, or as the system has it; remembered.

use gloo::storage::{LocalStorage, Storage};

use super::part::icon::{Icon, icon};
use crate::ui::dom::*;

const KEY: &str = "weighbridge.theme";

/// What the page looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn remembered() -> Self {
        match LocalStorage::get::<String>(KEY).as_deref() {
            Ok("light") => Self::Light,
            Ok("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // A browser that stores nothing (private windows) still shows the theme.
        if self == Self::System {
            drop(root.remove_attribute("data-theme"));
            LocalStorage::delete(KEY);
        } else {
            drop(root.set_attribute("data-theme", self.name()));
            drop(LocalStorage::set(KEY, self.name()));
        }
    }
}

/// The switch.
pub(in crate::ui) fn theme_switch() -> Markup {
    let theme = RwSignal::new(Theme::remembered());
    Effect::new(move || theme.get().apply());
    let label = move || format!("Theme: {}. Change to {}", theme.get().name(), theme.get().next().name());
    let symbol = move || {
        icon(match theme.get() {
            Theme::System => Icon::Screen,
            Theme::Light => Icon::Sun,
            Theme::Dark => Icon::Moon,
        })
    };
    view! {
        <button type="button" class="button quiet only-icon" title=label aria-label=label
            on:click=move |_| theme.update(|theme| *theme = theme.next())>{symbol}</button>
    }
}
