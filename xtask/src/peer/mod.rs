//! `cargo xtask peer`: real registries on this machine, to try the registry page against and to test it. Each server is
//! of its own, on a port that was free, with made-up models in it, and stops when it is dropped.

mod mlflow;
mod oci;
mod python;
mod running;
mod tinker;

pub use mlflow::Mlflow;
pub use oci::{Oci, Tokens};
pub use python::python;
pub use tinker::{Peer, official_client};

use crate::process::{Result, run, say, with_args};

/// Where programs that want a Tinker server find its address.
pub const ADDRESS: &str = "TINKER_PEER";
/// Where they find a Python that has the official client.
pub const SDK: &str = "TINKER_SDK";
/// Where programs that want an MLflow server find its address.
pub const MLFLOW: &str = "MLFLOW_PEER";
/// Where programs that want an OCI registry find its address.
pub const OCI: &str = "OCI_PEER";

const USE: &str = "peer takes mlflow or oci (else it is a Tinker server), --cors, and after -- a command to run";

/// The command: serves until it is stopped, or for as long as a command given after `--` runs.
pub fn command(args: &[String]) -> Result {
    let (words, then) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    let (flags, kinds): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|word| word.starts_with('-'));
    let cors = match flags[..] {
        [] => false,
        ["--cors"] => true,
        _ => return Err(USE.into()),
    };
    match kinds[..] {
        [] => {
            let mut peer = Peer::start(cors)?;
            let url = peer.url();
            serve(&url, "any key", then, &mut || peer.wait(), || {
                Ok(vec![(ADDRESS, url.clone()), (SDK, official_client()?.display().to_string())])
            })
        }
        ["mlflow"] => {
            let mut peer = Mlflow::start(cors)?;
            let url = peer.url();
            serve(&url, "no key", then, &mut || peer.wait(), || Ok(vec![(MLFLOW, url.clone())]))
        }
        ["oci"] => {
            let mut peer = Oci::start(cors)?;
            let url = peer.url();
            serve(&url, "models/tiny and models/large", then, &mut || peer.wait(), || Ok(vec![(OCI, url.clone())]))
        }
        _ => Err(USE.into()),
    }
}

fn serve(
    url: &str,
    note: &str,
    then: &[String],
    wait: &mut dyn FnMut() -> Result,
    environment: impl FnOnce() -> Result<Vec<(&'static str, String)>>,
) -> Result {
    say("peer", &format!("{url}  ({note})"));
    match then.split_first() {
        Some((program, args)) => run(with_args(program, args).envs(environment()?)),
        None => wait(),
    }
}
