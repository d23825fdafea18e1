//! Registries of checkpoints, one folder a service: they build requests and read answers, and do no I/O.

mod http;
pub mod hub;
mod json;
mod mlflow;
mod naming;
mod oci;
mod refusal;
mod retry;
mod service;
mod talk;
mod time;
pub mod tinker;

pub use crate::source::http::{Key, Scheme, origin};
pub use http::{Answer, Failure, Method, Redirect, Request, Wants};
pub use naming::named_by_content;
pub use refusal::Refusal;
pub use retry::after as retry_after;
pub use service::{Connect, SERVICES, Service};
pub use talk::{Files, Item, Next, RemoteFile, Shelf, Talk, Wanted};

/// Why there may have been no answer: a page is told no more than that there was none.
pub fn unreachable_words(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unreachable(_) => {
            "no answer that this page may read. The host may be down or unknown, or it does not allow other sites to read \
             it (CORS), or it answered with a redirect to elsewhere: a browser does not tell a page which"
        }
        Failure::TooLong => "the answer is longer than any this page reads",
    }
}
