//! The four states: always icon, word and colour together.

use super::icon::{Icon, icon};
use crate::model::Severity;
use crate::ui::dom::*;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ui) enum State {
    /// Damaged, worse, unsafe.
    Bad,
    /// Unusual.
    Warning,
    /// Worth knowing.
    Note,
    /// Whole.
    Ok,
    /// Not looked at.
    Open,
}

impl State {
    /// Its class in the style sheets.
    pub(in crate::ui) fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Ok => "ok",
            Self::Open => "plain",
        }
    }

    /// Its icon.
    pub(in crate::ui) fn icon(self) -> Icon {
        match self {
            Self::Bad => Icon::Bad,
            Self::Warning => Icon::Warning,
            Self::Note => Icon::Note,
            Self::Ok => Icon::Ok,
            Self::Open => Icon::Open,
        }
    }
}

impl From<Severity> for State {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Bad,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// Icon and word in a line.
pub(in crate::ui) fn state(state: State, words: impl Into<String>) -> Markup {
    worded("state", state, words.into())
}

/// Icon and word as a chip.
pub(in crate::ui) fn chip(state: State, words: impl Into<String>) -> Markup {
    worded("chip", state, words.into())
}

fn worded(kind: &'static str, state: State, words: String) -> Markup {
    let class = format!("{kind} {}", state.class());
    view! { <span class=class>{icon(state.icon())}<span>{words}</span></span> }
}
