//! Who is asked, and with which key. The key is in an input that is emptied, and then in memory only, unless the user
//! wants it kept for this tab.

use gloo::storage::{SessionStorage, Storage};

use crate::registry::{SERVICES, Service};
use crate::session::registry::Link;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::select::{Choice, select};
use crate::ui::part::state::{State, state};
use crate::ui::view::View;
use crate::words;

/// Where a key is kept, for this tab and only if asked for.
const KEPT: &str = "weighbridge.registry.key";

/// What can be connected to: ids, and names for people.
fn services() -> Live<Vec<Choice>> {
    Live::new(|| SERVICES.iter().map(|service| (service.id.to_owned(), service.name.to_owned())).collect())
}

/// Where to connect to.
pub(super) fn form(client: Client) -> Markup {
    let view = View::expect();
    let base = RwSignal::new(view.registry.get_untracked());
    let service = RwSignal::new(Service::by_id(&view.service.get_untracked()).id.to_owned());
    let kind = Live::new(move || Service::by_id(&service.read()).id);
    let of = move |tell: fn(&'static Service) -> &'static str| move || tell(Service::by_id(kind.get()));
    let key = RwSignal::new(SessionStorage::get::<String>(KEPT).unwrap_or_default());
    let is_kept = RwSignal::new(key.with_untracked(|key| !key.is_empty()));
    let link = client.memo(|session| session.registry.link.clone());
    let is_silent = client.memo(|session| session.registry.is_silent);
    let go = move || {
        let (url, secret) = (base.get_untracked(), key.get_untracked());
        if is_kept.get_untracked() {
            // A browser that keeps nothing forgets it, which is what it would do anyway.
            SessionStorage::set(KEPT, &secret).unwrap_or_default();
        } else {
            SessionStorage::delete(KEPT);
            key.set(String::new());
        }
        client.act(|session| session.connect_to(kind.get_untracked(), &url, &secret));
    };
    let on_enter = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            go();
        }
    };
    let is_busy = Live::new(move || link.get() == Link::Connecting);
    let failed = move || {
        let Link::Failed(why) = link.get() else { return Markup::Nothing };
        view! {
            <div class="problem" data-testid="registry-problem" role="alert">
                {icon(Icon::Bad)}
                <div class="problem-words">
                    <h2>"Not connected"</h2><p>{why}</p>
                    {is_silent.get().then(|| view! {
                        <p class="soft">{format!("Three ways out: {}; this page hosted on the server's own address; or the files downloaded with other tools and dropped here. Never use a proxy of others: it would see the key.", of(|service| service.allow)())}</p>
                    })}
                </div>
            </div>
        }
    };
    view! {
        <section class="section reading">
            <p>{move || format!("List and open {}. Requests go from this browser to the address you name, and nowhere else.", of(|service| service.holds)())}</p>
            <div class="controls">
                {select("registry", "registry-service", services(), Live::new(move || service.get()), move |chosen| service.set(chosen))}
                <label class="field"><span>"address"</span>
                    <input class="input wide" type="url" data-testid="registry-url" placeholder=of(|service| service.address) autocomplete="off"
                        spellcheck="false" prop:value=base on:input:target=move |event| base.set(event.target().value()) on:keydown=on_enter/></label>
                <label class="field"><span>{of(|service| service.secret)}</span>
                    <input class="input wide" type="password" data-testid="registry-key" autocomplete="off" spellcheck="false"
                        prop:value=key on:input:target=move |event| key.set(event.target().value()) on:keydown=on_enter/></label>
                <button type="button" class="button primary" data-testid="registry-connect" disabled=is_busy on:click=move |_| go()>
                    {icon(Icon::Link)}{move || if is_busy.get() { "Connecting" } else { "Connect" }}
                </button>
            </div>
            <label class="check"><input type="checkbox" prop:checked=is_kept
                on:change:target=move |event| is_kept.set(event.target().checked())/>"keep the key in this tab until it is closed"</label>
            {failed}
        </section>
    }
}

/// Who is connected, in a line.
pub(super) fn line(client: Client) -> Markup {
    let facts = client.memo(|session| {
        let registry = &session.registry;
        let key = session.registry_key().map(|key| format!("key {key}"));
        let models = registry.service().shelf.is_none().then(|| words::plural(registry.models.len() as u64, "model"));
        let base = session.registry_base().map(str::to_owned);
        let parts = [Some(registry.service().name.to_owned()), base, registry.whose.clone(), key, models];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    let missing = client.memo(|session| session.registry.features.missing());
    let is_listing = client.memo(|session| session.registry.is_listing);
    let list = move |_| {
        let again = !is_listing.get_untracked();
        client.act(|session| if again { session.list_registry() } else { session.stop_registry_listing() });
    };
    view! {
        <div class="controls grid-controls">
            <span data-testid="registry-line">{state(State::Ok, "connected")}</span><span class="soft">{move || facts.get()}</span>
            <span class="controls-rest"></span>
            <button type="button" class="button" data-testid="registry-list" on:click=list>
                {move || if is_listing.get() { "Stop listing" } else { "List again" }}
            </button>
            <button type="button" class="button" data-testid="registry-disconnect" on:click=move |_| client.act(crate::session::Session::disconnect)>
                {icon(Icon::Close)}"Disconnect"
            </button>
        </div>
        {move || {
            let missing = missing.get();
            (!missing.is_empty()).then(|| view! { <p class="small soft" data-testid="registry-missing">{format!("This server does not offer: {}.", missing.join(", "))}</p> })
        }}
    }
}
