//! Modules as a treemap by parameters. A click or Enter on one hands back its name.

use crate::model::order_by;
use crate::ui::dom::*;

use super::dtype_bar::share_of;
use super::size::size_of;
use crate::chart::{Rect, dtype_color, treemap};
use crate::words;

/// Height of the drawing in pixels.
const HEIGHT: f64 = 240.0;
/// Modules drawn; the smallest are drawn together.
const MOST: usize = 60;
/// Pixels a letter takes, about.
const LETTER: f64 = 7.0;

/// One module.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct Module {
    /// Its dotted name.
    pub name: String,
    /// Elements in it.
    pub parameters: u64,
    /// The element type of most of it: its colour.
    pub dtype: String,
}

/// The treemap; `choose` gets the name of the module that was clicked.
pub(in crate::ui) fn module_map(
    modules: Vec<Module>,
    choose: impl Fn(String) + Copy + Send + Sync + 'static,
) -> Markup {
    let modules = StoredValue::new(most(modules));
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let width = Live::new(move || size.get().0);
    let drawing = move || {
        let width = width.get();
        (width > 0.0).then(|| {
            modules.with_value(|modules| {
                let total = modules.iter().fold(0_u64, |sum, module| sum.saturating_add(module.parameters));
                let weights: Vec<f64> = modules.iter().map(|module| share_of(module.parameters, total)).collect();
                let rects = treemap(&weights, Rect { x: 0.0, y: 0.0, w: width, h: HEIGHT });
                let cells = modules.iter().zip(rects).map(|(module, rect)| cell(module, rect, total, choose));
                let cells = cells.collect::<Markup>();
                view! {
                    <svg viewBox=format!("0 0 {width} {HEIGHT}") height=HEIGHT role="group" aria-label="Modules by parameters">
                        {cells}
                    </svg>
                }
            })
        })
    };
    view! { <div class="treemap" node_ref=node>{drawing}</div> }
}

fn cell(module: &Module, rect: Rect, total: u64, choose: impl Fn(String) + Copy + Send + Sync + 'static) -> Markup {
    let class = format!("c{}", dtype_color(&module.dtype));
    let share = words::percent(share_of(module.parameters, total));
    let amount = format!("{} · {share}", words::short_count(module.parameters));
    let label = format!(
        "{}: {amount}, {}, mostly {}",
        module.name,
        words::plural(module.parameters, "parameter"),
        module.dtype
    );
    let fits =
        |text: &str, height: f64| crate::chart::real(text.chars().count()) * LETTER + 16.0 < rect.w && rect.h > height;
    let name = fits(&module.name, 24.0).then(|| module.name.clone());
    // The space keeps it apart from the name for those who hear it; it is not drawn.
    let amount = (name.is_some() && fits(&amount, 42.0)).then(|| format!(" {amount}"));
    let (clicked, pressed) = (module.name.clone(), module.name.clone());
    // What is written in the box is its name; a box too small for words needs one all the same.
    let spoken = name.is_none().then(|| label.clone());
    view! {
        <g class=class role="button" tabindex="0" aria-label=spoken on:click=move |_| choose(clicked.clone())
            on:keydown=move |event| if event.key() == "Enter" { choose(pressed.clone()) }>
            <title>{label.clone()}</title>
            <rect x=rect.x y=rect.y width=rect.w height=rect.h rx="4"></rect>
            <text x=rect.x + 8.0 y=rect.y + 18.0>{name}</text>
            <text class="amount" x=rect.x + 8.0 y=rect.y + 36.0>{amount}</text>
        </g>
    }
}

/// The largest modules; what is left over is drawn as one.
fn most(mut modules: Vec<Module>) -> Vec<Module> {
    modules.retain(|module| module.parameters > 0);
    order_by(&mut modules, |a, b| b.parameters.cmp(&a.parameters).then_with(|| a.name.cmp(&b.name)));
    let rest = modules.split_off(MOST.min(modules.len()));
    if !rest.is_empty() {
        let parameters = rest.iter().fold(0_u64, |sum, module| sum.saturating_add(module.parameters));
        modules.push(Module { name: "the others".to_owned(), parameters, dtype: String::new() });
    }
    modules
}
