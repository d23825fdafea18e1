//! The README's table of what opens is made from the lists in the code. `UPDATE_README=1 cargo test --test readme` renews it.

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

use std::fmt::Write as _;
use std::path::Path;

use weighbridge::archive::ARCHIVES;
use weighbridge::format::FORMATS;
use weighbridge::layout::LAYOUTS;
use weighbridge::manifest::MANIFESTS;

const OPEN: &str = "<!-- what-opens: made from the lists in src, checked by tests/readme.rs -->\n";
const CLOSE: &str = "<!-- /what-opens -->";

fn table() -> String {
    let mut text = String::from("| what | how it is told |\n| --- | --- |\n");
    let dotted = |extensions: &[&str]| {
        let dotted: Vec<String> = extensions.iter().map(|extension| format!("`.{extension}`")).collect();
        dotted.join(" ")
    };
    for format in FORMATS {
        if format.id() == "unknown" {
            continue;
        }
        let spec = format.spec();
        let name = if spec.is_empty() { format.name().to_owned() } else { format!("[{}]({spec})", format.name()) };
        writeln!(text, "| {name} | its bytes; usually {} |", dotted(format.extensions())).unwrap();
    }
    for archive in ARCHIVES {
        writeln!(
            text,
            "| {} | its bytes; members become part of the tree; usually {} |",
            archive.name(),
            dotted(archive.extensions())
        )
        .unwrap();
    }
    for layout in LAYOUTS {
        if layout.id() == "unknown" {
            continue;
        }
        writeln!(text, "| {} | {} |", layout.name(), layout.signature()).unwrap();
    }
    for manifest in MANIFESTS {
        writeln!(text, "| {} | its lines; every listed file is verified |", manifest.name()).unwrap();
    }
    text
}

#[test]
fn the_table_of_what_opens_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(OPEN).expect("the marker is in the README");
    let (found, after) = rest.split_once(CLOSE).expect("the closing marker is in the README");
    let wanted = table();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}{OPEN}{wanted}{CLOSE}{after}")).unwrap();
        return;
    }
    assert_eq!(found, wanted, "run UPDATE_README=1 cargo test --test readme");
}

#[test]
fn what_the_readme_links_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let is_local = !link.starts_with("http") && !link.starts_with('#');
            assert!(!is_local || root.join(link).exists(), "{document} links to {link}");
        }
    }
}
