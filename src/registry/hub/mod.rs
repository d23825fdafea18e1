//! The Hugging Face Hub: what a repository holds at one commit, and the digest that it tells of each file. Read only, and
//! without a token: of a private repository the Hub says no more than that it is not there.
//!
//! The answers' shapes are those of `/api/models/{id}/revision/{rev}` and `/api/models/{id}/tree/{rev}` as the Hub's own
//! clients read them (`@huggingface/hub`, `huggingface_hub`).

mod repository;
mod tree;

pub use repository::{Repository, Wanted};
pub use tree::{HubFile, Page, commit, refused};
