//! What a first visit downloads before it can be used and after that, and the budgets for it.

use crate::names::{Site, carries_hash};
use crate::process::{Result, capture, with_args};
use std::path::Path;

struct Part {
    name: &'static str,
    holds: fn(&str) -> bool,
    budget: u64,
}

const PARTS: [Part; 4] = [
    // A page that is there before one looks up, on a slow line too.
    Part {
        name: "page",
        holds: |path| path == "index.html" || carries_hash(path) && !of_worker(path) && !is_rest(path),
        budget: 200_000,
    },
    // Opens files; comes while the page is already in use.
    Part { name: "worker", holds: |path| carries_hash(path) && of_worker(path) && !is_rest(path), budget: 300_000 },
    // What shows what was opened: on its way while a file is being chosen.
    Part { name: "page, rest", holds: |path| carries_hash(path) && !of_worker(path) && is_rest(path), budget: 400_000 },
    // What knows the rarer formats and the conventions of folders.
    Part {
        name: "worker, rest",
        holds: |path| carries_hash(path) && of_worker(path) && is_rest(path),
        budget: 320_000,
    },
];

fn is_rest(path: &str) -> bool {
    path.contains("_rest-")
}

fn of_worker(path: &str) -> bool {
    path.starts_with("worker")
}

/// What one part of a finished site weighs.
pub struct Size {
    /// The part's name.
    pub name: &'static str,
    /// The number of its files.
    pub files: usize,
    /// Their bytes as they are.
    pub raw: u64,
    /// Their bytes as brotli.
    pub packed: u64,
    /// The bytes allowed as brotli.
    pub budget: u64,
}

/// Weighs page and worker of a finished site.
pub fn measure(site: &Site, folder: &Path) -> Result<Vec<Size>> {
    PARTS.iter().map(|part| part.size(site, |files| brotli(folder, files))).collect()
}

impl Size {
    /// Whether it is more than a first visit may cost.
    pub fn is_over(&self) -> bool {
        self.packed > self.budget
    }

    /// In words.
    pub fn shown(&self) -> String {
        let Size { files, raw, packed, budget, .. } = self;
        let (raw, packed, budget) = (raw / 1000, kilo(*packed), budget / 1000);
        format!("{files} files, {raw} kB, {packed:.1} kB as brotli of {budget} kB allowed")
    }
}

impl Part {
    fn size(&self, site: &Site, pack: impl FnOnce(&[&String]) -> Result<u64>) -> Result<Size> {
        let files: Vec<&String> = site.keys().filter(|path| (self.holds)(path)).collect();
        let raw: usize = files.iter().filter_map(|path| site.get(*path)).map(Vec::len).sum();
        let packed = pack(&files)?;
        Ok(Size { name: self.name, files: files.len(), raw: raw as u64, packed, budget: self.budget })
    }
}

#[allow(clippy::cast_precision_loss)]
fn kilo(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

/// The bytes of files in a folder, each as brotli.
pub fn brotli(folder: &Path, files: &[impl AsRef<Path>]) -> Result<u64> {
    // Node has a brotli built in, and wasm-opt has brought Node here already.
    const SCRIPT: &str = "const z=require('zlib'),f=require('fs');let n=0;\
        for(const p of process.argv.slice(1))n+=z.brotliCompressSync(f.readFileSync(p)).length;console.log(n)";
    let mut node = with_args("node", ["-e", SCRIPT, "--"]);
    node.args(files.iter().map(|path| folder.join(path)));
    let said = capture(&mut node).ok_or("node could not measure the compressed sizes")?;
    said.parse().map_err(|_| format!("node said {said:?} for the compressed sizes"))
}
