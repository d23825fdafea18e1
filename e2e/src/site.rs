//! The built site, served on this machine.

use crate::Result;
use std::env;
use std::path::PathBuf;
use xtask::build::Profile;
use xtask::dist;
use xtask::serve::{Options, Server};

/// The folder of the built site: the one in `WEIGHBRIDGE_DIST`, or built now.
pub fn folder() -> Result<PathBuf> {
    match env::var_os("WEIGHBRIDGE_DIST").map(PathBuf::from) {
        Some(folder) if folder.join("index.html").is_file() => Ok(folder),
        Some(folder) => Err(format!("WEIGHBRIDGE_DIST: {} has no index.html", folder.display())),
        None => dist::dist(Profile::Release),
    }
}

/// Serves the site at the top of an address.
pub fn serve() -> Result<Server> {
    serve_under("")
}

/// Serves the site below a path.
pub fn serve_under(mount: &str) -> Result<Server> {
    let options = Options { mount: mount.to_owned(), ..Options::new(folder()?) };
    Server::start(options).map_err(|cause| format!("the site could not be served: {cause}"))
}
