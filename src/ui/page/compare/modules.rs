//! The weights rolled up: by layer, or by the modules inside.

use super::cell::{figure, head, none};
use super::rows::MOST;
use crate::diff::{ModuleRow, SortBy, WeightRow, in_module_order, outer_of, roll_up, roll_up_by};
use crate::model::Real;
use crate::ui::dom::*;
use crate::words;

/// The columns, and what pressing their heads sorts by.
const COLUMNS: [(&str, SortBy, &str); 4] = [
    ("module", SortBy::Name, ""),
    ("tensors changed", SortBy::Changed, "number"),
    ("relative change", SortBy::Relative, "number"),
    ("largest change", SortBy::Largest, "number fold"),
];

/// The table with its switch; nothing when there is one module alone.
pub(super) fn modules(rows: Vec<WeightRow>, only: bool) -> Option<Markup> {
    let (by_layer, by_module) = (roll_up(&rows), roll_up_by(&rows, outer_of));
    if by_module.len() < 2 {
        return None;
    }
    let (is_fine, sort) = (RwSignal::new(false), RwSignal::new(SortBy::Name));
    let choice = move |fine: bool, testid: &'static str, name: &'static str| {
        view! { <button type="button" class="button" data-testid=testid aria-pressed=move || (is_fine.get() == fine).to_string() on:click=move |_| is_fine.set(fine)>{name}</button> }
    };
    let content = markup(move || table(if is_fine.get() { &by_module } else { &by_layer }, sort, only));
    Some(view! {
        <div class="controls"><div class="segments" role="group" aria-label="What is rolled up">{choice(false, "roll-up-layers", "by layer")}{choice(true, "roll-up-modules", "by module")}</div></div>
        {content}
    })
}

fn table(modules: &[ModuleRow], sort: RwSignal<SortBy>, only: bool) -> Markup {
    let by = sort.get();
    let shown = in_module_order(modules, by, only);
    if shown.is_empty() {
        return Markup::Nothing;
    }
    let most = modules.iter().filter_map(ModuleRow::relative_l2).filter(|share| share.is_finite()).fold(0.0, f64::max);
    let row = |module: &&ModuleRow| {
        // Where it moved shows at a glance.
        let part =
            module.relative_l2().filter(|share| share.is_finite() && most > 0.0).map_or(0.0, |share| share / most);
        let width = format!("{:.2}%", part * 100.0);
        let changed = format!("{} of {}", words::count(module.changed), words::count(module.tensors));
        let relative = module.relative_l2().map_or_else(none, |share| figure(share, words::percent));
        let largest = module.max_abs.map_or_else(none, |Real(value)| figure(value, words::metric));
        view! {
            <tr data-testid="module-row"><th scope="row" class="path">{module.name.clone()}</th><td class="number">{changed}</td>
                <td class="number">{relative}</td><td class="number fold">{largest}</td><td class="fold"><div class="share"><i style:width=width></i></div></td></tr>
        }
    };
    let rest = shown.len().saturating_sub(MOST);
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    let heads = COLUMNS.into_iter().map(|column| head(column, sort)).collect::<Markup>();
    let rows = shown.iter().take(MOST).map(row).collect::<Markup>();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Weights by module"><table class="table">
            <thead><tr>{heads}<th scope="col" class="fold">"against the most changed"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {more}
    }
}
