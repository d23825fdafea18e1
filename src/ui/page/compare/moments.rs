//! What the optimizers remember, when that was compared.

use super::super::blank::section;
use super::beside;
use super::cell::number;
use super::difference::{detail, looked_at, opener};
use super::rows::MOST;
use crate::diff::MomentRow;
use crate::session::CsvTable;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::words;

/// The section; `only` leaves out what is equal.
pub(super) fn moments(rows: Option<&[MomentRow]>, only: bool) -> Option<Markup> {
    let rows = rows?;
    let client = Client::expect();
    let differ = rows.iter().filter(|moment| !moment.row.equal).count() as u64;
    let differing = format!("{} of {} differ", words::count(differ), words::count(rows.len() as u64));
    let shown: Vec<MomentRow> = rows.iter().filter(|moment| !(only && moment.row.equal)).cloned().collect();
    let content = if rows.is_empty() {
        view! { <p class="soft">"No tensor of an optimizer is on both sides."</p> }
    } else if shown.is_empty() {
        view! { <p class="soft">"Every bit is the same."</p> }
    } else {
        let looked = client.memo(looked_at);
        markup(move || table(&shown, looked.get().as_deref()))
    };
    Some(section("Optimizer state", beside(differing, CsvTable::Optimizer), content))
}

fn table(shown: &[MomentRow], looked: Option<&str>) -> Markup {
    let rest = shown.len().saturating_sub(MOST);
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    let rows = shown.iter().take(MOST).map(|moment| one(moment, looked)).collect::<Markup>();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Optimizer state of A and B"><table class="table">
            <thead><tr>
                <th scope="col">"of"</th><th scope="col">"is"</th><th scope="col" class="number">"relative change"</th>
                <th scope="col" class="number fold">"largest change"</th><th scope="col" class="number fold">"cosine"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {more}
    }
}

fn one(moment: &MomentRow, looked: Option<&str>) -> Markup {
    let row = &moment.row;
    let told = moment.moment.clone().unwrap_or_else(|| "–".to_owned());
    let shown = moment.parameter.clone().unwrap_or_else(|| row.name.clone());
    if let Some(why) = row.problem.clone() {
        return view! {
            <tr data-testid="moment-row"><th scope="row" class="path">{shown}</th><td>{told}</td><td colspan="3" class="soft">{format!("not compared: {why}")}</td></tr>
        };
    }
    let is_open = looked == Some(row.name.as_str());
    view! {
        <tr data-testid="moment-row"><th scope="row" class="path">{opener(&row.name, shown, is_open)}</th><td>{told}</td>
            <td class="number">{number(row.relative_l2, words::percent)}</td><td class="number fold">{number(row.max_abs, words::metric)}</td>
            <td class="number fold">{number(row.cosine, words::metric)}</td></tr>
        {is_open.then(|| detail(5))}
    }
}
