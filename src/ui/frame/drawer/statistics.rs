//! Statistics and histogram of a tensor.

use super::head;
use crate::protocol::Problem;
use crate::session::{ActivityId, Answer, Asked, Fact, equal_bins, facts, magnitude_bins};
use crate::tensor::Examined;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::histogram::histogram;
use crate::words;

/// Elements from which on a sample is offered, and how large it is.
const SAMPLED_FROM: u64 = 10_000_000;
const SAMPLE: u64 = 1_000_000;

/// The section.
pub(super) fn statistics(client: Client) -> Markup {
    let answer =
        client.memo(|session| session.examining.as_ref().map_or(Answer::Unasked, |shown| shown.statistics.clone()));
    let elements = client.memo(|session| session.examining.as_ref().map_or(0, |shown| shown.tensor.elements()));
    let by_magnitude = RwSignal::new(false);
    let log = RwSignal::new(false);
    let content = move || {
        let start = || ask(client, elements.get());
        match answer.get() {
            Answer::Unasked => {
                view! { <p class="soft">"Reads every element once or twice, on this machine."</p>{start()} }
            }
            Answer::Stopped => view! { <p class="soft">"Stopped before the end."</p>{start()} },
            Answer::Working => working(client, Asked::Statistics, "Reading every element…"),
            Answer::Failed(problem) => failed(&problem),
            Answer::Partly(examined) => {
                view! { {told(client, &examined)}{working(client, Asked::Statistics, "The histogram is on its way…")} }
            }
            Answer::Known(examined) if examined.histograms.is_empty() => {
                view! { {told(client, &examined)}<p class="soft">"Stopped before the histogram."</p>{start()} }
            }
            Answer::Known(examined) => {
                view! { {told(client, &examined)}{histograms(&examined, by_magnitude, log)} }
            }
        }
    };
    view! { <section class="section" aria-label="Statistics">{head("Statistics", ())}{content}</section> }
}

fn ask(client: Client, elements: u64) -> Markup {
    let start = move |sample| client.act(|session| session.ask_for_statistics(sample));
    let sample = (elements > SAMPLED_FROM).then(|| {
        let words = format!("Only a sample of {}", words::short_count(SAMPLE));
        view! { <button type="button" class="button" on:click=move |_| start(Some(SAMPLE))>{words}</button> }
    });
    let all = format!("Compute over all {}", words::short_count(elements));
    view! {
        <div class="controls">
            <button type="button" class="button" data-testid="tensor-statistics-start" on:click=move |_| start(None)>{all}</button>
            {sample}
        </div>
    }
}

/// What is being found out, and a way to stop it; how far it is stands at the bottom of the page.
pub(super) fn working(client: Client, asked: Asked, words: &'static str) -> Markup {
    let stop = move |_: leptos::ev::MouseEvent| client.act(|session| session.cancel(ActivityId::Examine(asked)));
    view! { <p class="soft controls" role="status">{words}" "<button type="button" class="button" on:click=stop>"Stop"</button></p> }
}

/// Why something could not be found out.
pub(super) fn failed(problem: &Problem) -> Markup {
    view! { <p class="soft" data-testid="tensor-problem">{problem.detail.clone()}</p> }
}

fn told(client: Client, examined: &Examined) -> Markup {
    let is_complex = examined.statistics.len() > 1;
    let fact = |fact: Fact| {
        let value = |(at, (short, exact)): (usize, (String, String))| {
            let part = is_complex.then_some(if at == 0 { "real " } else { "imaginary " });
            view! { <dd title=exact data-testid="tensor-stat" data-name=fact.name><span class="faint">{part}</span>{short}</dd> }
        };
        view! { <div><dt>{fact.name}</dt>{fact.values.into_iter().enumerate().map(value).collect::<Markup>()}</div> }
    };
    let (all, counted) = (examined.elements, examined.counted);
    let scope = if counted == all {
        view! { <p class="faint small" data-testid="tensor-scope">{format!("of all {}", words::plural(all, "element"))}</p> }
    } else {
        let words = format!("of a sample: {} of {} elements, evenly spread ", words::count(counted), words::count(all));
        let start = move |_: leptos::ev::MouseEvent| client.act(|session| session.ask_for_statistics(None));
        view! { <p class="faint small" data-testid="tensor-scope">{words}<button type="button" class="link" on:click=start>"all of them"</button></p> }
    };
    view! { <dl class="stats">{facts(examined).into_iter().map(fact).collect::<Markup>()}</dl>{scope} }
}

/// The histograms, and how their axes run.
pub(in crate::ui) fn histograms(examined: &Examined, by_magnitude: RwSignal<bool>, log: RwSignal<bool>) -> Markup {
    let names = if examined.statistics.len() > 1 { ["Real parts", "Imaginary parts"] } else { ["Histogram"; 2] };
    let pairs = examined.histograms.iter().zip(&examined.statistics).zip(names);
    let one = |((histogram_of, statistics), name): (
        (&Option<crate::tensor::Histogram>, &crate::tensor::Statistics),
        &'static str,
    )| {
        let histogram_of = histogram_of.clone()?;
        let zeros = statistics.zeros;
        let bins = Live::new(move || {
            if by_magnitude.get() { magnitude_bins(&histogram_of, zeros) } else { equal_bins(&histogram_of) }
        });
        Some(view! { {head(name, ())}{histogram(name, bins, Live::new(move || log.get()))} })
    };
    let drawn = pairs.map(one).collect::<Markup>();
    let choice = move |is: bool, name: &'static str| {
        view! { <button type="button" class="button" aria-pressed=move || (by_magnitude.get() == is).to_string() on:click=move |_| by_magnitude.set(is)>{name}</button> }
    };
    view! {
        {drawn}
        <div class="controls">
            <div class="segments" role="group" aria-label="Values along the histogram">{choice(false, "linear")}{choice(true, "by magnitude")}</div>
            <label class="check small"><input type="checkbox" prop:checked=log on:change:target=move |event| log.set(event.target().checked())/>"logarithmic counts"</label>
        </div>
    }
}
