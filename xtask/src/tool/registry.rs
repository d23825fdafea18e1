//! The registry of images and artifacts that the tests talk to.

use super::debian::apt_get;
use super::{Look, Tool};
use crate::process::find;

/// Debian's build of the registry that most others descend from, and what signs the tokens for it.
pub const REGISTRY: Tool = Tool {
    name: "docker-registry",
    purpose: "testing the client of OCI registries",
    look: || match (find("docker-registry"), find("openssl")) {
        (Some(path), Some(_)) => Look::Found(path.display().to_string()),
        _ => Look::missing("it or openssl is not on PATH"),
    },
    get: || apt_get(&["docker-registry", "openssl"]),
    how: "apt-get install docker-registry openssl",
};
