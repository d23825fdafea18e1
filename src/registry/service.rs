//! The registries that can be connected to.
//!
//! # Adding a service
//! One folder with a [`Shelf`], its `mod` line, and its entry in [`SERVICES`].

use super::talk::Shelf;
use super::{hub, mlflow, oci};

/// Makes the server at an address, with a key or an empty text; or says why it cannot be one.
pub type Connect = fn(&str, &str) -> Result<Box<dyn Shelf>, String>;

/// A kind of registry.
#[derive(Debug)]
pub struct Service {
    /// Id, also in links: `mlflow`.
    pub id: &'static str,
    /// For people: "MLflow".
    pub name: &'static str,
    /// What its address looks like.
    pub address: &'static str,
    /// What its key is called.
    pub secret: &'static str,
    /// What is in its table.
    pub holds: &'static str,
    /// What stands between a group and a name of its table.
    pub between: &'static str,
    /// What is said of an empty table.
    pub nothing: &'static str,
    /// What is chosen in its table: "file".
    pub one: &'static str,
    /// The first way out where this page may not read it.
    pub allow: &'static str,
    /// Whether it tells digests to verify files with.
    pub has_digests: bool,
    /// Makes its servers; `None` for the one that has a client of its own.
    pub shelf: Option<Connect>,
}

/// Every service, in the order they are offered.
pub static SERVICES: [Service; 4] = [
    Service {
        id: "tinker",
        name: "Tinker",
        address: "https://host or https://host/path",
        secret: "API key, if it wants one",
        holds: "runs and their checkpoints",
        between: "/",
        nothing: "Nothing here: runs and checkpoints that are saved with this key appear in this table.",
        one: "checkpoint",
        allow: "a proxy of your own in front of the server that allows this page to read it",
        has_digests: false,
        shelf: None,
    },
    Service {
        id: "hub",
        name: "Hugging Face Hub",
        address: "owner/name, or the address of its page",
        secret: "access token, for what is private or gated",
        holds: "the files of one repository",
        between: "/",
        nothing: "Nothing here: the repository has no files.",
        one: "file",
        allow: "the Hub itself, which lets every site read it, and not a mirror that may not",
        has_digests: true,
        shelf: Some(hub::shelf),
    },
    Service {
        id: "mlflow",
        name: "MLflow",
        address: "https://host or https://host/path",
        secret: "token, if a proxy in front of it wants one",
        holds: "registered models and their versions",
        between: " ",
        nothing: "Nothing here: models that are registered on this server appear in this table.",
        one: "version",
        allow: "MLflow started with --cors-allowed-origins and this page's origin (pages of its own machine it allows by itself)",
        has_digests: false,
        shelf: Some(mlflow::shelf),
    },
    Service {
        id: "oci",
        name: "OCI registry",
        address: "host/repository, host/repository:tag, or host",
        secret: "user:password or token, if it wants one",
        holds: "repositories and their tags",
        between: ":",
        nothing: "Nothing here: repositories and tags that are pushed to this registry appear in this table.",
        one: "artifact",
        allow: "the registry allowed to be read by this page, with http.headers in its configuration",
        has_digests: true,
        shelf: Some(oci::shelf),
    },
];

impl Service {
    /// The service with this id; the first for any other.
    pub fn by_id(id: &str) -> &'static Self {
        let [first, ..] = &SERVICES;
        SERVICES.iter().find(|service| service.id == id).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found_by_its_id_and_makes_a_server_of_an_address() {
        for service in &SERVICES {
            assert_eq!(Service::by_id(service.id).name, service.name);
            let Some(shelf) = service.shelf else { continue };
            let made = shelf("https://x.example/api/models/a/b", "secretsecretsecret").unwrap();
            assert!(made.base().starts_with("https://x.example"), "{made:?}");
            assert!(!format!("{made:?}").contains("secretsecret") && made.key().is_some());
            assert!(shelf("nonsense here", "").is_err() && shelf("https://x.example/api/models/a/b", "a b").is_err());
        }
        assert_eq!(Service::by_id("nonsense").id, "tinker");
    }
}
