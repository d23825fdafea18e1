//! Packages of Debian and its relatives.

use crate::process::{Result, capture, find, run_quietly, with_args};

/// Installs packages with apt-get, if this user may.
pub fn apt_get(packages: &[&str]) -> Result {
    if find("apt-get").is_none() {
        return Err("there is no apt-get on this machine".into());
    }
    let prefix = privilege().ok_or("apt-get needs root, and sudo would ask for a password")?;
    // An index that cannot be refreshed may still know the packages; the install below says if not.
    let _ = run_quietly(&mut apt_command(prefix, &["update", "-qq"]));
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(packages);
    run_quietly(&mut apt_command(prefix, &args))
}

fn apt_command(prefix: &[&str], args: &[&str]) -> std::process::Command {
    let words: Vec<&str> =
        prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).copied().collect();
    let mut command = with_args(words[0], &words[1..]);
    command.args(args);
    command
}

fn privilege() -> Option<&'static [&'static str]> {
    if capture(&mut with_args("id", ["-u"])).as_deref() == Some("0") {
        return Some(&[]);
    }
    capture(&mut with_args("sudo", ["-n", "true"])).map(|_| &["sudo", "-n"][..])
}
