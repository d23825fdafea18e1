//! The words after `cargo xtask bench`.

use std::path::PathBuf;
use xtask::process::Result;

/// What the command prints when it is asked for help.
pub const HELP: &str = "\
cargo xtask bench [--runs N]     each figure is the median of N runs (3)
                  [--only ROW]   only this row; may be given several times
                  [--json FILE]  also write every sample to FILE
                  [--check]      fail if a target is missed
                  [--no-build]   measure what is in dist/ already
                  [--clean]      afterwards, delete the inputs and the installed rivals
";

/// The command's options.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// How often each thing is measured.
    pub runs: usize,
    /// The ids of the rows to measure; empty for all.
    pub only: Vec<String>,
    /// Where the samples go as JSON.
    pub json: Option<PathBuf>,
    /// Whether a missed target is a failure.
    pub check: bool,
    /// Whether the site is built first.
    pub build: bool,
    /// Whether inputs and rivals are deleted afterwards.
    pub clean: bool,
    /// Only the help is wanted.
    pub help: bool,
}

/// Reads the options.
pub fn parse(words: &[String]) -> Result<Args> {
    let mut args = Args { runs: 3, only: Vec::new(), json: None, check: false, build: true, clean: false, help: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--runs" => args.runs = runs(value()?)?,
            "--only" => args.only.extend(value()?.split(',').map(str::to_owned)),
            "--json" => args.json = Some(PathBuf::from(value()?)),
            "--check" => args.check = true,
            "--no-build" => args.build = false,
            "--clean" => args.clean = true,
            "--help" | "-h" => args.help = true,
            _ => return Err(format!("bench does not know {word}\n{HELP}")),
        }
    }
    Ok(args)
}

fn runs(word: &str) -> Result<usize> {
    word.parse().ok().filter(|runs| *runs > 0).ok_or_else(|| format!("--runs needs a number above 0, not {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Args> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn rows_can_be_listed_or_repeated() {
        assert_eq!(parsed("--only a,b --only c").unwrap().only, ["a", "b", "c"]);
    }

    #[test]
    fn no_run_at_all_is_refused() {
        assert!(parsed("--runs 0").is_err());
        assert_eq!(parsed("").unwrap().runs, 3);
    }
}
