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

/// Prints the size of page and worker, raw and as brotli, and fails if one is over budget.
pub fn report(site: &Site, folder: &Path, enforce: bool) -> Result {
    let mut over = Vec::new();
    for part in &PARTS {
        let files: Vec<&String> = site.keys().filter(|path| (part.holds)(path)).collect();
        let raw: usize = files.iter().filter_map(|path| site.get(*path)).map(Vec::len).sum();
        let raw = raw as u64;
        // Compressing a debug build takes longer than building it.
        let packed = if enforce { brotli(folder, &files)? } else { None };
        let Some(packed) = packed else {
            say(part.name, &format!("{} files, {} kB", files.len(), raw / 1000));
            continue;
        };
        let (budget, files) = (part.budget / 1000, files.len());
        let text = format!("{files} files, {} kB, {:.1} kB as brotli of {budget} kB allowed", raw / 1000, kilo(packed));
        say(part.name, &text);
        if packed > part.budget {
            over.push(format!("{} is {:.1} kB as brotli, over its budget of {budget} kB", part.name, kilo(packed)));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

#[allow(clippy::cast_precision_loss)]
fn kilo(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

fn brotli(folder: &Path, files: &[&String]) -> Result<Option<u64>> {
    // Node has a brotli built in, and wasm-opt has brought Node here already.
    const SCRIPT: &str = "const z=require('zlib'),f=require('fs');let n=0;\
        for(const p of process.argv.slice(1))n+=z.brotliCompressSync(f.readFileSync(p)).length;console.log(n)";
    let mut node = with_args("node", ["-e", SCRIPT, "--"]);
    node.args(files.iter().map(|path| folder.join(path)));
    let said = capture(&mut node).ok_or("node could not measure the compressed sizes")?;
    said.parse().map(Some).map_err(|_| format!("node said {said:?} for the compressed sizes"))
}
