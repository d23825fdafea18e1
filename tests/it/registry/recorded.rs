//! `tests/fixtures/registry`: one `curl -i` a file. The command, and the answer to it.

use std::fs;

use weighbridge::registry::Answer;

use crate::support;

/// One exchange.
pub(super) struct Exchange {
    pub(super) file: String,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) body: Option<String>,
    pub(super) answer: Answer,
}

/// The exchanges with one server, in order.
pub(super) fn exchanges(server: &str) -> Vec<Exchange> {
    let folder = support::root().join("registry").join(server);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let (command, rest) = text.strip_prefix("$ curl -i ")?.split_once('\n')?;
        let rest = rest.trim_start_matches('\n');
        let words: Vec<&str> = command.split(' ').collect();
        let after = |flag: &str| Some((*words.get(words.iter().position(|word| *word == flag)? + 1)?).to_owned());
        let body = command.split_once(" -d ").and_then(|(_, rest)| Some(rest.rsplit_once(" http")?.0.to_owned()));
        let method = after("-X").unwrap_or_else(|| if words.contains(&"-I") { "HEAD" } else { "GET" }.to_owned());
        let url = (*words.last()?).to_owned();
        let file = path.file_name()?.to_string_lossy().into_owned();
        Some(Exchange { file, method, url, body, answer: answer(rest) })
    };
    paths.into_iter().filter_map(read).collect()
}

/// An answer as `curl -i` shows it.
pub(super) fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    // Some bodies end in a line end of their own.
    let told = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, len)| len.parse().ok());
    let whole = told.and_then(|len: usize| body.as_bytes().get(..len));
    Answer { status, headers, body: whole.unwrap_or_else(|| body.trim_end_matches('\n').as_bytes()).to_vec() }
}

/// The answer in the file whose name starts so.
pub(super) fn recorded(server: &str, file: &str) -> Answer {
    let found = exchanges(server).into_iter().find(|exchange| exchange.file.starts_with(file));
    found.unwrap_or_else(|| panic!("{server}/{file}")).answer
}
