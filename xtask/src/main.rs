//! `cargo xtask COMMAND`: the project's commands.

use std::process::ExitCode;
use xtask::process::Result;
use xtask::{bench, dist, doctor, fuzz, peer, serve, setup, test};

const HELP: &str = "\
cargo xtask serve [--port N] [--debug] [--no-build] [--mount PREFIX] [--no-range] [--registry URL]
                                 build the site and serve it on this machine, and a registry on the same origin
cargo xtask test [--quick]       every check and test; --quick leaves out what needs a browser or wasm
cargo xtask test --only STEP...  some of them; the summary names the steps
cargo xtask dist [--debug]       build the site into dist/
cargo xtask doctor               what is installed, what is missing, how to get it
cargo xtask setup                install what is missing
cargo xtask fuzz [TARGET] [--seconds N]
cargo xtask bench                measure against other tools
cargo xtask peer [mlflow | oci] [--cors] [-- COMMAND...]
                                 a real registry on this machine (else a Tinker server), for as long as COMMAND runs
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = args.split_first().map_or(("help", &[][..]), |(name, rest)| (name.as_str(), rest));
    match dispatch(name, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Empty when the command has already said everything.
            if !sentence.is_empty() {
                eprintln!("cargo xtask {name}: {sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(name: &str, rest: &[String]) -> Result {
    match name {
        "serve" => serve::command(rest),
        "test" => test::command(rest),
        "dist" => dist::command(rest),
        "doctor" => doctor::command(rest),
        "setup" => setup::command(rest),
        "fuzz" => fuzz::command(rest),
        "bench" => bench::command(rest),
        "peer" => peer::command(rest),
        "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("there is no such command\n{HELP}")),
    }
}
