//! Two adapters of low rank, by what they add to the weights.

use super::super::blank::section;
use super::beside;
use super::cell::{none, number};
use super::rows::MOST;
use crate::diff::{AdapterPart, UpdateRow, UpdateSide};
use crate::model::Real;
use crate::session::CsvTable;
use crate::ui::dom::*;
use crate::words;

/// The section; `only` leaves out what is equal.
pub(super) fn adapter(part: Option<&AdapterPart>, only: bool) -> Option<Markup> {
    let part = part?;
    let shown: Vec<&UpdateRow> = part.modules.iter().filter(|row| !(only && row.equal)).collect();
    let differ = part.modules.iter().filter(|row| !row.equal).count() as u64;
    let differing = format!("{} of {} modules differ", words::count(differ), words::count(part.modules.len() as u64));
    let rest = shown.len().saturating_sub(MOST);
    let more = (rest > 0)
        .then(|| view! { <p class="soft">{format!("{} more are in the report.", words::count(rest as u64))}</p> });
    let table = (!shown.is_empty()).then(|| {
        let rows = shown.iter().take(MOST).map(|row| one(row)).collect::<Markup>();
        view! {
            <div class="table-box" tabindex="0" role="region" aria-label="What the adapters add, by module"><table class="table">
                <thead><tr>
                    <th scope="col">"module"</th><th scope="col" class="number">"rank"</th><th scope="col" class="number fold">"scale"</th>
                    <th scope="col" class="number">"‖ΔW‖ of A"</th><th scope="col" class="number">"of B"</th><th scope="col" class="number fold">"of B − A"</th>
                    <th scope="col" class="number">"relative"</th><th scope="col" class="number fold">"cosine"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
    });
    let content = view! {
        <p class="reading" data-testid="adapter-summary">{format!("{}.", part.sentence())}" "<span class="soft">"ΔW is scale · B · A: what the adapter adds to a weight. Two pairs of matrices may differ and add the same."</span></p>
        {table}
        {more}
    };
    Some(section("Adapter", beside(differing, CsvTable::Lora), content))
}

fn one(row: &UpdateRow) -> Markup {
    if let Some(why) = row.problem.clone() {
        return view! {
            <tr data-testid="adapter-row"><th scope="row" class="path">{row.name.clone()}</th><td colspan="7" class="soft">{format!("not worked out: {why}")}</td></tr>
        };
    }
    let l2 = |side: &Option<UpdateSide>| number(side.as_ref().and_then(|side| side.l2), words::metric);
    let rank = both(row, |side| side.rank.map(words::count));
    let scale = both(row, |side| side.scale.map(|Real(scale)| words::metric(scale)));
    view! {
        <tr data-testid="adapter-row"><th scope="row" class="path">{row.name.clone()}</th><td class="number">{rank}</td><td class="number fold">{scale}</td>
            <td class="number">{l2(&row.a)}</td><td class="number">{l2(&row.b)}</td><td class="number fold">{number(row.l2, words::metric)}</td>
            <td class="number">{number(row.relative_l2, words::percent)}</td><td class="number fold">{number(row.cosine, words::metric)}</td></tr>
    }
}

/// `4`, or `4 → 8` where the sides differ; a side without the module has a dash.
fn both(row: &UpdateRow, read: impl Fn(&UpdateSide) -> Option<String>) -> Markup {
    let of = |side: &Option<UpdateSide>| side.as_ref().and_then(&read);
    match (of(&row.a), of(&row.b)) {
        (None, None) => none(),
        (Some(a), Some(b)) if a == b => view! { {a} },
        (a, b) => {
            let dash = || "–".to_owned();
            view! { {format!("{} → {}", a.unwrap_or_else(dash), b.unwrap_or_else(dash))} }
        }
    }
}
