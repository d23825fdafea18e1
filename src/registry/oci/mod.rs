//! Registries of the OCI distribution specification: repositories, tags, and artifacts whose layers are files (ModelPack,
//! KitOps, and any other). Read only.
//!
//! A page of another site sees only the headers that the registry exposes, and may send `Accept` without asking first only
//! while it is short: so only OCI's own two types are asked for. Whatever a manifest is, its digest is that of its bytes.

mod door;
mod files;
mod listing;
mod manifest;
mod reference;

use super::talk::{Item, Shelf, Talk, Wanted};
use crate::source::http::Key;
use door::Door;
use files::Opening;
use listing::Listing;
use reference::Reference;

/// What is asked for of a manifest. 128 bytes at most: longer ones browsers ask about before they send them.
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

/// A registry, or a repository or an artifact of it.
#[derive(Debug)]
struct Registry {
    reference: Reference,
    door: Door,
    address: String,
}

/// What an address names: `https://host`, `host/repository`, `host/repository:tag`, `host/repository@sha256:…`.
///
/// # Errors
/// In words, when the address or the key cannot be one.
pub(super) fn shelf(address: &str, key: &str) -> Result<Box<dyn Shelf>, String> {
    let reference = Reference::parse(address).ok_or(
        "this names no registry: it should look like host/repository, host/repository:tag, or host, with https:// in \
         front or without",
    )?;
    let door = Door::new(&reference.base, key)?;
    let address = reference.to_string();
    Ok(Box::new(Registry { reference, door, address }))
}

impl Shelf for Registry {
    fn base(&self) -> &str {
        &self.address
    }

    fn key(&self) -> Option<&Key> {
        self.door.key()
    }

    fn list(&self) -> Box<dyn Talk> {
        Box::new(Listing::new(self.reference.clone(), self.door.clone()))
    }

    fn open(&self, items: &[Item], wanted: Wanted) -> Vec<Box<dyn Talk>> {
        let open = |item: &Item| -> Option<Box<dyn Talk>> {
            let what = item.place.clone()?;
            let at = Reference { repository: item.group.clone(), what, base: self.reference.base.clone() };
            let name = format!("{} {}", item.group.rsplit('/').next().unwrap_or(&item.group), item.name);
            Some(Box::new(Opening::new(at, self.door.clone(), name, wanted)))
        };
        items.iter().filter_map(open).collect()
    }
}
