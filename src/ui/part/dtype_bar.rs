//! Element types as a stacked bar with its legend.

use crate::model::order_by;
use crate::ui::dom::*;

use crate::chart::dtype_color;
use crate::words;

/// One element type with its share of the bytes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct DTypeShare {
    /// The type's name.
    pub name: String,
    /// Bytes of all its tensors.
    pub bytes: u64,
    /// Number of its tensors.
    pub tensors: u64,
}

/// The bar and its legend, the largest share first.
pub(in crate::ui) fn dtype_bar(mut shares: Vec<DTypeShare>) -> Markup {
    order_by(&mut shares, |a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    let total = shares.iter().fold(0_u64, |sum, share| sum.saturating_add(share.bytes));
    let part = |share: &DTypeShare| share_of(share.bytes, total);
    let bars = shares.iter().map(|share| {
        let class = format!("c{}", dtype_color(&share.name));
        let width = format!("{:.3}%", part(share) * 100.0);
        view! { <i class=class style:width=width></i> }
    });
    let rows = shares.iter().map(|share| {
        let class = format!("dtype c{}", dtype_color(&share.name));
        let words = format!("{}, {}", words::plural(share.tensors, "tensor"), words::size(share.bytes));
        view! {
            <li>
                <span class=class>{share.name.clone()}</span>
                <b>{words::percent(part(share))}</b>
                <span title=words::bytes(share.bytes)>{words}</span>
            </li>
        }
    });
    view! {
        <div class="stack" aria-hidden="true">{bars.collect::<Markup>()}</div>
        <ul class="legend">{rows.collect::<Markup>()}</ul>
    }
}

/// A dtype with its colour.
pub(in crate::ui) fn dtype(name: &str) -> Markup {
    let class = format!("dtype c{}", dtype_color(name));
    view! { <span class=class>{name.to_owned()}</span> }
}

/// `part / whole`, 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share to draw and to show with three digits")]
pub(in crate::ui) fn share_of(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
