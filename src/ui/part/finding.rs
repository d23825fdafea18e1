//! One finding in a list.

use super::state::{State, state};
use crate::model::{Finding, Severity};
use crate::ui::dom::*;
use crate::words;

/// A finding: how bad, what, where.
pub(in crate::ui) fn finding_row(finding: &Finding) -> Markup {
    let mut place = finding.file.clone();
    if let Some(entry) = &finding.entry {
        place.push_str(" › ");
        place.push_str(entry);
    }
    if let Some(offset) = finding.offset {
        place.push_str(", byte ");
        place.push_str(&words::count(offset));
    }
    view! {
        <li class="finding" data-testid="finding-row" data-code=finding.code.clone() data-severity=word(finding.severity)>
            {state(State::from(finding.severity), word(finding.severity))}
            <span>{finding.message.clone()}</span>
            <span class="where">{place}</span>
        </li>
    }
}

/// The report's word for a severity.
pub(in crate::ui) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
