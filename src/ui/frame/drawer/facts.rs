//! What a file says of one tensor.

use crate::model::{Endian, Layer, Order, Tensor, TensorRole};
use crate::ui::dom::*;
use crate::ui::part::dtype_bar::dtype;
use crate::ui::view::View;
use crate::words;

/// What the file says of it.
pub(super) fn details(tensor: &Tensor, file: String, view: View) -> Markup {
    let shape = shape_words(&tensor.shape);
    let path = file.clone();
    let sizes = (words::size(tensor.size_bytes), words::bytes(tensor.size_bytes));
    let exact = if sizes.0 == sizes.1 { String::new() } else { format!(" ({})", sizes.1) };
    view! {
        <dl class="facts">
            <dt>"dtype"</dt><dd>{dtype(tensor.dtype.name())}</dd>
            <dt>"shape"</dt><dd class="mono">{shape}</dd>
            <dt>"elements"</dt><dd>{words::count(tensor.elements())}</dd>
            <dt>"size"</dt><dd>{sizes.0}<span class="faint">{exact}</span></dd>
            <dt>"role"</dt><dd>{role_word(tensor.role)}</dd>
            <dt>"file"</dt><dd><button type="button" class="link mono" on:click=move |_| view.show_file(&path)>{file}</button></dd>
            {place_facts(tensor)}
        </dl>
    }
}

/// Where its bytes are.
fn place_facts(tensor: &Tensor) -> Markup {
    let Some(place) = &tensor.place else {
        return view! { <dt>"bytes"</dt><dd>"the file names it, but holds no bytes for it"</dd> };
    };
    let steps = place.layers.iter().map(|layer| match layer {
        Layer::Window { offset, len } => {
            format!("bytes {} to {}", words::count(*offset), words::count(offset.saturating_add(*len)))
        }
        Layer::Inflate { size } => format!("inflated to {}", words::size(*size)),
        Layer::Gunzip { size } => format!("gunzipped to {}", words::size(*size)),
        Layer::ZipMember { header, len } => {
            format!("{} in the zip member at byte {}", words::bytes(*len), words::count(*header))
        }
        Layer::Sealed(_) => "not readable here".to_owned(),
    });
    let order = match &place.order {
        Order::C => "last dimension fastest".to_owned(),
        Order::Fortran => "first dimension fastest (Fortran)".to_owned(),
        Order::Strided(steps) => format!("a view that steps by {} elements", shape_words(steps)),
    };
    let endian = match place.endian {
        Endian::Little => "little-endian",
        Endian::Big => "big-endian",
    };
    view! {
        <dt>"bytes"</dt><dd>{steps.collect::<Vec<_>>().join(", then ")}</dd>
        <dt>"order"</dt><dd>{format!("{order}, {endian}")}</dd>
    }
}

/// `4096 × 128`; a scalar has no dimensions.
pub(in crate::ui) fn shape_words(shape: &[u64]) -> String {
    if shape.is_empty() {
        return "scalar".to_owned();
    }
    shape.iter().map(|length| words::count(*length)).collect::<Vec<_>>().join(" × ")
}

/// The report's word.
pub(in crate::ui) fn role_word(role: TensorRole) -> &'static str {
    match role {
        TensorRole::Model => "model",
        TensorRole::Optimizer => "optimizer",
        TensorRole::Scheduler => "scheduler",
        TensorRole::Rng => "rng",
        TensorRole::Other => "other",
    }
}
