//! The browser: the only place besides `ui` and `worker::serve` that names `web_sys` or `js_sys`.

mod blob;
mod calls;
mod download;
mod drop;
mod fetch;
mod files;
mod flow;
mod pool;
pub mod port;
mod pull;
mod range;
mod saving;
mod signature;
mod ticker;

pub use blob::BlobReader;
pub use calls::Calls;
pub use download::{download, save};
pub use drop::{Dropped, dropped};
pub use fetch::fetch_file;
pub use files::{PickedFiles, from_list, from_named};
pub use flow::Wake;
pub use pool::{Pool, PoolEvent};
pub use pull::own_origin;
pub use range::RangeTransport;
pub use signature::verify as verify_signature;
pub use ticker::Ticker;
