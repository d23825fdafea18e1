//! `cargo xtask fuzz`: runs the fuzz targets, each for a while, starting from the fixtures.

use crate::process::{Result, root, run, say, with_args};
use crate::setup;
use std::fs;

const SECONDS: u64 = 60;
// Inputs that take longer are findings too: the page promises to stay alive.
const SECONDS_PER_INPUT: u64 = 10;
/// Enough for every structure; a longer one of a compressed format is slow to go through and finds nothing else.
const BYTES_PER_INPUT: u64 = 128 << 10;

/// No input of that length has a reason to ask for more at once.
const MEGABYTES_PER_ALLOCATION: u64 = 128;

/// The command.
pub fn command(args: &[String]) -> Result {
    let (chosen, seconds) = parse(args)?;
    let known = targets()?;
    if let Some(target) = chosen.iter().find(|target| !known.contains(target)) {
        return Err(format!("there is no target {target}; there are: {}", known.join(", ")));
    }
    setup::ensure(setup::FUZZING)?;
    let targets = if chosen.is_empty() { known } else { chosen };
    let mut failed = Vec::new();
    for target in &targets {
        say("fuzz", &format!("{target}, {seconds} s"));
        if let Err(sentence) = fuzz(target, seconds) {
            say("fuzz", &format!("{target} FAILED: {sentence}"));
            failed.push(target.as_str());
        }
    }
    println!("{} passed, {} failed", targets.len() - failed.len(), failed.len());
    let keep = "the input is in fuzz/artifacts; it belongs in tests/crashes with a name";
    if failed.is_empty() { Ok(()) } else { Err(format!("{} failed; {keep}", failed.join(", "))) }
}

fn fuzz(target: &str, seconds: u64) -> Result {
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(root().join(&corpus)).map_err(|cause| format!("{corpus}: {cause}"))?;
    let mut folders = vec![corpus.as_str()];
    // libFuzzer reads these folders with everything in them, and writes only to the first.
    folders.extend(["tests/fixtures", "tests/crashes"].into_iter().filter(|folder| root().join(folder).is_dir()));
    let mut command = with_args("rustup", ["run", "nightly", "cargo", "fuzz", "run", target]);
    command.args(folders).arg("--");
    command.args([format!("-max_total_time={seconds}"), format!("-timeout={SECONDS_PER_INPUT}")]);
    command.args([format!("-max_len={BYTES_PER_INPUT}"), format!("-malloc_limit_mb={MEGABYTES_PER_ALLOCATION}")]);
    run(&mut command)
}

/// The names of the targets, sorted.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut targets: Vec<String> = names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
    targets.sort();
    Ok(targets)
}

fn parse(args: &[String]) -> Result<(Vec<String>, u64)> {
    let (mut targets, mut seconds) = (Vec::new(), SECONDS);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => {
                let number = words.next().and_then(|value| value.parse().ok());
                seconds = number.ok_or("--seconds needs a whole number")?;
            }
            word if word.starts_with('-') => return Err(format!("fuzz does not know {word}")),
            target => targets.push(target.to_owned()),
        }
    }
    Ok((targets, seconds))
}
