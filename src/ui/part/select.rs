//! A native select with a label.

use crate::ui::dom::*;

/// One choice: the value a script sees, and the words a person sees.
pub(in crate::ui) type Choice = (String, String);

/// A labelled native select. `chosen` follows outside changes.
pub(in crate::ui) fn select(
    label: &'static str,
    testid: &'static str,
    choices: Live<Vec<Choice>>,
    chosen: Live<String>,
    choose: impl Fn(String) + Copy + 'static,
) -> Markup {
    let options = move || {
        let now = chosen.get();
        let option = move |(value, words): Choice| {
            let is_chosen = value == now;
            view! { <option value=value selected=is_chosen>{words}</option> }
        };
        choices.get().into_iter().map(option).collect::<Markup>()
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <select class="select" data-testid=testid prop:value=move || chosen.get()
                on:change:target=move |event| choose(event.target().value())>
                {options}
            </select>
        </label>
    }
}

/// A labelled number input; calls back with every whole number typed.
pub(in crate::ui) fn number_input(
    label: &'static str,
    testid: &'static str,
    value: Live<String>,
    change: impl Fn(String) + 'static,
) -> Markup {
    view! {
        <label class="field">
            <span>{label}</span>
            <input class="input number" type="number" min="0" step="1" inputmode="numeric" data-testid=testid
                prop:value=value on:input:target=move |event| change(event.target().value())/>
        </label>
    }
}
