//! Some values of a tensor, as colours and as numbers.

use super::head;
use super::statistics::{failed, working};
use crate::chart::{heat, largest};
use crate::limits;
use crate::session::{Answer, Asked, Shown, drawn_number, value_table, value_words};
use crate::tensor::{Corner, Plane};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::heat_map::{Heat, heat_map};
use crate::ui::part::select::number_input;
use crate::words;

/// The section.
pub(super) fn values(client: Client) -> Markup {
    let shape =
        client.memo(|session| session.examining.as_ref().map_or(Vec::new(), |shown| shown.tensor.shape.clone()));
    let answer =
        client.memo(|session| session.examining.as_ref().map_or(Answer::Unasked, |shown| shown.values.clone()));
    let corner =
        client.memo(|session| session.examining.as_ref().map_or(Corner::default(), |shown| shown.corner.clone()));
    let is_known = Live::new(move || answer.with(|answer| answer.known().is_some()));
    let heat = Live::new(move || {
        answer.with(|answer| answer.known().map_or(Heat::default(), |shown| heat_of(&shape.read(), shown)))
    });
    let content = move || {
        if is_known.get() {
            let table = move || {
                answer
                    .with(|answer| answer.known().map(|shown| value_table(&shown.window, &shape.read(), &shown.texts)))
            };
            let strongest = move || {
                let most = answer.with(|answer| answer.known().map_or(0.0, |shown| largest(&numbers(shown))));
                format!("Blue is above zero, orange below; strongest at ±{}.", words::metric(most))
            };
            return view! {
                {controls(client, shape, corner)}
                {heat_map(heat)}
                <p class="faint small">{strongest}</p>
                <pre class="bytes values" tabindex="0" role="region" aria-label="Values as numbers" data-testid="tensor-values">{table}</pre>
            };
        }
        match answer.get() {
            Answer::Working => working(client, Asked::Values, "Reading…"),
            Answer::Failed(problem) => failed(&problem),
            _ => {
                let read =
                    move |_: leptos::ev::MouseEvent| client.act(|session| session.ask_for_values(&Corner::default()));
                view! { <div class="controls"><button type="button" class="button" data-testid="tensor-values-start" on:click=read>"Read values"</button></div> }
            }
        }
    };
    view! { <section class="section" aria-label="Values">{head("Values", ())}{content}</section> }
}

fn numbers(shown: &Shown) -> Vec<Option<f64>> {
    shown.texts.iter().map(|text| drawn_number(text)).collect()
}

fn heat_of(shape: &[u64], shown: &Shown) -> Heat {
    let (values, window) = (numbers(shown), shown.window);
    let whole = |count: u64| usize::try_from(count).unwrap_or(0);
    let (columns, rows) = (whole(window.columns), whole(window.rows));
    let words = value_words(&window, shape, &shown.texts);
    Heat { cells: heat(&values, columns, largest(&values)), columns, rows, words }
}

/// Which values: an index for each dimension that is held, and where rows and columns begin.
fn controls(client: Client, shape: Live<Vec<u64>>, corner: Live<Corner>) -> Markup {
    let plane = Live::new(move || Plane::of(&shape.read()));
    let go = move |to: Corner| client.act(|session| session.ask_for_values(&to));
    let typed = move |text: String, place: fn(&mut Corner, usize, u64), at: usize| {
        if let Ok(number) = text.trim().parse() {
            let mut to = corner.get_untracked();
            place(&mut to, at, number);
            go(to);
        }
    };
    let held = move || {
        let input = |(at, length): (usize, &u64)| {
            let value = Live::new(move || corner.with(|corner| corner.held.get(at).copied().unwrap_or(0).to_string()));
            let label = HELD.get(at).copied().unwrap_or("further index");
            let input = number_input(label, "tensor-index", value, move |text| typed(text, hold, at));
            view! { {input}<span class="faint small">{format!("of {}", words::count(*length))}</span> }
        };
        plane.with(|plane| plane.held.iter().enumerate().map(input).collect::<Markup>())
    };
    let pages = move || {
        let (plane, at) = (plane.read(), corner.read());
        let side = limits::VALUES_SIDE;
        (plane.rows > side || plane.columns > side).then(|| {
            let step = |name: &'static str, to: Corner| {
                let is_off = plane.clamp(&to) == *at || to.row >= plane.rows || to.column >= plane.columns;
                view! { <button type="button" class="button" disabled=is_off on:click=move |_| go(to.clone())>{name}</button> }
            };
            let (row, column) = (at.row, at.column);
            let row_to = |row: u64| Corner { row, ..Corner::clone(&at) };
            let column_to = |column: u64| Corner { column, ..Corner::clone(&at) };
            let span = |from: u64, length: u64| {
                format!("{} to {} of {}", words::count(from), words::count(from.saturating_add(side).min(length).saturating_sub(1)), words::count(length))
            };
            let words = format!("rows {}, columns {}", span(row, plane.rows), span(column, plane.columns));
            view! {
                {step("Rows above", row_to(row.saturating_sub(side)))}
                {step("Rows below", row_to(row.saturating_add(side)))}
                {step("Columns left", column_to(column.saturating_sub(side)))}
                {step("Columns right", column_to(column.saturating_add(side)))}
                <span class="soft small">{words}</span>
            }
        })
    };
    let from = move || {
        let is_long = plane.with(|plane| plane.rows > limits::VALUES_SIDE);
        is_long.then(|| {
            let value = Live::new(move || corner.with(|corner| corner.row.to_string()));
            number_input("from row", "tensor-row-from", value, move |text| {
                typed(text, |corner, _, row| corner.row = row, 0)
            })
        })
    };
    view! { <div class="controls small-controls">{held}{from}{pages}</div> }
}

/// Names of the held dimensions.
const HELD: [&str; 6] = ["index 0", "index 1", "index 2", "index 3", "index 4", "index 5"];

fn hold(corner: &mut Corner, at: usize, index: u64) {
    if let Some(held) = corner.held.get_mut(at) {
        *held = index;
    }
}
