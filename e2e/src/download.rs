//! What the page gives to the user to keep.

use crate::driver::Driver;
use crate::{Result, wait};
use std::fs;
use std::path::Path;

/// Does something that downloads a file of this name, and reads the file.
pub fn take(driver: &Driver, name: &str, act: impl FnOnce() -> Result) -> Result<Vec<u8>> {
    let failed = |cause: std::io::Error| format!("a download: {cause}");
    let folder = tempfile::tempdir_in(driver.folder()).map_err(failed)?;
    driver.download_into(folder.path())?;
    act()?;
    let path = folder.path().join(name);
    wait::until(&format!("the download {name}"), || Ok(is_complete(folder.path(), &path).then_some(())))?;
    fs::read(&path).map_err(failed)
}

/// The browser writes under another name and renames at the end.
fn is_complete(folder: &Path, path: &Path) -> bool {
    let alone = fs::read_dir(folder).is_ok_and(|entries| entries.count() == 1);
    alone && path.metadata().is_ok_and(|file| file.len() > 0)
}
