//! `cargo xtask serve`.

use super::{Options, Server, registry};
use crate::build::Profile;
use crate::dist;
use crate::process::{Result, say};

const PORT: u16 = 8420;

struct Arguments {
    port: u16,
    profile: Profile,
    build: bool,
    mount: String,
    no_range: bool,
    registry: Option<String>,
}

/// The command: builds the site and serves it until it is interrupted.
pub fn command(args: &[String]) -> Result {
    let args = parse(args)?;
    let root = if args.build { dist::dist(args.profile)? } else { dist::folder() };
    if !root.join("index.html").is_file() {
        return Err(format!("{} has no site; leave out --no-build", root.display()));
    }
    let Arguments { port, mount, no_range, registry, .. } = args;
    let api = registry.clone();
    let server = Server::start(Options { root, port, mount, no_range, registry, ..Options::default() })
        .map_err(|cause| format!("port {port}: {cause}; choose another with --port, 0 for any"))?;
    say("serve", &format!("{}  (stop with Ctrl-C)", server.url()));
    if let Some(registry) = api {
        say("registry", &format!("http://127.0.0.1:{}  stands for {registry}", server.port()));
    }
    server.wait();
    Ok(())
}

fn parse(args: &[String]) -> Result<Arguments> {
    let (profile, mount) = (Profile::Release, String::new());
    let mut parsed = Arguments { port: PORT, profile, build: true, mount, no_range: false, registry: None };
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => parsed.port = value()?.parse().map_err(|_| "--port needs a number up to 65535")?,
            "--mount" => parsed.mount.clone_from(value()?),
            "--debug" => parsed.profile = Profile::Debug,
            "--no-build" => parsed.build = false,
            "--registry" => parsed.registry = Some(registry::base(value()?)?),
            "--no-range" => parsed.no_range = true,
            _ => return Err(format!("serve does not know {word}")),
        }
    }
    Ok(parsed)
}
