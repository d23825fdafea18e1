//! Tools built from crates.io.

use super::browser::{describe, geckodriver};
use super::{Look, Tool};
use crate::process::{Result, capture, find, own_tools, root, run, say, with_args};

/// The builder of the site.
pub const TRUNK: Tool = Tool {
    name: "trunk",
    purpose: "building the site",
    look: || look_for("trunk", &[], TRUNK_VERSION),
    get: || install("trunk", "trunk", TRUNK_VERSION, true, "about five minutes"),
    how: "cargo install trunk --locked --version 0.21.14",
};

// The newest that builds with the Rust this project asks for.
const TRUNK_VERSION: &str = "0.21.14";

/// wasm-bindgen's command and its test runner; the version must be that of the crate.
pub const BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    purpose: "building the site, browser tests",
    look: || match (bindgen_version(), find("wasm-bindgen-test-runner")) {
        (Err(sentence), _) => Look::Missing(sentence),
        (_, None) => Look::missing("wasm-bindgen-test-runner is not on PATH"),
        (Ok(version), _) => look_for("wasm-bindgen", &[], &version),
    },
    // Without --locked: the lock file it is published with names a crate version that is not served everywhere.
    get: || install("wasm-bindgen-cli", "wasm-bindgen", &bindgen_version()?, false, "about two minutes"),
    how: "cargo install wasm-bindgen-cli --version =0.2.130",
};

/// The driver of the fuzzers.
pub const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    purpose: "fuzzing",
    look: || match capture(&mut with_args("cargo-fuzz", ["--version"])) {
        Some(version) => Look::Found(version),
        None => Look::missing("not on PATH"),
    },
    get: || run(&mut cargo_install(&["cargo-fuzz", "--locked"])),
    how: "cargo install cargo-fuzz --locked",
};

/// The driver of Firefox, of which any recent one drives any recent browser.
pub const GECKODRIVER: Tool = Tool {
    name: "geckodriver",
    purpose: "browser tests in a second browser",
    look: || describe(geckodriver(), "not on PATH, nor in GECKODRIVER"),
    get: || install("geckodriver", "geckodriver", GECKODRIVER_VERSION, true, "about two minutes"),
    how: "cargo install geckodriver --locked",
};

const GECKODRIVER_VERSION: &str = "0.37.1";

/// The version of the wasm-bindgen crate in Cargo.lock.
fn bindgen_version() -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).map_err(|cause| format!("Cargo.lock: {cause}"))?;
    locked_version(&lock, "wasm-bindgen").ok_or_else(|| "Cargo.lock does not name wasm-bindgen".into())
}

fn locked_version(lock: &str, name: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

fn look_for(name: &str, args: &[&str], version: &str) -> Look {
    let Some(path) = find(name) else { return Look::missing("not on PATH") };
    // Trunk reads NO_COLOR as a boolean and stops at "1".
    let said = capture(with_args(name, args).arg("--version").env_remove("NO_COLOR")).unwrap_or_default();
    let found = said.split_whitespace().nth(1).unwrap_or("none");
    if found == version {
        Look::Found(format!("{version}, {}", path.display()))
    } else {
        Look::Missing(format!("{} is version {found}, needed is {version}", path.display()))
    }
}

fn install(package: &str, program: &str, version: &str, locked: bool, patience: &str) -> Result {
    let exact = format!("={version}");
    let mut args = vec![package, "--version", &exact];
    args.extend(locked.then_some("--locked"));
    let own = own_tools().display().to_string();
    if find(program).is_some() {
        // Another version is there, and other projects of this user may need it.
        args.extend(["--root", &own]);
    }
    say(program, &format!("installing {version} with cargo, {patience}"));
    run(&mut cargo_install(&args))
}

fn cargo_install(args: &[&str]) -> std::process::Command {
    let mut command = with_args("cargo", ["install"]);
    // Otherwise the tool's build would fill this project's target folder.
    command.args(args).env_remove("CARGO_TARGET_DIR");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_files_version_is_found() {
        let lock = "[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n\n[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }

    #[test]
    fn trunk_is_told_the_versions_that_are_installed() {
        let config = std::fs::read_to_string(root().join("Trunk.toml")).unwrap();
        let packages = std::fs::read_to_string(root().join("package.json")).unwrap();
        let bindgen = bindgen_version().unwrap();
        assert!(config.contains(&format!("wasm_bindgen = \"{bindgen}\"")));
        assert!(BINDGEN.how.ends_with(&bindgen));
        let (_, binaryen) = packages.split_once("\"binaryen\": \"").unwrap();
        let (major, _) = binaryen.split_once('.').unwrap();
        assert!(config.contains(&format!("wasm_opt = \"version_{major}\"")));
    }
}
