//! The steps of `cargo xtask test`. To add one, add an entry to [`STEPS`].

use super::tally::Tally;
use crate::build::Profile;
use crate::dist;
use crate::peer;
use crate::process::{Result, root, run, run_watched, say, with_args};
use crate::serve;
use crate::setup;
use crate::tool::{self, Tool};
use std::process::Command;
use std::thread;

const WASM: &str = "wasm32-unknown-unknown";

/// One step.
pub struct Step {
    /// What the summary calls it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// Whether `--quick` includes it.
    pub quick: bool,
    /// The tools it needs.
    pub needs: &'static [&'static [&'static Tool]],
    /// A step without which this one makes no sense.
    pub after: Option<&'static str>,
    /// Does it.
    pub run: fn(&mut Tally) -> Result,
}

/// All steps, in order: what fails fastest comes first.
pub const STEPS: &[Step] = &[
    Step { name: "format", what: "rustfmt", quick: true, needs: &[setup::CHECKS], after: None, run: format },
    Step { name: "lints", what: "clippy, native", quick: true, needs: &[setup::CHECKS], after: None, run: lints },
    Step { name: "tests", what: "cargo test", quick: true, needs: &[], after: None, run: tests },
    Step {
        name: "peer",
        what: "the registry clients against real servers",
        quick: false,
        needs: &[],
        after: Some("tests"),
        run: peer_tests,
    },
    Step { name: "docs", what: "cargo doc", quick: true, needs: &[], after: None, run: docs },
    Step {
        name: "web-lints",
        what: "clippy, for the browser",
        quick: false,
        needs: &[setup::CHECKS, &[&tool::WASM_TARGET]],
        after: None,
        run: web_lints,
    },
    Step {
        name: "browser",
        what: "wasm-bindgen-test in Chromium",
        quick: false,
        needs: &[&[&tool::WASM_TARGET, &tool::BINDGEN], setup::BROWSER],
        after: None,
        run: browser_tests,
    },
    Step { name: "site", what: "the release site", quick: false, needs: &[setup::SITE], after: None, run: site },
    Step {
        name: "sizes",
        what: "the cost of a first visit",
        quick: false,
        needs: &[&[&tool::NODE]],
        after: Some("site"),
        run: |_| dist::check_budget(),
    },
    Step {
        name: "e2e",
        what: "the release site in Chromium and Firefox",
        quick: false,
        needs: &[setup::BROWSER],
        after: Some("site"),
        run: end_to_end,
    },
];

fn format(_: &mut Tally) -> Result {
    run(&mut cargo(&["fmt", "--all", "--", "--check"]))?;
    if root().join("fuzz/Cargo.toml").is_file() {
        run(&mut cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--", "--check"]))?;
    }
    Ok(())
}

fn lints(_: &mut Tally) -> Result {
    let what = ["clippy", "--workspace", "--all-targets", "--features", "weighbridge/schema"];
    run(&mut cargo(&[&what[..], &["--", "-D", "warnings"]].concat()))
}

fn web_lints(_: &mut Tally) -> Result {
    let mut what = vec!["clippy", "-p", "weighbridge", "--features", "web", "--target", WASM, "--lib", "--bins"];
    if has_browser_tests() {
        what.extend(["--test", "browser"]);
    }
    run(&mut cargo(&[&what[..], &["--", "-D", "warnings"]].concat()))
}

fn tests(tally: &mut Tally) -> Result {
    let mut what = vec!["test", "--workspace", "--features", "weighbridge/schema", "--no-fail-fast"];
    if has_end_to_end_tests() {
        what.extend(["--exclude", "e2e"]);
    }
    counted(&mut cargo(&what), tally)
}

fn peer_tests(tally: &mut Tally) -> Result {
    if let Err(why) = peer::python() {
        say("peer", &format!("skipped: {why}"));
        return Ok(());
    }
    // Two of them start beside what needs the compiler.
    let others = thread::spawn(|| Ok::<_, String>((peer::Mlflow::start(false)?, peer::Mlflow::start(true)?)));
    tinker_tests(tally)?;
    let (bare, open) = others.join().map_err(|_| "starting MLflow panicked".to_owned())??;
    let mut tests = real("real_mlflow");
    counted(tests.env(peer::MLFLOW, bare.url()).env(format!("{}_CORS", peer::MLFLOW), open.url()), tally)?;
    if let Err(why) = setup::ensure(&[&tool::REGISTRY]) {
        say("peer", &format!("skipped what needs an OCI registry: {}", why.lines().next().unwrap_or_default()));
        return Ok(());
    }
    let (bare, open) = (peer::Oci::start(false)?, peer::Oci::start(true)?);
    let mut tests = real("real_oci");
    counted(tests.env(peer::OCI, bare.url()).env(format!("{}_CORS", peer::OCI), open.url()), tally)?;
    counted(&mut cargo(&["test", "-p", "xtask", "--test", "peer", "--", "--ignored"]), tally)
}

/// The ignored tests whose names start so.
fn real(name: &str) -> Command {
    cargo(&["test", "-p", "weighbridge", "--test", "it", "--", "--ignored", name])
}

fn tinker_tests(tally: &mut Tally) -> Result {
    let server = peer::Peer::start(false)?;
    let client = peer::official_client()?;
    let failed = |cause: std::io::Error| cause.to_string();
    let options = serve::Options { registry: Some(server.url()), ..serve::Options::default() };
    let beside = serve::Server::start(options).map_err(failed)?;
    // The server itself, and as `serve --registry` passes it on.
    for url in [server.url(), beside.url().trim_end_matches('/').to_owned()] {
        counted(real("real_tinker").env(peer::ADDRESS, url).env(peer::SDK, &client), tally)?;
    }
    Ok(())
}

fn docs(_: &mut Tally) -> Result {
    let what = ["doc", "--workspace", "--no-deps", "--lib", "--features", "weighbridge/schema"];
    run(cargo(&what).env("RUSTDOCFLAGS", "-D warnings"))
}

fn browser_tests(tally: &mut Tally) -> Result {
    if !has_browser_tests() {
        return Ok(());
    }
    let what = ["test", "-p", "weighbridge", "--features", "web", "--target", WASM, "--test", "browser"];
    // The default gives a slow machine twenty seconds.
    counted(in_browser(&mut cargo(&what)).env("WASM_BINDGEN_TEST_TIMEOUT", "300"), tally)
}

fn site(_: &mut Tally) -> Result {
    dist::dist(Profile::Release).map(|_| ())
}

fn end_to_end(tally: &mut Tally) -> Result {
    if !has_end_to_end_tests() {
        return Ok(());
    }
    if let Err(why) = setup::ensure(setup::SECOND_BROWSER) {
        say("e2e", &format!("Firefox is left out: {why}"));
    }
    let mut tests = cargo(&["test", "-p", "e2e", "--no-fail-fast"]);
    // The site that was just built; otherwise they would build their own.
    counted(in_browser(&mut tests).env("WEIGHBRIDGE_DIST", dist::folder()), tally)
}

fn has_browser_tests() -> bool {
    root().join("tests/browser.rs").is_file()
}

fn has_end_to_end_tests() -> bool {
    root().join("e2e/Cargo.toml").is_file()
}

fn cargo(args: &[&str]) -> Command {
    with_args("cargo", args)
}

/// Tells a test runner which browsers were found.
fn in_browser(command: &mut Command) -> &mut Command {
    if let Some(path) = tool::chromedriver() {
        command.env("CHROMEDRIVER", path);
    }
    if let Some(path) = tool::chromium() {
        command.env("CHROME", path);
    }
    if let Some(path) = tool::firefox() {
        command.env("FIREFOX", path);
    }
    if let Some(path) = tool::geckodriver() {
        command.env("GECKODRIVER", path);
    }
    command
}

fn counted(command: &mut Command, tally: &mut Tally) -> Result {
    run_watched(command, &mut |line| tally.read(line))
}
