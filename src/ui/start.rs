//! Ways in that are not files of the user: an address, and the built-in sample.

use wasm_bindgen_futures::spawn_local;

use super::Client;
use crate::model::SourceKind;
use crate::protocol::{Problem, ProblemKind};
use crate::session::{NewFile, NewSource, Route};
use crate::ui::dom::*;
use crate::web::{PickedFiles, fetch_file, from_named};

/// The sample, beside the page.
const SAMPLE: &str = "./sample/linearnexus_run.zip";

/// Opens what the page's own address names: `?url=…` or `#/?url=…`.
pub(super) fn open_address(client: Client) {
    let location = window().location();
    let query = Route::parse(&format!("?{}", location.search().unwrap_or_default().trim_start_matches('?')));
    let fragment = Route::parse(&location.hash().unwrap_or_default());
    if let Some(address) = query.get("url").or_else(|| fragment.get("url")) {
        open_url(client, address);
    }
}

/// Opens an address that the user named.
pub(super) fn open_url(client: Client, address: &str) {
    let address = address.trim();
    if !address.starts_with("https://") && !address.starts_with("http://") {
        let detail = format!("\"{address}\" is not a web address: it should start with https:// or http://");
        client.update(|session| session.notify(None, Problem { kind: ProblemKind::Remote, detail }));
        return;
    }
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("download").to_owned();
    let file = NewFile { path: String::new(), size: 0, url: Some(address.to_owned()) };
    let source = NewSource { name, kind: SourceKind::Url, files: vec![file] };
    client.open(PickedFiles { sources: vec![source], files: Vec::new() });
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
