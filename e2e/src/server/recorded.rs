//! Answers of real servers, as `curl -i` saw them: `tests/fixtures/registry`, one exchange a file.

use super::{Asked, Reply};
use crate::Result;
use crate::fixtures::fixture;
use std::fs;

struct Exchange {
    method: String,
    path: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// All that was recorded of one server.
pub struct Recorded(Vec<Exchange>);

impl Recorded {
    /// Reads them.
    pub fn of(server: &str) -> Result<Recorded> {
        let folder = fixture("registry").join(server);
        let failed = |cause: std::io::Error| format!("{}: {cause}", folder.display());
        let entries: std::io::Result<Vec<_>> = fs::read_dir(&folder).map_err(failed)?.collect();
        let mut paths: Vec<_> = entries.map_err(failed)?.into_iter().map(|entry| entry.path()).collect();
        paths.sort();
        let texts = paths.iter().map(fs::read_to_string).collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
        Ok(Recorded(texts.iter().filter_map(|text| exchange(text)).collect()))
    }

    /// What was answered to this method and path, whatever the query: lists were recorded with other page lengths. 404 to
    /// what was not recorded.
    pub fn answer(&self, asked: &Asked) -> Reply {
        let is_it = |exchange: &&Exchange| exchange.method == asked.method && exchange.path == asked.path();
        let Some(found) = self.0.iter().find(is_it) else {
            return Reply::json(404, r#"{"detail":"Not Found"}"#);
        };
        // The length is that of what is sent; the recorded one would be another's CORS.
        let is_kept = |name: &str| name != "content-length" && !name.starts_with("access-control-");
        let kept = found.headers.iter().filter(|(name, _)| is_kept(name));
        kept.fold(Reply::bytes(found.status, found.body.as_str()), |reply, (name, value)| reply.with(name, value))
    }
}

fn exchange(text: &str) -> Option<Exchange> {
    let (command, answer) = text.strip_prefix("$ curl -i ")?.split_once("\n\n")?;
    let words: Vec<&str> = command.split(' ').collect();
    let after = |flag: &str| words.iter().skip_while(|word| **word != flag).nth(1).map(|word| (*word).to_owned());
    let method = after("-X").unwrap_or_else(|| if words.contains(&"-I") { "HEAD" } else { "GET" }.to_owned());
    let path = words.last()?.splitn(4, '/').nth(3)?.split('?').next()?;
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Some(Exchange { method, path: format!("/{path}"), status, headers, body: body.trim_end_matches('\n').to_owned() })
}
