//! The rows of the benchmark: one file each, named in [`ROWS`].

mod cancel;
mod compare_structure;
mod download;
mod first_load;
mod hash_many;
mod hash_one;
mod many_arrays;
mod many_tensors;
mod open_large;
mod open_remote;
mod open_torch;
mod statistics;
mod verify_inflated;
mod weight_diff;

use crate::result::Measure;
use crate::rival::netron::Netron;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs::File, io};
use xtask::dist;
use xtask::process::{Result, say, shown, with_args};
use xtask::serve::{Options, Server};

/// One job that is measured.
pub struct Row {
    /// What `--only` calls it.
    pub id: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Measures it.
    pub measure: fn(&Bench) -> Result<Vec<Measure>>,
}

/// All rows, in the order of the table.
pub const ROWS: &[Row] = &[
    open_large::ROW,
    open_torch::ROW,
    open_remote::ROW,
    download::ROW,
    many_tensors::ROW,
    many_arrays::ROW,
    hash_one::ROW,
    hash_many::ROW,
    verify_inflated::ROW,
    statistics::ROW,
    compare_structure::ROW,
    weight_diff::ROW,
    cancel::ROW,
    first_load::ROW,
];

/// What the rows share.
pub struct Bench {
    /// How often each figure is taken.
    pub runs: usize,
    /// The folder of the built site.
    pub site: PathBuf,
    server: Server,
    netron: OnceCell<Netron>,
}

impl Bench {
    /// Builds the site and serves it.
    pub fn start(runs: usize, build: bool) -> Result<Bench> {
        if build {
            build_site()?;
        }
        let site = dist::folder();
        if !site.join("index.html").is_file() {
            return Err(format!("{} has no site; leave out --no-build", site.display()));
        }
        let server = Server::start(Options::new(&site)).map_err(|cause| format!("the site's server: {cause}"))?;
        Ok(Bench { runs, site, server, netron: OnceCell::new() })
    }

    /// The address of the built site.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Netron, started when it is first needed.
    pub fn netron(&self) -> Result<&Netron> {
        if self.netron.get().is_none() {
            // Nobody else can have set it meanwhile.
            let _ = self.netron.set(Netron::start()?);
        }
        self.netron.get().ok_or_else(|| "netron did not start".to_owned())
    }

    /// Does something for each run and says how it went.
    pub fn each_run(&self, mut take: impl FnMut() -> Result<String>) -> Result {
        (1..=self.runs).try_for_each(|run| {
            let text = take()?;
            say(&format!("run {run}"), &text);
            Ok(())
        })
    }
}

/// As a command of its own, so that what it prints can be told from the benchmark's.
fn build_site() -> Result {
    let mut command = with_args("cargo", ["xtask", "dist"]);
    let status = command.stdout(Stdio::inherit()).status().map_err(|cause| format!("{}: {cause}", shown(&command)))?;
    if status.success() { Ok(()) } else { Err("the site could not be built".into()) }
}

/// Reads a file once, so that both sides find it in the page cache.
fn warm(path: &Path) -> Result {
    let mut file = File::open(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    io::copy(&mut file, &mut io::sink()).map(|_| ()).map_err(|cause| format!("{}: {cause}", path.display()))
}
