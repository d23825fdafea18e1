//! Running other programs: where they are looked for, what is shown, and what a failure says.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::{env, thread};

/// Every step either did its work or says in one sentence why not.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The repository's root folder.
pub fn root() -> PathBuf {
    // Set by `cargo run`; the compiled-in value is for a binary started by hand.
    let own =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.ancestors().find(|dir| dir.join("Trunk.toml").is_file()).map_or(own.clone(), Path::to_path_buf)
}

/// Prints the one line a step has to say.
pub fn say(step: &str, text: &str) {
    println!("{step:>14}  {text}");
}

/// Where `cargo install` puts programs, whether or not that is on PATH.
pub fn cargo_bin() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let root = env::var_os("CARGO_INSTALL_ROOT").or_else(|| env::var_os("CARGO_HOME")).map(PathBuf::from);
    root.or_else(home).unwrap_or_default().join("bin")
}

/// Where a tool goes when another version of it is already installed for the user's other projects.
pub fn own_tools() -> PathBuf {
    root().join("target").join("tools")
}

/// The folders searched for programs, in order; children get them as their PATH.
pub fn search_path() -> Vec<PathBuf> {
    let mut path = vec![own_tools().join("bin"), root().join("node_modules").join(".bin"), cargo_bin()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    path
}

/// Finds a program in the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    search_path().into_iter().map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// A command in the repository's root, with our search path.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(find(program).unwrap_or_else(|| PathBuf::from(program)));
    let path = env::join_paths(search_path()).unwrap_or_else(|_| env::var_os("PATH").unwrap_or_default());
    command.current_dir(root()).env("PATH", path);
    command
}

/// A command with its arguments.
pub fn with_args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(program: &str, args: I) -> Command {
    let mut command = command(program);
    command.args(args);
    command
}

/// Runs a command, its output shown as it comes.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|cause| format!("{}: {cause}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

/// Runs a command and shows what it said only if it fails.
pub fn run_quietly(command: &mut Command) -> Result {
    let output = command.stdin(Stdio::null()).output().map_err(|cause| format!("{}: {cause}", shown(command)))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{} failed ({})\n{}", shown(command), output.status, String::from_utf8_lossy(&said).trim_end()))
}

/// What a command prints on its standard output, if it succeeds.
pub fn capture(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command, its output shown as it comes, and hands every line to `look` as well.
pub fn run_watched(command: &mut Command, look: &mut (dyn FnMut(&str) + Send)) -> Result {
    let failed = |cause: std::io::Error| cause.to_string();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let look = Mutex::new(look);
    let tell = |line: &str| {
        if let Ok(mut look) = look.lock() {
            look(line);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| copy_lines(out, &mut std::io::stdout(), &tell));
        scope.spawn(|| copy_lines(err, &mut std::io::stderr(), &tell));
    });
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

fn copy_lines(from: Option<impl Read>, to: &mut dyn Write, tell: &dyn Fn(&str)) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        // A closed terminal must not stop the run.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        tell(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().map_or_else(OsString::new, OsStr::to_os_string);
    let words = std::iter::once(name.as_os_str()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
