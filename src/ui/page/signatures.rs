//! Signed manifests: a key is given, and what is then known of each signature, and what is not.

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;

use super::blank::section;
use crate::model::{Signature, Stated};
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::digest::digest;
use crate::ui::part::state::{State, state};
use crate::words;

/// What is shown of the key, beside the rows.
#[derive(Debug, Clone, PartialEq, Default)]
struct Given {
    key: Option<(String, String, String)>,
    refused: Option<String>,
    is_open: bool,
}

/// The section; nothing when nothing is signed.
pub(super) fn signatures(client: Client) -> Markup {
    let facts = client.memo(|session| {
        let state = session.verification.as_ref().map(|verification| verification.state);
        (session.revision, session.finished, state)
    });
    let rows = Live::new(move || {
        facts.with(|_| ());
        client.peek(Session::signature_rows)
    });
    let given = client.memo(given);
    let content = move || {
        let rows = rows.get();
        if rows.is_empty() {
            return Markup::Nothing;
        }
        let beside = words::plural(rows.len() as u64, "signature");
        let rows = rows.iter().map(row).collect::<Markup>();
        let all = view! {
            <p class="reading soft">"A signature that fits says that the holder of the key signed these digests. Whose key it is, and whether a certificate is valid, is not checked: get the key from the signer, not from beside the model."</p>
            <div class="table-box" tabindex="0" role="region" aria-label="Signatures">
                <table class="table stacked">
                    <thead><tr><th scope="col">"signed manifest"</th><th scope="col">"digests"</th><th scope="col">"signature"</th><th scope="col">"identity"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {key(client, &given.get())}
        };
        section("Signatures", beside, all)
    };
    markup(content)
}

fn given(session: &Session) -> Given {
    let signatures = &session.signatures;
    let key = signatures.key.as_ref().map(|(name, key)| {
        let name = if name.is_empty() { "pasted".to_owned() } else { name.clone() };
        (name, key.words(), key.fingerprint())
    });
    Given { key, refused: signatures.refused.clone(), is_open: session.has_unchecked_signatures() }
}

fn row(row: &Signature) -> Markup {
    let (digests, said) = match row.digests {
        Stated::Checked => (State::Ok, "digests checked"),
        Stated::Failed => (State::Bad, "digests differ"),
        Stated::NotChecked => (State::Open, "digests not checked"),
    };
    let (signature, fits) = match row.signature {
        Stated::Checked => (State::Ok, "signature checked"),
        Stated::Failed => (State::Bad, "signature does not fit"),
        Stated::NotChecked => (State::Open, "signature not checked"),
    };
    let reason = row.reason.clone().map(|why| view! { <div class="small soft">{why}</div> });
    view! {
        <tr data-testid="signature-row">
            <th scope="row" class="path">{row.path.clone()}</th><td>{state(digests, said)}</td>
            <td>{state(signature, fits)}{reason}</td><td>{state(State::Open, "identity not checked")}</td>
        </tr>
    }
}

fn key(client: Client, given: &Given) -> Markup {
    let pasted = RwSignal::new(String::new());
    let check = move |_: leptos::ev::MouseEvent| {
        let text = pasted.get_untracked();
        client.act(|session| session.give_key("", text.as_bytes()));
    };
    let again = move |_: leptos::ev::MouseEvent| client.act(Session::check_signatures);
    let refused = given.refused.clone().map(|why| {
        view! { <p class="reading" role="alert" data-testid="signature-problem">{state(State::Bad, "not a key")}" "{why}</p> }
    });
    let used = given.key.clone().map(|(name, kind, sha256)| {
        view! { <p class="reading small" data-testid="signature-key-used"><span class="path">{name}</span>": "{kind}", SHA-256 "{digest(&sha256)}</p> }
    });
    let more = given
        .is_open
        .then(|| view! { <button type="button" class="button" on:click=again>"Check with this key"</button> });
    view! {
        {refused}{used}
        <label class="field"><span>"public key or certificate of the signer (PEM): paste it, or drop its file on the page"</span>
            <textarea class="input key-text" rows="4" spellcheck="false" autocomplete="off" data-testid="signature-key"
                prop:value=pasted on:input:target=move |event| pasted.set(event.target().value())></textarea></label>
        <div class="controls">
            <button type="button" class="button" data-testid="signature-check" disabled=move || pasted.with(|text| text.trim().is_empty()) on:click=check>"Check signatures"</button>
            <label class="field"><span>"or choose its file"</span>
                <input type="file" data-testid="signature-key-file" accept=".pem,.crt,.cer,.der,.pub" on:change:target=move |event| choose(client, &event.target())/></label>
            {more}
        </div>
    }
}

fn choose(client: Client, input: &HtmlInputElement) {
    if let Some(file) = input.files().and_then(|list| list.get(0)) {
        spawn_local(client.give_key(file));
    }
    input.set_value("");
}
