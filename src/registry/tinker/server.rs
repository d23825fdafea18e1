//! A server and the requests that can be made to it. Every one goes to its own address, and refuses redirects, which
//! would carry the key on; the archive's is stopped at.

use serde_json::{Value, json};

use super::path::{Kind, TinkerPath, escaped};
use crate::registry::http::{Method, Redirect, Request, Wants};
use crate::source::http::{Key, Scheme, origin};

/// Items of one page: what every server seen accepts.
const PAGE: u64 = 100;

/// A Tinker server: its address, with any prefix of its path, and the key for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    base: String,
    key: Option<Key>,
}

impl Server {
    /// The server at `base`, which may end in slashes or in `/api/v1`; an empty key is none.
    ///
    /// # Errors
    /// In words, when the address or the key cannot be one.
    pub fn new(base: &str, key: &str) -> Result<Self, String> {
        let base = base.trim().trim_end_matches('/');
        let base = base.strip_suffix("/api/v1").unwrap_or(base).trim_end_matches('/');
        if origin(base).is_none() || base.contains(['?', '#']) {
            return Err(
                "this is not the address of a server: it should look like https://host or https://host/path".to_owned()
            );
        }
        let key = if key.trim().is_empty() { None } else { Some(Key::new(key, base, Scheme::ApiKey)?) };
        Ok(Self { base: base.to_owned(), key })
    }

    /// Its address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The key, if there is one.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request {
        Request {
            method,
            url: format!("{}/api/v1/{path}", self.base),
            key: self.key.clone(),
            accept: None,
            range: None,
            body: body.map(Value::to_string),
            redirect: Redirect::Refuse,
            wants: Wants::Body,
        }
    }

    fn get(&self, path: &str) -> Request {
        self.request(Method::Get, path, None)
    }

    fn checkpoint(&self, method: Method, path: &TinkerPath, more: &str, body: Option<&Value>) -> Request {
        let (run, name) = (escaped(&path.run), escaped(&path.name));
        let kind = path.kind.segment();
        self.request(method, &format!("training_runs/{run}/checkpoints/{kind}/{name}{more}"), body)
    }

    /// Is anyone there? Without the key: who answers is not known yet.
    pub fn health(&self) -> Request {
        Request { key: None, ..self.get("healthz") }
    }

    /// Which models it offers: every Tinker server answers this.
    pub fn capabilities(&self) -> Request {
        self.get("get_server_capabilities")
    }

    /// Whose key it is.
    pub fn whose(&self) -> Request {
        self.get("auth/apikey/me")
    }

    /// A page of runs.
    pub fn runs(&self, offset: u64) -> Request {
        self.get(&format!("training_runs?limit={PAGE}&offset={offset}"))
    }

    /// One run.
    pub fn run(&self, run: &str) -> Request {
        self.get(&format!("training_runs/{}", escaped(run)))
    }

    /// The checkpoints of a run.
    pub fn checkpoints_of(&self, run: &str) -> Request {
        self.get(&format!("training_runs/{}/checkpoints", escaped(run)))
    }

    /// A page of the checkpoints of all runs.
    pub fn checkpoints(&self, offset: u64) -> Request {
        self.get(&format!("checkpoints?limit={PAGE}&offset={offset}"))
    }

    /// What is known of the weights behind a path.
    pub fn weights_info(&self, path: &TinkerPath) -> Request {
        self.request(Method::Post, "weights_info", Some(&json!({ "tinker_path": path.to_string() })))
    }

    /// Sessions, by id.
    pub fn sessions(&self, offset: u64) -> Request {
        self.get(&format!("sessions?limit={PAGE}&offset={offset}"))
    }

    /// The runs and samplers of a session.
    pub fn session(&self, id: &str) -> Request {
        self.get(&format!("sessions/{}", escaped(id)))
    }

    /// What a sampler samples from.
    pub fn sampler(&self, id: &str) -> Request {
        self.get(&format!("samplers/{}", escaped(id)))
    }

    /// Lets everyone read a checkpoint.
    pub fn publish(&self, path: &TinkerPath) -> Request {
        self.checkpoint(Method::Post, path, "/publish", None)
    }

    /// Takes that back. Only where [`Server::publish`] is known to exist: on a server without that route this is the
    /// route that deletes a checkpoint (TuFT, SkyRL).
    pub fn unpublish(&self, path: &TinkerPath) -> Request {
        self.checkpoint(Method::Delete, path, "/publish", None)
    }

    /// Has the server delete a checkpoint after so many seconds, or never.
    pub fn set_ttl(&self, path: &TinkerPath, seconds: Option<u64>) -> Request {
        self.checkpoint(Method::Put, path, "/ttl", Some(&json!({ "ttl_seconds": seconds })))
    }

    /// Deletes a checkpoint, for ever.
    pub fn delete(&self, path: &TinkerPath) -> Request {
        self.checkpoint(Method::Delete, path, "", None)
    }

    /// Copies the weights into a project; a new run comes of it, which cannot be trained.
    pub fn copy(&self, path: &TinkerPath, project: &str) -> Request {
        let body = json!({ "source_path": path.to_string(), "destination_project_id": project });
        self.request(Method::Post, "copy_weights", Some(&body))
    }

    /// Addresses of the files of an external checkpoint.
    pub fn file_urls(&self, path: &TinkerPath) -> Request {
        let path = TinkerPath { kind: Kind::External, ..path.clone() };
        self.checkpoint(Method::Get, &path, "/external_weights_urls", None)
    }

    /// The address of an archive of a checkpoint. Some servers know it by the bare name only.
    pub fn archive(&self, path: &TinkerPath, is_bare: bool) -> Request {
        let request =
            if is_bare { self.bare(path, "archive") } else { self.checkpoint(Method::Get, path, "/archive", None) };
        Request { redirect: Redirect::Stop, ..request }
    }

    /// The archive itself, from the server's own route where its redirect would lead: at the same address, so with the key.
    pub fn own_download(&self, path: &TinkerPath) -> Request {
        self.bare(path, "download")
    }

    fn bare(&self, path: &TinkerPath, what: &str) -> Request {
        self.get(&format!("training_runs/{}/checkpoints/{}/{what}", escaped(&path.run), escaped(&path.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "tinker://79db3d29:train:0/sampler_weights/a b";

    #[test]
    fn addresses_keep_their_prefix_whatever_they_end_in() {
        for base in [
            "https://x.example/services/prod",
            "https://x.example/services/prod//",
            " https://x.example/services/prod/api/v1/ ",
        ] {
            let server = Server::new(base, "").unwrap();
            assert_eq!(server.capabilities().url, "https://x.example/services/prod/api/v1/get_server_capabilities");
        }
        assert_eq!(
            Server::new("http://127.0.0.1:8017", "").unwrap().runs(100).url,
            "http://127.0.0.1:8017/api/v1/training_runs?limit=100&offset=100"
        );
        for wrong in ["", "x.example", "file:///x", "https://", "https://x.example?a", "https://u:p@x.example"] {
            assert!(Server::new(wrong, "").is_err(), "{wrong}");
        }
    }

    #[test]
    fn requests_are_what_the_contract_says() {
        let server = Server::new("https://x.example", "tml-key").unwrap();
        let path = TinkerPath::parse(PATH).unwrap();
        let at = |request: &Request| {
            format!("{} {}", request.method.name(), request.url.trim_start_matches("https://x.example/api/v1/"))
        };
        let checkpoint = "training_runs/79db3d29:train:0/checkpoints/sampler_weights/a%20b";
        assert_eq!(at(&server.publish(&path)), format!("POST {checkpoint}/publish"));
        assert_eq!(at(&server.unpublish(&path)), format!("DELETE {checkpoint}/publish"));
        assert_eq!(at(&server.delete(&path)), format!("DELETE {checkpoint}"));
        assert_eq!(at(&server.archive(&path, false)), format!("GET {checkpoint}/archive"));
        assert_eq!(at(&server.archive(&path, true)), "GET training_runs/79db3d29:train:0/checkpoints/a%20b/archive");
        assert!(at(&server.file_urls(&path)).ends_with("/checkpoints/external_weights/a%20b/external_weights_urls"));
        assert_eq!(server.set_ttl(&path, None).body.as_deref(), Some(r#"{"ttl_seconds":null}"#));
        assert_eq!(server.set_ttl(&path, Some(3600)).body.as_deref(), Some(r#"{"ttl_seconds":3600}"#));
        assert_eq!(server.weights_info(&path).body.unwrap(), format!(r#"{{"tinker_path":"{PATH}"}}"#));
    }

    #[test]
    fn the_key_is_in_one_header_and_nowhere_else() {
        let server = Server::new("https://x.example/p", "tml-secretsecretsecret").unwrap();
        let path = TinkerPath::parse(PATH).unwrap();
        for request in [
            server.runs(0),
            server.archive(&path, false),
            server.delete(&path),
            server.own_download(&path),
            server.weights_info(&path),
        ] {
            assert_eq!(request.headers()[0], ("X-API-Key", "tml-secretsecretsecret".to_owned()));
            assert!(request.redirect != Redirect::Follow);
            assert!(!request.url.contains("secret") && !format!("{request:?}{server:?}").contains("secret"));
            let elsewhere = Request { url: "https://store.example/x".to_owned(), ..request.clone() };
            assert!(elsewhere.headers().iter().all(|(name, _)| *name != "X-API-Key"));
            let following = Request { redirect: Redirect::Follow, ..request };
            assert!(following.headers().iter().all(|(name, _)| *name != "X-API-Key"));
        }
        assert!(server.health().headers().is_empty(), "who answers is not known yet");
    }
}
