//! Splits page and worker in two: what is needed before anything was opened, and the rest, which comes while the page is
//! already in use. Which function goes where says a rule over names; the modules themselves know nothing of it.
//!
//! Done on the finished modules, after wasm-bindgen and wasm-opt: nothing is compiled otherwise because of it, and a
//! site that is not split (`--debug`) is the same in one piece.

mod deal;
mod first;
mod module;
mod rest;

use crate::names::Site;
use crate::process::{Result, root, say};
use deal::{Deal, Rule};
use module::{Module, failed};
use std::fs;

// Bytes. wasm-opt makes one of functions that do the same, under the name of any of them; those are small, and a door is
// hardly smaller.
const SMALL: u64 = 64;

/// The page: the rest is what shows and compares what was opened. The landing page is drawn and takes files without it.
const PAGE: Rule = Rule {
    rest: &[
        "weighbridge::chart",
        "weighbridge::diff",
        "weighbridge::manifest",
        "weighbridge::model",
        "weighbridge::registry",
        "weighbridge::report",
        "weighbridge::retention",
        "weighbridge::safety",
        "weighbridge::session",
        "weighbridge::source::http::key",
        "weighbridge::tensor",
        "weighbridge::ui::frame::drawer::",
        "weighbridge::ui::frame::rail",
        "weighbridge::ui::frame::subject",
        "weighbridge::ui::page",
        "weighbridge::ui::part",
        "weighbridge::web::calls",
        "weighbridge::web::files",
        "weighbridge::web::pull",
        "weighbridge::web::saving",
        "core::fmt::float",
        "core::slice::sort::stable",
        "escape_debug_ext",
        "f32 as core::fmt",
        "flt2dec",
        "LowerExp",
        "postcard",
        "serde_json",
        "wasm_streams",
        "zmij",
    ],
    only_rest: &[
        // Signals, effects and comparisons of pages that are not there before something was opened.
        "ui::page::compare",
        "ui::page::config",
        "ui::page::export",
        "ui::page::file",
        "ui::page::identity",
        "ui::page::integrity",
        "ui::page::metrics",
        "ui::page::overview",
        "ui::page::registry",
        "ui::page::retention",
        "ui::page::safety",
        "ui::page::signatures",
        "ui::page::tensors",
        // Maps by names of what was opened.
        "BTreeMap<&str",
        "BTreeSet<&str",
        "BTreeSet<usize>",
        "Entry<&str",
        "IntoIter<&str",
        "(alloc::string::String, &str)",
        "BTreeMap<(alloc::string::String",
        "btree::map::IntoIter<(alloc::string::String",
        "(bool, alloc::string::String)",
        "Mut, &str",
        "libm_math::pow",
        "Contents as core::clone::Clone>",
        "to_lowercase",
        "as core::fmt::Debug>",
        "sha2::",
        // What a worker tells of files, and numbers no setting has.
        "protocol::Outcome as",
        "protocol::Part as",
        "statistics::Examined as",
        "<i128>",
        "u128 as itoa",
        // Requests, which nobody made yet, and what is saved of their answers.
        "gen_AbortController",
        "web::fetch::send",
        "web::saving",
        // The report.
        "model::plain::Json as serde_core",
        "ui::frame::palette::Hit",
    ],
    shared: &[
        "live::Live<bool>",
        "live::Live<u32>",
        "live::Live<u64>",
        "live::Live<usize>",
        "live::Live<alloc::string::String>",
        "live::Live<core::option::Option<alloc::string::String>>",
        "live::Live<core::option::Option<usize>>",
    ],
    first: &[
        // What every signal is made of, and every value that it holds.
        "reactive_graph::",
        "guardian::",
        "drop_in_place",
        "as core::any::Any",
        "as core::clone::Clone>",
        "as core::cmp::PartialEq>",
        // What a worker says that has just started, and what is shown of it.
        "session::activity",
        "session::problems",
        "Session>::activities",
        ">::is_idle",
        "Session>::notify",
        "Session>::selected_checkpoint",
        "Session>::stop_examining",
        "IntoIter<weighbridge::session::Command>",
        "session::Running",
        "session::calls",
        // What was chosen for good.
        "serde_json::ser::Serializer<&mut alloc::vec::Vec<u8>>>",
        "serde_json::value::Value as",
        // Whether a piece of the page changed.
        "(&dyn core::any::Any, &dyn core::any::Any)",
        // Where one is.
        "session::route",
        // Whose page it is.
        "source::http::key::origin",
        "registry::http::Answer>::header",
        "web::pull::own_origin",
        // One for all types of a size, under the name of any of them.
        "alloc::raw_vec::RawVec",
        // The workers, which are started at once.
        "session::WorkerId",
        "weighbridge::web::pool",
        "weighbridge::web::port",
        "ui::page::landing",
        "ui::page::mod",
        "ui::part::dialog",
        "ui::part::drop_zone",
        "ui::part::icon",
        "ui::frame::job_bar",
        "ui::frame::notices",
        "ui::frame::drawer::drawer",
        "ui::view::TensorChoice",
    ],
    at_least: SMALL,
};

/// The worker: the first part reads trees and the plainest formats; the rest recognises what it is, hashes and computes.
const WORKER: Rule = Rule {
    rest: &[
        "weighbridge::archive::zip::cut",
        "weighbridge::format::diagnosis",
        "weighbridge::format::gguf",
        "weighbridge::format::hdf5",
        "weighbridge::format::msgpack",
        "weighbridge::format::pickle",
        "weighbridge::format::python",
        "weighbridge::format::toml",
        "weighbridge::format::torch",
        "weighbridge::format::yaml",
        "weighbridge::layout",
        "weighbridge::manifest",
        "weighbridge::pickle",
        "weighbridge::safety",
        "weighbridge::digest",
        "weighbridge::task::digest",
        "weighbridge::task::identity",
        "weighbridge::task::deltas",
        "weighbridge::task::statistics",
        "weighbridge::task::values",
        "weighbridge::task::weights",
        "weighbridge::tensor",
        "lanes::",
        "blake2",
        "blake3",
        "md5",
        "sha1",
        "digest::hasher",
        "Sha384",
        "Sha512",
        "sha512",
    ],
    only_rest: &[],
    shared: &[],
    first: &[],
    at_least: SMALL,
};

/// Splits the modules of a site.
pub fn split(mut site: Site) -> Result<Site> {
    for (name, rule) in [("app", &PAGE), ("worker", &WORKER)] {
        let failed = |cause: String| format!("splitting {name}: {cause}");
        let wasm = format!("{name}_bg.wasm");
        let bytes = site.get(&wasm).ok_or_else(|| failed("there is no such module".into()))?;
        let module = Module::read(bytes).map_err(failed)?;
        let deal = Deal::new(&module, rule);
        note(name, &module, &deal)?;
        let parts = halves(bytes, &module, &deal).map_err(failed)?;
        let glue = format!("{name}.js");
        let script = site.get(&glue).ok_or_else(|| failed("it has no script".into()))?;
        let script = joined(name, script).map_err(failed)?;
        site.insert(wasm, parts.0);
        site.insert(format!("{name}_rest.wasm"), parts.1);
        site.insert(glue, script);
    }
    Ok(site)
}

fn halves(bytes: &[u8], module: &Module, deal: &Deal) -> Result<(Vec<u8>, Vec<u8>)> {
    let halves = (first::encode(bytes, module, deal)?, rest::encode(bytes, module, deal)?);
    for half in [&halves.0, &halves.1] {
        wasmparser::Validator::new().validate_all(half).map_err(failed)?;
    }
    Ok(halves)
}

/// Writes the first part's functions down by their new numbers, which is what a stack in the browser shows of them.
fn note(name: &str, module: &Module, deal: &Deal) -> Result {
    let path = root().join("target").join(format!("split-{name}.txt"));
    let lines: String = (module.imported + 1..)
        .zip(deal.kept(module))
        .map(|(number, function)| {
            let kind = if deal.rest.contains(&function) { "door to" } else { "" };
            format!("{number} {kind} {}\n", module.name(function))
        })
        .collect();
    let all = module.own().map(|function| module.size(function)).sum::<u64>();
    let (all, rest, doors) = (all / 1000, deal.size(module) / 1000, deal.doors.len());
    say("split", &format!("{name}: {rest} kB of {all} kB of code go to the rest, through {doors} doors"));
    fs::write(&path, lines).map_err(|cause| format!("{}: {cause}", path.display()))
}

/// wasm-bindgen's script with what loads the rest.
fn joined(name: &str, script: &[u8]) -> Result<Vec<u8>> {
    let script = std::str::from_utf8(script).map_err(failed)?;
    let (module, load) = first::LOAD;
    let imports = format!("\"./{name}_bg.js\": import0,");
    let changes = [
        (imports.clone(), format!("{imports}\n        {module}: {{ {load}: loadRest }},")),
        ("__wbg_init as default".to_owned(), "initAndPrefetch as default".to_owned()),
    ];
    let mut script = script.to_owned();
    for (old, new) in changes {
        if script.matches(&old).count() != 1 {
            return Err(format!("wasm-bindgen's script should have {old:?} once"));
        }
        script = script.replace(&old, &new);
    }
    script.push_str(&include_str!("rest.js").replace("NAME", name));
    Ok(script.into_bytes())
}

#[cfg(test)]
mod tests;
