//! Builds page and worker with Trunk, into a folder of plain names that `dist` finishes.

use crate::process::{Result, command, root, run};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// How the site is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Small and fast, minutes to build.
    Release,
    /// Quick to build, with checks and names; large and slow.
    Debug,
}

/// What Trunk made.
pub struct Built {
    /// The folder with the site.
    pub folder: PathBuf,
    /// The id that was compiled into page and worker, so that each can tell the other from a stale one.
    pub id: String,
}

/// Runs Trunk.
pub fn build(profile: Profile) -> Result<Built> {
    let root = root();
    let id = build_id(&root)?;
    let folder = root.join("target").join(match profile {
        Profile::Release => "site-release",
        Profile::Debug => "site-debug",
    });
    fs::create_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let mut trunk = command("trunk");
    trunk.args(["build", "--skip-version-check", "--log", "warn", "--dist"]).arg(&folder);
    if profile == Profile::Release {
        trunk.arg("--release");
    }
    // Trunk reads NO_COLOR as a boolean and stops at "1".
    trunk.env("WEIGHBRIDGE_BUILD", &id).env_remove("NO_COLOR");
    run(&mut trunk)?;
    Ok(Built { folder, id })
}

/// The version and a hash of everything that decides the code: the same sources give the same id anywhere.
pub fn build_id(root: &Path) -> Result<String> {
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock"), root.join(".cargo/config.toml")];
    list(&root.join("src"), &mut files).map_err(|cause| format!("src: {cause}"))?;
    files.sort();
    let mut hasher = Sha256::new();
    let mut version = String::from("0");
    for file in files {
        let bytes = fs::read(&file).map_err(|cause| format!("{}: {cause}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if name == "Cargo.toml" {
            version = package_version(&String::from_utf8_lossy(&bytes)).unwrap_or(version);
        }
        hasher.update(name.as_bytes());
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    Ok(format!("{version}-{}", &hex(&hasher.finalize())[..12]))
}

fn package_version(manifest: &str) -> Option<String> {
    let (_, rest) = manifest.split_once("\nversion = \"")?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_version_and_twelve_digits() {
        let id = build_id(&crate::process::root()).unwrap();
        let (version, hash) = id.split_once('-').unwrap();
        assert_eq!(version.split('.').count(), 3);
        assert_eq!(hash.len(), 12);
    }
}
