//! One line of the job bar.

use super::icon::{Icon, icon};
use crate::ui::dom::*;

/// What a line of the job bar says.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct JobLine {
    /// What is being done, how far, how fast: one line.
    pub words: String,
    /// Share done; `None` when it is not known.
    pub share: Option<f64>,
}

/// A progress bar with its words and a cancel button.
pub(in crate::ui) fn job_line(line: Live<JobLine>, cancel: impl Fn() + 'static) -> Markup {
    let value = move || line.read().share.map(|share| format!("{share:.4}"));
    view! {
        <div class="job">
            <progress data-testid="job-progress" max="1" value=value aria-label=move || line.read().words.clone()></progress>
            <span class="job-words">{move || line.read().words.clone()}</span>
            <button type="button" class="button" data-testid="job-cancel" on:click=move |_| cancel()>
                {icon(Icon::Close)}"Cancel"
            </button>
        </div>
    }
}
