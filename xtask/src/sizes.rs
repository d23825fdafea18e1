//! What a first visit downloads, and the budget for it.

use crate::names::{Site, carries_hash};
use crate::process::{Result, capture, say, with_args};
use std::path::Path;

struct Part {
    name: &'static str,
    holds: fn(&str) -> bool,
    budget: u64,
}

const PARTS: [Part; 2] = [
    // A page that is there before one looks up, on a slow line too.
    Part {
        name: "page",
        holds: |path| path == "index.html" || carries_hash(path) && !of_worker(path),
        budget: 200_000,
    },
    // Comes while the page is already in use.
    Part { name: "worker", holds: |path| carries_hash(path) && of_worker(path), budget: 300_000 },
];

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

/// Prints the size of page and worker, raw and as brotli, and fails if one is over budget.
pub fn report(site: &Site, folder: &Path, enforce: bool) -> Result {
    let mut over = Vec::new();
    for part in &PARTS {
        // Compressing a debug build takes longer than building it.
        let size = part.size(site, |files| if enforce { brotli(folder, files) } else { Ok(0) })?;
        let (budget, text) = (size.budget / 1000, format!("{} files, {} kB", size.files, size.raw / 1000));
        if !enforce {
            say(size.name, &text);
            continue;
        }
        say(size.name, &format!("{text}, {:.1} kB as brotli of {budget} kB allowed", kilo(size.packed)));
        if size.packed > size.budget {
            let packed = kilo(size.packed);
            over.push(format!("{} is {packed:.1} kB as brotli, over its budget of {budget} kB", size.name));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
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
