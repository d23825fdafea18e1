//! What happens to a server when `cargo xtask peer` is killed and can clean nothing up.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[test]
#[ignore = "needs docker-registry: a part of the step peer"]
fn a_peer_ends_with_a_killed_xtask() {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut killed = xtask.args(["peer", "oci"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(killed.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.contains("http://127.0.0.1:")).expect("an address");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
    assert!(TcpStream::connect(&address).is_ok(), "{address}");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "{address} is still there");
        thread::sleep(Duration::from_millis(50));
    }
}
