//! What can be done with what is chosen or looked at, the clean-up plan, and what came of it. Danger only behind a typed
//! word; what a server does not offer is not shown.

use crate::registry::tinker::cleanup::Policy;
use crate::registry::tinker::compatibility::{Expected, compare};
use crate::registry::tinker::{Feature, TinkerPath};
use crate::session::registry::Act;
use crate::session::{Page, Then};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::page::blank::section;
use crate::ui::part::copy::{copy_button, copy_text};
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::state::{State, state};
use crate::ui::view::View;
use crate::words;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Everything below the table.
pub(super) fn doing(client: Client) -> Markup {
    view! { {bulk(client)}{shown(client)}{clean_up(client)}{outcomes(client)} }
}

/// A button.
pub(super) fn button(words: &'static str, testid: &'static str, press: impl Fn() + 'static) -> Markup {
    view! { <button type="button" class="button" data-testid=testid on:click=move |_| press()>{words}</button> }
}

/// Opens the two chosen rows and compares them; there with two.
pub(super) fn compare_button(client: Client) -> Markup {
    let has_two = client.memo(|session| session.registry.has_two());
    let view = View::expect();
    let press = move || {
        client.act(crate::session::Session::compare_registered);
        view.go(Page::Compare);
    };
    markup(move || has_two.get().then(|| button("Compare", "registry-compare", press)).into_markup())
}

/// The bar that appears with something chosen or looked at.
fn bulk(client: Client) -> Markup {
    let meant = client.memo(|session| session.meant());
    let may = client.memo(|session| {
        let may = |feature| session.registry.features.may(feature);
        (
            may(Feature::Publish),
            may(Feature::Ttl),
            may(Feature::Delete),
            may(Feature::Copy),
            session.registry.features.has(Feature::Publish),
        )
    });
    let is_public = client.memo(|session| {
        let public = |path: &TinkerPath| {
            session.registry.checkpoints.get(path).is_some_and(|found| found.is_public == Some(true))
        };
        session.meant().iter().all(public)
    });
    let days = RwSignal::new("7".to_owned());
    let project = RwSignal::new(String::new());
    let get = move |then: Option<Then>| {
        for path in meant.get_untracked() {
            client.act(|session| session.get_registered(&path, then));
        }
    };
    let act = move |act: Act| client.act(|session| session.do_registered(&act, ""));
    let expire = move || {
        if let Some(days) = days.with_untracked(|days| days.trim().parse::<u64>().ok()) {
            act(Act::Expire(Some(days.saturating_mul(DAY))));
        }
    };
    let content = move || {
        let count = meant.with(Vec::len);
        if count == 0 {
            return Markup::Nothing;
        }
        let (publish, ttl, delete, copy, has_publish) = may.get();
        view! {
            <div class="controls grid-controls" data-testid="registry-bulk">
                <strong>{words::plural(count as u64, "checkpoint")}</strong>
                {button("Open", "registry-open", move || get(Some(Then::Open)))}
                {button("Save to disk", "registry-save", move || get(Some(Then::Save)))}
                {button("Can it be had?", "registry-check", move || get(None))}
                {compare_button(client)}
                {button(if count == 1 { "Copy path" } else { "Copy paths" }, "registry-copy-paths", move || copy_text(&lines(&meant.get_untracked())))}
                {publish.then(|| button("Publish", "registry-publish", move || act(Act::Publish)))}
                {(publish && (has_publish || is_public.get())).then(|| button("Make private", "registry-unpublish", move || act(Act::Unpublish)))}
                {ttl.then(|| view! {
                    <input class="input number" type="number" min="1" aria-label="Days until it expires" prop:value=days on:input:target=move |event| days.set(event.target().value())/>
                    {button("Expire in days", "registry-expire", expire)}
                    {button("Never expire", "registry-keep", move || act(Act::Expire(None)))}
                })}
                {copy.then(|| view! {
                    <input class="input" aria-label="Project to copy to" placeholder="project" prop:value=project on:input:target=move |event| project.set(event.target().value())/>
                    {button("Copy there", "registry-copy", move || if !project.read_untracked().trim().is_empty() { act(Act::Copy(project.get_untracked().trim().to_owned())) })}
                })}
                {delete.then(|| confirmed(client, "Delete", "registry-delete", |session| session.delete_word(), |session, typed| session.do_registered(&Act::Delete, typed)))}
            </div>
        }
    };
    markup(content)
}

/// `tinker://` paths, one a line.
fn lines(paths: &[TinkerPath]) -> String {
    paths.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A button that works once the right word is typed.
fn confirmed(
    client: Client,
    name: &'static str,
    testid: &'static str,
    word: fn(&crate::session::Session) -> String,
    go: fn(&mut crate::session::Session, &str) -> Vec<crate::session::Command>,
) -> Markup {
    let word = client.memo(word);
    let typed = RwSignal::new(String::new());
    let is_typed = Live::new(move || typed.with(|typed| word.with(|word| typed.trim() == word)));
    let press = move |_| {
        client.act(|session| go(session, &typed.read_untracked()));
        typed.set(String::new());
    };
    view! {
        <div class="controls">
            <label class="field"><span>{move || format!("for ever: type \"{}\"", word.get())}</span>
                <input class="input" data-testid=format!("{testid}-word") autocomplete="off" spellcheck="false" prop:value=typed
                    on:input:target=move |event| typed.set(event.target().value())/></label>
            <button type="button" class="button" data-testid=testid disabled=move || !is_typed.get() on:click=press>{name}</button>
        </div>
    }
}

/// What is known of the checkpoint that is looked at, and whether it fits.
fn shown(client: Client) -> Markup {
    let shown = client.memo(|session| session.registry.shown.clone());
    let weights = client.memo(|session| session.registry.weights.clone());
    let rank = RwSignal::new(String::new());
    let base = RwSignal::new(String::new());
    let facts = move || match weights.get() {
        None => Markup::Nothing,
        Some(Err(why)) => {
            view! { <p class="soft" data-testid="registry-weights">{format!("Nothing is known of its weights: {why}.")}</p> }
        }
        Some(Ok(found)) => {
            let base = base.get();
            let expected = Expected {
                lora_rank: rank.with(|rank| rank.trim().parse().ok()),
                base_model: Some(base.trim().to_owned()).filter(|base| !base.is_empty()),
                ..Expected::default()
            };
            let fits = compare(&expected, &found).into_iter().map(|fit| {
                view! { <li>{state(if fit.is_good() { State::Ok } else { State::Bad }, fit.words())}</li> }
            });
            let yes = |flag: Option<bool>| flag.map_or("not told", |flag| if flag { "yes" } else { "no" });
            let rank = found.lora_rank.map_or_else(|| "not told".to_owned(), |rank| rank.to_string());
            view! {
                <dl class="facts" data-testid="registry-weights">
                    <dt>"base model"</dt><dd>{found.base_model.clone().unwrap_or_else(|| "not told".to_owned())}</dd>
                    <dt>"LoRA"</dt><dd>{yes(found.is_lora)}", rank "{rank}</dd>
                    <dt>"trained"</dt><dd>{format!("output layer {}, feed-forward {}, attention {}", yes(found.train_unembed), yes(found.train_mlp), yes(found.train_attn))}</dd>
                </dl>
                <ul data-testid="registry-fit">{fits.collect::<Markup>()}</ul>
            }
        }
    };
    let content = move || {
        let Some(path) = shown.get() else { return Markup::Nothing };
        let text = path.to_string();
        let inner = view! {
            <p class="mono">{text.clone()}" "{copy_button(text, "the path")}</p>
            {facts}
            <div class="controls">
                <label class="field"><span>"does it fit? rank"</span><input class="input number" type="number" min="1" data-testid="registry-fit-rank"
                    prop:value=rank on:input:target=move |event| rank.set(event.target().value())/></label>
                <label class="field"><span>"base model"</span><input class="input wide" data-testid="registry-fit-base" spellcheck="false"
                    prop:value=base on:input:target=move |event| base.set(event.target().value())/></label>
            </div>
        };
        section("Weights", "", inner)
    };
    markup(content)
}

/// What a policy would let go.
fn clean_up(client: Client) -> Markup {
    let may = client
        .memo(|session| session.registry.features.may(Feature::Delete) && !session.registry.checkpoints.is_empty());
    let policy = RwSignal::new(Policy::default());
    let plan = client.memo(|session| {
        let (_, plan, paths) = session.registry.plan.as_ref()?;
        let line = |choice: &crate::registry::tinker::cleanup::Choice| {
            Some((paths.get(choice.checkpoint)?.to_string(), choice.reasons.join(", ")))
        };
        Some((plan.choices.iter().filter_map(line).collect::<Vec<_>>(), plan.freed, plan.unsized_))
    });
    let number = move |name: &'static str, value: usize, set: fn(&mut Policy, usize)| {
        view! {
            <label class="field"><span>{name}</span><input class="input number" type="number" min="0" prop:value=value.to_string()
                on:input:target=move |event| if let Ok(value) = event.target().value().trim().parse() { policy.update(|policy| set(policy, value)); }/></label>
        }
    };
    let planned = move || {
        let Some((choices, freed, unknown)) = plan.get() else { return Markup::Nothing };
        let going = choices.iter().filter(|(_, why)| why.is_empty()).count();
        let rows = choices.into_iter().rev().take(200).map(|(path, why)| {
            let verdict = if why.is_empty() { state(State::Open, "could go") } else { state(State::Ok, "keep") };
            view! { <tr data-testid="registry-plan-row"><td>{verdict}</td><th scope="row" class="path">{path}</th><td class="soft">{why}</td></tr> }
        });
        let beside = if unknown > 0 {
            format!(", and {} of unknown size", words::plural(unknown, "checkpoint"))
        } else {
            String::new()
        };
        view! {
            <p>{format!("{} could go: {}{beside}.", words::plural(going as u64, "checkpoint"), words::size(freed))}</p>
            <div class="table-box" tabindex="0" role="region" aria-label="Clean-up plan"><table class="table"><tbody>{rows.collect::<Markup>()}</tbody></table></div>
            {(going > 0).then(|| view! { <div class="controls">
                {confirmed(client, "Delete these, one by one", "registry-clean", |session| session.clean_word(), |session, typed| session.clean_registry(typed))}
            </div> })}
        }
    };
    let content = move || {
        if !may.get() {
            return Markup::Nothing;
        }
        let inner = view! {
            <div class="controls">
                {number("keep the newest", policy.with_untracked(|policy| policy.newest), |policy, value| policy.newest = value)}
                {number("keep the best", policy.with_untracked(|policy| policy.best), |policy, value| policy.best = value)}
                <label class="field"><span>"by (lowest is best)"</span><input class="input" spellcheck="false" prop:value=move || policy.with(|policy| policy.metric.clone())
                    on:input:target=move |event| policy.update(|policy| policy.metric = event.target().value())/></label>
                <label class="check"><input type="checkbox" prop:checked=move || policy.with(|policy| policy.public)
                    on:change:target=move |event| policy.update(|policy| policy.public = event.target().checked())/>"keep what is public"</label>
                {button("Plan", "registry-plan", move || client.update(|session| session.plan_registry(policy.get_untracked())))}
            </div>
            {planned}
        };
        section("Clean-up", "of each run and type for itself; a dry run first", inner)
    };
    markup(content)
}

/// What was done, and how it went.
fn outcomes(client: Client) -> Markup {
    let outcomes = client.memo(|session| session.registry.outcomes.iter().rev().take(200).cloned().collect::<Vec<_>>());
    let waiting = client.memo(|session| session.waiting_deeds());
    let content = move || {
        let outcomes = outcomes.get();
        if outcomes.is_empty() {
            return Markup::Nothing;
        }
        let row = |outcome: crate::session::registry::Outcome| {
            let how = if outcome.is_good { State::Ok } else { State::Bad };
            view! { <li data-testid="registry-outcome"><span class="mono small">{outcome.path.to_string()}</span>" "{state(how, outcome.words)}</li> }
        };
        let stop = move || {
            (waiting.get() > 0).then(|| {
            view! { <button type="button" class="button" data-testid="registry-stop" on:click=move |_| client.update(crate::session::Session::stop_deeds)>
                {icon(Icon::Close)}{format!("Stop: {} to go", waiting.get())}</button> }
        })
        };
        section("What was done", "", view! { {stop}<ul>{outcomes.into_iter().map(row).collect::<Markup>()}</ul> })
    };
    markup(content)
}
