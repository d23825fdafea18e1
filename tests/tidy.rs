//! House rules as tests: who may use whom, how long files may be, that lists are complete and documents true.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::iter_over_hash_type,
    reason = "a test that panics is a test that fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may use besides itself. A layer is the first part of a module path; files of `worker` and `web` that
/// need the browser are named apart. The debt block below must stay empty.
const MAY_USE: &[(&str, &[&str])] = &[
    ("limits", &["error"]),
    ("error", &["model"]),
    ("model", &["error", "digest"]),
    ("digest", &["error"]),
    ("words", &[]),
    ("chart", &["words"]),
    ("source", &["limits", "error", "model"]),
    ("archive", &["limits", "error", "model", "source"]),
    ("manifest", &["limits", "error", "model", "digest", "source"]),
    ("pickle", &["limits", "error", "model", "source"]),
    ("format", &["limits", "error", "model", "digest", "source", "archive", "pickle"]),
    ("safety", &["error", "model", "source", "pickle"]),
    ("layout", &["limits", "error", "model", "source", "format", "manifest", "words"]),
    ("diff", &["limits", "error", "model", "tensor", "words"]),
    ("retention", &["limits", "error", "model", "words"]),
    ("tensor", &["error", "model", "digest"]),
    ("report", &["limits", "error", "model", "safety", "diff", "retention", "words"]),
    (
        "task",
        &[
            "limits", "error", "model", "digest", "source", "archive", "manifest", "format", "layout", "safety",
            "tensor",
        ],
    ),
    ("registry", &["limits", "error", "model", "digest", "source", "manifest", "words"]),
    ("protocol", &["error", "model", "source", "task", "tensor"]),
    (
        "session",
        &[
            "limits",
            "error",
            "model",
            "manifest",
            "layout",
            "diff",
            "retention",
            "report",
            "task",
            "protocol",
            "words",
            "tensor",
            "source",
            "registry",
        ],
    ),
    ("worker", &["error", "protocol", "source", "task"]),
    ("worker::serve", &["error", "protocol", "source", "web", "worker"]),
    ("web", &["limits", "error", "model", "protocol", "registry", "session", "source"]),
    (
        "ui",
        &[
            "limits",
            "error",
            "model",
            "archive",
            "format",
            "layout",
            "manifest",
            "diff",
            "retention",
            "report",
            "protocol",
            "session",
            "registry",
            "source",
            "web",
            "tensor",
            "words",
            "chart",
        ],
    ),
];

/// Known breaches of the table: pairs of file and layer. Nothing may be added.
const DEBT: &[(&str, &str)] = &[];

/// Words that only browser code may contain.
const BROWSER: &[&str] = &["web_sys", "js_sys", "wasm_bindgen", "leptos", "gloo"];

/// Longest file.
const LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    files(&src, "rs").into_iter().map(named).collect()
}

/// The code of a file without its comments and its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn layer(file: &str) -> String {
    if file == "worker/serve.rs" {
        return "worker::serve".to_owned();
    }
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// Layers named in `crate::layer::…` and `crate::{layer::…, …}`.
fn used(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let single = code.split("crate::").skip(1).map(word);
    let grouped = code.split("crate::{").skip(1).flat_map(|group| {
        let group = group.split(';').next().unwrap_or_default();
        group.split(',').map(|part| word(part.trim())).collect::<Vec<_>>()
    });
    single.chain(grouped).filter(|name| !name.is_empty()).collect()
}

#[test]
fn layers_use_only_what_stands_before_them() {
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut breaches = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| *file != "lib.rs" && !file.starts_with("bin/")) {
        let own = layer(file);
        let allowed = table.get(own.as_str()).unwrap_or_else(|| panic!("{file}: no line in MAY_USE for {own}"));
        for name in used(&code(text)) {
            let is_layer = table.contains_key(name.as_str());
            let is_debt = DEBT.contains(&(file.as_str(), name.as_str()));
            if is_layer && name != own && !allowed.contains(&name.as_str()) && !is_debt {
                breaches.push(format!("{file} uses {name}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn only_browser_code_names_the_browser() {
    let is_browser = |file: &str| {
        file.starts_with("web/") || file.starts_with("ui/") || file.starts_with("bin/") || file == "worker/serve.rs"
    };
    for (file, text) in sources().iter().filter(|(file, _)| !is_browser(file)) {
        let code = code(text);
        for word in BROWSER {
            assert!(!code.contains(&format!("{word}::")), "{file} names {word}");
        }
    }
}

#[test]
fn formats_do_not_see_each_other() {
    // What formats share (the array header of npy and npz, lines, documents) implements none itself.
    let is_format = |name: &String| {
        let inside = |file: &str| file == format!("format/{name}.rs") || file.starts_with(&format!("format/{name}/"));
        sources().iter().any(|(file, text)| inside(file) && text.contains("impl Format for"))
    };
    let members: Vec<String> = members("format").into_iter().filter(is_format).collect();
    for (file, text) in sources().iter().filter(|(file, _)| file.starts_with("format/") && *file != "format/mod.rs") {
        let own = file.trim_start_matches("format/").trim_end_matches(".rs").split('/').next().unwrap_or_default();
        for other in members.iter().filter(|other| *other != own) {
            assert!(!code(text).contains(&format!("format::{other}::")), "{file} uses format::{other}");
        }
    }
}

/// Names of the files that hold an implementation of `trait_name` in a folder of `src`.
fn implementing(folder: &str, trait_name: &str) -> Vec<String> {
    let needle = format!("impl {trait_name} for ");
    let mut found = Vec::new();
    for (_, text) in sources().iter().filter(|(file, _)| file.starts_with(&format!("{folder}/"))) {
        let code = code(text);
        found.extend(
            code.split(&needle)
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()),
        );
    }
    found
}

/// Names of the statics of type `name` in a folder of `src`.
fn statics(folder: &str, name: &str) -> Vec<String> {
    let inside = sources().into_iter().filter(|(file, _)| file.starts_with(&format!("{folder}/")));
    let found = inside.flat_map(|(_, text)| {
        let is_one = |line: &&str| line.contains(&format!(": {name} =")) || line.contains(&format!("<{name}> ="));
        let lines = text.lines().filter(is_one).map(str::to_owned);
        lines.collect::<Vec<_>>()
    });
    found.filter_map(|line| Some(line.split("static ").nth(1)?.split(':').next()?.to_owned())).collect()
}

fn members(folder: &str) -> Vec<String> {
    let inside = fs::read_dir(root().join("src").join(folder)).unwrap();
    let name = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    inside.map(|entry| name(entry.unwrap().path())).filter(|name| name != "mod").collect()
}

#[test]
fn lists_are_complete() {
    for (folder, trait_name, list) in [
        ("format", "Format", "FORMATS"),
        ("archive", "Archive", "ARCHIVES"),
        ("layout", "Layout", "LAYOUTS"),
        // One implementation for several frameworks, each of which is in the list.
        ("layout", "How", "LAYOUTS"),
        ("manifest", "ManifestKind", "MANIFESTS"),
    ] {
        let text = sources().into_iter().find(|(file, _)| *file == format!("{folder}/mod.rs")).unwrap().1;
        let listed = text.split(&format!("static {list}")).nth(1).unwrap().split(';').next().unwrap().to_owned();
        for name in implementing(folder, trait_name) {
            let named = |word: &str| listed.contains(&format!("&{word}")) || listed.contains(&format!("::{word}"));
            assert!(named(&name) || statics(folder, &name).iter().any(|word| named(word)), "{name} is not in {list}");
        }
    }
}

#[test]
fn files_are_short_and_folders_use_mod_rs() {
    for folder in ["src", "lanes/src", "tests", "xtask/src"] {
        for path in files(&root().join(folder), "rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= LINES, "{} has {lines} lines, {LINES} allowed", path.display());
            let twin = path.with_extension("");
            assert!(!twin.is_dir(), "{}: a folder of the same name: use mod.rs", path.display());
        }
    }
}

#[test]
fn nothing_is_left_open_without_an_owner() {
    // Spelled in two parts so that this file passes.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
    for folder in ["src", "lanes", "tests", "xtask"] {
        for path in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for word in words {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
}

#[test]
fn literal_colours_stand_in_the_tokens_only() {
    for path in files(&root().join("www"), "css") {
        if path.file_name().is_some_and(|name| name == "tokens.css") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let hex = text.split('#').skip(1).any(|rest| {
            let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            matches!(word.len(), 3 | 6 | 8) && word.chars().all(|c| c.is_ascii_hexdigit())
        });
        assert!(!hex && !text.contains("rgb(") && !text.contains("hsl("), "{}: a literal colour", path.display());
    }
}
