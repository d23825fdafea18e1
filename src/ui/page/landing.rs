//! Nothing is open yet: what this is, and the four ways in.

use crate::session::ACCEPTED;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::frame::Inputs;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::start::{open_sample, open_url};

/// The landing page.
pub(in crate::ui) fn landing() -> Markup {
    let client = Client::expect();
    let inputs = Inputs::expect();
    view! {
        <div class="landing">
            <div class="landing-zone">
                <h1>"See what is inside a training checkpoint, whether it is intact, and what changed."</h1>
                <p class="soft">"Everything is read in this browser, on this machine: nothing is uploaded, and no pickle is run."</p>
                <p class="landing-drop">{icon(Icon::Down)}"Drop files or a folder anywhere on this page"</p>
                <div class="landing-ways">
                    <button type="button" class="button primary" on:click=move |_| inputs.pick_files()>{icon(Icon::File)}"Open files"</button>
                    <button type="button" class="button" on:click=move |_| inputs.pick_folder()>{icon(Icon::Folder)}"Open a folder"</button>
                    <button type="button" class="button" data-testid="open-sample" on:click=move |_| open_sample(client)>
                        {icon(Icon::Sample)}"Try the sample"
                    </button>
                </div>
                {address(client)}
            </div>
            <ul class="chips" aria-label="What can be opened">
                {ACCEPTED.into_iter().map(|name| view! { <li class="chip">{name}</li> }).collect::<Markup>()}
            </ul>
            <p class="small soft">"Checkpoints in a registry: "<a href="#/registry" data-testid="nav-registry">"connect to one"</a></p>
        </div>
    }
}

/// A file behind an address, and what its server has to allow.
fn address(client: Client) -> Markup {
    let text = RwSignal::new(String::new());
    let go = move || open_url(client, &text.read_untracked());
    view! {
        <div class="landing-address">
            <label class="hidden-label" for="open-url">"Address of a file"</label>
            <input class="input" id="open-url" type="url" data-testid="open-url" placeholder="https://… a file by its address" autocomplete="off"
                spellcheck="false" prop:value=text on:input:target=move |event| text.set(event.target().value())
                on:keydown=move |event| if event.key() == "Enter" { go() }/>
            <button type="button" class="button" data-testid="open-url-go" on:click=move |_| go()>{icon(Icon::Link)}"Open"</button>
            <p class="small soft">
                "Only the parts that are needed are asked for. The server must answer range requests and allow other sites to read it (CORS)."
            </p>
        </div>
    }
}
