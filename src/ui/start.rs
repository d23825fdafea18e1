//! Ways in that are not files of the user: an address, and the built-in sample.

use wasm_bindgen_futures::spawn_local;

use super::Client;
use crate::session::{Page, Route};
use crate::ui::dom::*;
use crate::web::{fetch_file, from_named};

/// The sample, beside the page.
const SAMPLE: &str = "./sample/linearnexus_run.zip";

/// Opens what the page's own address names: `?url=…` or `#/?url=…`, several of them too; two are compared when it names that page.
pub(super) fn open_address(client: Client) {
    let location = window().location();
    let query = Route::parse(&format!("?{}", location.search().unwrap_or_default().trim_start_matches('?')));
    let fragment = Route::parse(&location.hash().unwrap_or_default());
    let named = query.query.iter().chain(&fragment.query).filter(|(name, _)| name == "url");
    let addresses: Vec<&str> = named.map(|(_, address)| address.as_str()).collect();
    if fragment.page == Some(Page::Compare) {
        client.update(|session| session.compare_when_open(&addresses));
    }
    addresses.into_iter().for_each(|address| open_url(client, address));
}

/// Opens an address that the user named.
pub(super) fn open_url(client: Client, address: &str) {
    client.act(|session| session.open_url(address));
}

/// Opens the built-in sample.
pub(super) fn open_sample(client: Client) {
    spawn_local(async move {
        let name = SAMPLE.rsplit('/').next().unwrap_or(SAMPLE);
        match fetch_file(SAMPLE, name).await {
            Ok(file) => client.open(from_named(name, file)),
            Err(cause) => client.refused("the sample", &cause),
        }
    });
}
