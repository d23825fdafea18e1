//! `cargo xtask peer`: a real Tinker server on this machine, to try the registry page against and to test it.
//!
//! SkyRL's API from PyPI, with a few made-up runs and without its training engine: about 100 MB of packages the first
//! time, into `target/peers/skyrl`. The official client, to compare ours with, goes into `target/peers/tinker`.

use crate::process::{Result, root, run_quietly, say, shown, with_args};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where programs that want the peer find its address.
pub const ADDRESS: &str = "TINKER_PEER";
/// Where they find a Python that has the official client.
pub const SDK: &str = "TINKER_SDK";

// On a slow machine Python alone takes ten seconds to import it.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server; it stops when dropped.
pub struct Peer {
    server: Child,
    port: u16,
    state: PathBuf,
}

/// The command: serves until it is stopped, or for as long as a command given after `--` runs.
pub fn command(args: &[String]) -> Result {
    let (flags, then) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    let cors = match flags {
        [] => false,
        [flag] if flag == "--cors" => true,
        _ => return Err("peer takes --cors, and after -- a command to run".into()),
    };
    let mut peer = Peer::start(cors)?;
    say("peer", &format!("{}  (any key)", peer.url()));
    match then.split_first() {
        Some((program, args)) => {
            crate::process::run(with_args(program, args).env(ADDRESS, peer.url()).env(SDK, official_client()?))
        }
        None => peer.server.wait().map(|_| ()).map_err(|cause| cause.to_string()),
    }
}

/// Whether there is a Python that can run it; if not, why.
pub fn python() -> Result {
    let version = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";
    let why = "there is no Python 3.11 or newer with venv (on Debian: python3-venv)";
    run_quietly(&mut with_args("python3", ["-c", version])).map_err(|_| why.to_owned())
}

impl Peer {
    /// Installs what is missing, makes the runs anew, and waits until the server answers.
    pub fn start(cors: bool) -> Result<Peer> {
        let python = installed("skyrl", &[&["--no-deps", "skyrl==0.3.0"]])?;
        let port = free_port().map_err(|cause| format!("no port is free: {cause}"))?;
        // Of its own, so that several can run at once.
        let state = home("skyrl").join(format!("run-{port}"));
        let log = fresh_log(&state).map_err(|cause| format!("{}: {cause}", state.display()))?;
        let run = |script: &str| {
            let mut command = Command::new(&python);
            command.arg(scripts("skyrl").join(script)).current_dir(&state).env("HF_HUB_OFFLINE", "1");
            command
        };
        run_quietly(&mut run("seed.py"))?;
        let mut command = run("serve.py");
        let database = format!("sqlite:///{}", state.join("peer.db").display());
        let never = ["--session-timeout-sec", "-1", "--session-cleanup-interval-sec", "-1"];
        command.args(["--base-model", "weighbridge/tiny-qwen3", "--database-url", &database, "--backend-config", "{}"]);
        command.args(["--port", &port.to_string(), "--checkpoints-base"]).arg(state.join("ckpts")).args(never);
        command.env("PEER_CORS", if cors { "1" } else { "0" });
        let second = log.try_clone().map_err(|cause| cause.to_string())?;
        let server = command.stdin(Stdio::null()).stdout(log).stderr(second).spawn();
        let server = server.map_err(|cause| format!("{}: {cause}", shown(&command)))?;
        let mut peer = Peer { server, port, state };
        peer.wait()?;
        Ok(peer)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait(&mut self) -> Result {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if is_healthy(self.port) {
                return Ok(());
            }
            if matches!(self.server.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            thread::sleep(Duration::from_millis(200));
        }
        let log = std::fs::read_to_string(self.state.join("server.log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(20).collect();
        Err(format!("SkyRL did not start:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n")))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have stopped by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// A Python that has the official client.
pub fn official_client() -> Result<PathBuf> {
    installed("tinker", &[])
}

fn scripts(name: &str) -> PathBuf {
    root().join("tests/peers").join(name)
}

fn home(name: &str) -> PathBuf {
    root().join("target/peers").join(name)
}

/// The Python of an environment that has what `tests/peers/NAME/requirements.txt` asks for, and what else is named.
fn installed(name: &str, more: &[&[&str]]) -> Result<PathBuf> {
    python()?;
    let (home, list) = (home(name), scripts(name).join("requirements.txt"));
    let wanted = std::fs::read_to_string(&list).map_err(|cause| format!("{}: {cause}", list.display()))?;
    let (venv, done) = (home.join("venv"), home.join("venv/installed.txt"));
    let program = venv.join("bin/python");
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Ok(program);
    }
    say("peer", &format!("installing {name} from PyPI"));
    std::fs::create_dir_all(&home).map_err(|cause| cause.to_string())?;
    run_quietly(with_args("python3", ["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = || {
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check"]);
        pip
    };
    for words in more {
        run_quietly(pip().args(*words))?;
    }
    run_quietly(pip().arg("-r").arg(&list))?;
    std::fs::write(&done, wanted).map_err(|cause| cause.to_string())?;
    Ok(program)
}

fn fresh_log(state: &Path) -> std::io::Result<File> {
    if state.exists() {
        std::fs::remove_dir_all(state)?;
    }
    std::fs::create_dir_all(state)?;
    File::create(state.join("server.log"))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}
