//! MLflow's model registry: models, their versions and aliases, and the files of a version. Read only.
//!
//! Read from MLflow 3.17.2: what is empty is left out of its answers, versions are texts, times are milliseconds, and
//! `model-versions/get-artifact` fails for the sources that MLflow itself writes, so files are asked of the run or the
//! logged model that they lie with. MLflow tells no digest of anything.

mod files;
mod listing;

use super::http::{Request, Wants};
use super::talk::{Item, Shelf, Talk, Wanted};
use super::tinker::escaped;
use crate::source::http::{Key, Scheme, origin};
use files::Opening;
use listing::Listing;

/// Items of one page: what MLflow gives at most of everything that is asked for here.
const PAGE: u32 = 200;

/// An MLflow server.
#[derive(Debug, Clone)]
struct Server {
    base: String,
    key: Option<Key>,
}

/// The server at `base`, with any prefix of its path.
///
/// # Errors
/// In words, when the address or the token cannot be one.
pub(super) fn shelf(base: &str, key: &str) -> Result<Box<dyn Shelf>, String> {
    let base = base.trim().trim_end_matches('/');
    if origin(base).is_none() || base.contains(['?', '#']) {
        return Err("this is not the address of a server: it should look like https://host or https://host/path".into());
    }
    let key = if key.trim().is_empty() { None } else { Some(Key::new(key, base, Scheme::Bearer)?) };
    Ok(Box::new(Server { base: base.to_owned(), key }))
}

impl Server {
    /// A question with its parameters; those without a value are left out.
    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Request {
        let mut url = format!("{}/{path}", self.base);
        let given = parameters.iter().filter(|(_, value)| !value.is_empty());
        for (at, (name, value)) in given.enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            // A slash in a value is its own, and MLflow's page tokens end in `=`.
            let value: Vec<String> =
                value.split('/').map(|part| part.split('.').map(escaped).collect::<Vec<_>>().join(".")).collect();
            url.push_str(&format!("{name}={}", value.join("/")));
        }
        Request::bare(&url, None, Wants::Body).with_key(self.key.clone())
    }
}

impl Shelf for Server {
    fn base(&self) -> &str {
        &self.base
    }

    fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn list(&self) -> Box<dyn Talk> {
        Box::new(Listing::new(self.clone()))
    }

    fn open(&self, items: &[Item], wanted: Wanted) -> Vec<Box<dyn Talk>> {
        if wanted == Wanted::Digests {
            return Vec::new();
        }
        let open = |item: &Item| -> Option<Box<dyn Talk>> {
            let name = format!("{} {}", item.group, item.name);
            Some(Box::new(Opening::new(self.clone(), name, item.place.as_deref()?)))
        };
        items.iter().filter_map(open).collect()
    }
}
