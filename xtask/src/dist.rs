//! `cargo xtask dist`: builds the site into `dist/`, ready for any static host and any path.
//!
//! Trunk builds page and worker under plain names. This splits them in two, gives the files names with hashes, writes the list of the service
//! worker, checks the page against its own policy and measures what a first visit costs.

use crate::build::{self, Built, Profile, hex};
use crate::names::{self, SERVICE_WORKER, Site, hash_names};
use crate::process::{Result, root, say};
use crate::{page, setup, sizes, split};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "index.html";
// Read by some hosts, harmless on others.
const HEADERS: &str = "_headers";

/// The command.
pub fn command(args: &[String]) -> Result {
    let profile = match args {
        [] => Profile::Release,
        [flag] if flag == "--debug" => Profile::Debug,
        _ => return Err("dist takes --debug or nothing".into()),
    };
    dist(profile)?;
    if profile == Profile::Release { check_budget() } else { Ok(()) }
}

/// The folder of the finished site.
pub fn folder() -> PathBuf {
    root().join("dist")
}

/// Sets up, builds, finishes and measures; answers with the folder. A site over its budget is still a site.
pub fn dist(profile: Profile) -> Result<PathBuf> {
    setup::ensure(setup::SITE)?;
    say("build", if profile == Profile::Release { "page and worker, release" } else { "page and worker, debug" });
    let built = build::build(profile)?;
    let site = read(&built.folder)?;
    // Debug modules are not stripped of what a split cannot follow, and nobody waits for a download of theirs.
    let site = if profile == Profile::Release { split::split(site)? } else { site };
    let site = finish(site, &built)?;
    let folder = folder();
    write(&site, &folder)?;
    if profile == Profile::Release {
        sizes::measure(&site, &folder)?.iter().for_each(|size| say(size.name, &size.shown()));
    }
    say("dist", &format!("{} files, build {}, in {}", site.len(), built.id, folder.display()));
    Ok(folder)
}

/// Fails if a first visit to the finished release site costs more than it may.
pub fn check_budget() -> Result {
    let folder = folder();
    let sizes = sizes::measure(&read(&folder)?, &folder)?;
    let over: Vec<String> =
        sizes.iter().filter(|size| size.is_over()).map(|s| format!("{}: {}", s.name, s.shown())).collect();
    if over.is_empty() { Ok(()) } else { Err(format!("over budget: {}", over.join("; "))) }
}

fn finish(site: Site, built: &Built) -> Result<Site> {
    let mut site = hash_names(site)?;
    let html = text(&site, PAGE)?;
    let html = page::set_meta(&page::clean(&html), "build", &built.id)?;
    page::check(&html)?;
    site.insert(PAGE.into(), html.clone().into_bytes());
    site.insert(HEADERS.into(), headers(&html, &site)?.into_bytes());
    let version = version(&site);
    site.insert(PAGE.into(), page::set_meta(&html, "version", &version)?.into_bytes());
    let worker = service_worker(&text(&site, SERVICE_WORKER)?, &version, &site)?;
    site.insert(SERVICE_WORKER.into(), worker.into_bytes());
    Ok(site)
}

fn text(site: &Site, path: &str) -> Result<String> {
    let bytes = site.get(path).ok_or_else(|| format!("Trunk made no {path}"))?;
    String::from_utf8(bytes.clone()).map_err(|_| format!("{path} is not UTF-8"))
}

/// Changes whenever any file does.
fn version(site: &Site) -> String {
    let mut hasher = Sha256::new();
    for (path, bytes) in site {
        hasher.update(path.as_bytes());
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    hex(&hasher.finalize())[..16].to_owned()
}

fn service_worker(source: &str, version: &str, site: &Site) -> Result<String> {
    let kept = |path: &&String| ![PAGE, SERVICE_WORKER, HEADERS].contains(&path.as_str());
    // The page under the address people visit: some hosts redirect `index.html`, and a redirect cannot be served again.
    let files = std::iter::once("./".to_owned()).chain(site.keys().filter(kept).map(|path| format!("./{path}")));
    let files: String = files.map(|path| format!("  \"{path}\",\n")).collect();
    let source = replaced(source, "const VERSION = \"dev\";", &format!("const VERSION = \"{version}\";"))?;
    replaced(&source, "const FILES = [];", &format!("const FILES = [\n{files}];"))
}

fn replaced(text: &str, old: &str, new: &str) -> Result<String> {
    if text.matches(old).count() == 1 {
        Ok(text.replace(old, new))
    } else {
        Err(format!("{SERVICE_WORKER} should have the line {old} once"))
    }
}

/// The policy as a header, for hosts that read such a file: a header also binds the worker, and can forbid framing.
fn headers(html: &str, site: &Site) -> Result<String> {
    let (_, rest) =
        html.split_once("http-equiv=\"Content-Security-Policy\" content=\"").ok_or("no policy in the page")?;
    let (policy, _) = rest.split_once('"').ok_or("no policy in the page")?;
    let hashed = site.keys().filter(|path| names::carries_hash(path));
    let hashed: String =
        hashed.map(|path| format!("/{path}\n  Cache-Control: public, max-age=31536000, immutable\n")).collect();
    Ok(format!(
        "/*\n  Content-Security-Policy: {policy}; frame-ancestors 'none'\n  X-Content-Type-Options: nosniff\n  \
         Referrer-Policy: no-referrer\n{hashed}"
    ))
}

/// Reads a finished site.
pub fn read(folder: &Path) -> Result<Site> {
    let mut site = Site::new();
    read_into(folder, "", &mut site).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    Ok(site)
}

fn read_into(folder: &Path, prefix: &str, site: &mut Site) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            read_into(&entry.path(), &format!("{prefix}{name}/"), site)?;
        } else {
            site.insert(format!("{prefix}{name}"), fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Writes beside the old site, then swaps, so that a server never sees half of one.
fn write(site: &Site, folder: &Path) -> Result {
    let (new, old) = (folder.with_extension("new"), folder.with_extension("old"));
    let failed = |cause: std::io::Error| format!("{}: {cause}", folder.display());
    for path in [&new, &old] {
        if path.exists() {
            fs::remove_dir_all(path).map_err(failed)?;
        }
    }
    for (path, bytes) in site {
        let path = new.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&new)).map_err(failed)?;
        fs::write(path, bytes).map_err(failed)?;
    }
    if folder.exists() {
        fs::rename(folder, &old).map_err(failed)?;
    }
    fs::rename(&new, folder).map_err(failed)?;
    if old.exists() { fs::remove_dir_all(&old).map_err(failed) } else { Ok(()) }
}
