//! The Hugging Face Hub: what a repository holds at one commit, and the digest that it tells of each file. Read only. A token
//! goes to the Hub's own origin; the store that it leads to for large files never sees it, since browsers drop it on the way.
//!
//! The answers' shapes are those of `/api/models/{id}/revision/{rev}` and `/api/models/{id}/tree/{rev}` as the Hub's own
//! clients read them (`@huggingface/hub`, `huggingface_hub`).

mod listing;
mod repository;
mod tree;

pub use listing::Listing;
pub use repository::Repository;

use super::talk::{Item, Shelf, Talk, Wanted};
use crate::source::http::{Key, Scheme};

/// One repository.
#[derive(Debug)]
struct Shelved {
    repository: Repository,
    address: String,
    key: Option<Key>,
}

/// The repository at an address, or `owner/name` on the Hub itself.
///
/// # Errors
/// In words, when it names none, or the token cannot be one.
pub(super) fn shelf(address: &str, key: &str) -> Result<Box<dyn Shelf>, String> {
    let address = address.trim();
    let address =
        if address.contains("://") { address.to_owned() } else { format!("https://huggingface.co/{address}") };
    let (repository, _) = Repository::parse(&address).ok_or(
        "this names no repository: it should look like owner/name, datasets/owner/name, or the address of its page",
    )?;
    let address = repository.address();
    let key = if key.trim().is_empty() { None } else { Some(Key::new(key, &address, Scheme::Bearer)?) };
    Ok(Box::new(Shelved { repository, address, key }))
}

impl Shelf for Shelved {
    fn base(&self) -> &str {
        &self.address
    }

    fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn list(&self) -> Box<dyn Talk> {
        Box::new(Listing::rows(self.repository.clone(), self.key.clone()))
    }

    /// Of some files: these, as one source; of none: all.
    fn open(&self, items: &[Item], wanted: Wanted) -> Vec<Box<dyn Talk>> {
        let (repository, key) = (self.repository.clone(), self.key.clone());
        let paths = items.iter().filter_map(|item| item.place.clone()).collect();
        vec![match wanted {
            Wanted::Files if !items.is_empty() => Box::new(Listing::of(repository, key, paths)),
            _ => Box::new(Listing::whole(repository, key, wanted)),
        }]
    }
}
