//! How the elements of one tensor changed: a few numbers and the histogram of b − a, under its row.

use crate::session::{ActivityId, Answer, Session, facts};
use crate::tensor::Examined;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::frame::histograms;
use crate::words;

/// What is told of the difference, by the names of [`facts`].
const TOLD: [&str; 6] = ["min", "max", "mean", "std", "zeros", "NaN"];

/// The name of a tensor as a button that opens what is behind it.
pub(super) fn opener(name: &str, shown: String, is_open: bool) -> Markup {
    let client = Client::expect();
    let name = name.to_owned();
    let toggle = move |_| client.act(|session| session.look_at_difference(&name));
    view! {
        <button type="button" class="link" data-testid="weight-open" aria-expanded=is_open.to_string()
            title="How its elements changed" on:click=toggle>{shown}</button>
    }
}

/// The tensor that is looked at.
pub(super) fn looked_at(session: &Session) -> Option<String> {
    session.comparing.looked.as_ref().map(|looked| looked.name.clone())
}

/// The row under that of the tensor.
pub(super) fn detail(columns: usize) -> Markup {
    view! { <tr class="detail"><td colspan=columns>{panel()}</td></tr> }
}

fn panel() -> Markup {
    let client = Client::expect();
    let answer = client
        .memo(|session| session.comparing.looked.as_ref().map_or(Answer::Unasked, |looked| looked.answer.clone()));
    let (by_magnitude, log) = (RwSignal::new(false), RwSignal::new(false));
    let working = move |words: &'static str| {
        let stop = move |_| client.act(|session| session.cancel(ActivityId::Deltas));
        view! { <p class="soft controls" role="status">{words}" "<button type="button" class="button" data-testid="difference-stop" on:click=stop>"Stop"</button></p> }
    };
    let content = move || match answer.get() {
        Answer::Unasked => Markup::Nothing,
        Answer::Stopped => view! { <p class="soft">"Stopped before the end."</p> },
        Answer::Working => working("Reading every element of both…"),
        Answer::Failed(problem) => {
            view! { <p class="soft" data-testid="difference-problem">{problem.detail.clone()}</p> }
        }
        Answer::Partly(examined) => view! { {told(&examined)}{working("The histogram is on its way…")} },
        Answer::Known(examined) if examined.histograms.is_empty() => {
            view! { {told(&examined)}<p class="soft">"Stopped before the histogram."</p> }
        }
        Answer::Known(examined) => view! { {told(&examined)}{histograms(&examined, by_magnitude, log)} },
    };
    view! { <div class="difference" data-testid="difference">{content}</div> }
}

fn told(examined: &Examined) -> Markup {
    let is_complex = examined.statistics.len() > 1;
    let one = |fact: crate::session::Fact| {
        let value = |(at, (short, exact)): (usize, (String, String))| {
            let part = is_complex.then_some(if at == 0 { "real " } else { "imaginary " });
            view! { <dd title=exact data-testid="difference-stat" data-name=fact.name><span class="faint">{part}</span>{short}</dd> }
        };
        let name = if fact.name == "zeros" { "unchanged" } else { fact.name };
        view! { <div><dt>{name}</dt>{fact.values.into_iter().enumerate().map(value).collect::<Markup>()}</div> }
    };
    let all = facts(examined).into_iter().filter(|fact| TOLD.contains(&fact.name));
    let scope = format!("b − a of all {}, not finite ones apart", words::plural(examined.elements, "element"));
    view! { <dl class="stats">{all.map(one).collect::<Markup>()}</dl><p class="faint small">{scope}</p> }
}
