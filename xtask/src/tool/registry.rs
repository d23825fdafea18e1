//! The registry of images and artifacts that the tests talk to.

use super::debian::apt_get;
use super::{Look, Tool};
use crate::process::find;

/// Debian's build of the registry that most others descend from.
pub const REGISTRY: Tool = Tool {
    name: "docker-registry",
    purpose: "testing the client of OCI registries",
    look: || match find("docker-registry") {
        Some(path) => Look::Found(path.display().to_string()),
        None => Look::missing("not on PATH"),
    },
    get: || apt_get(&["docker-registry"]),
    how: "apt-get install docker-registry",
};
