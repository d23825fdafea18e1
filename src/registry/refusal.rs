//! What a server said no with: FastAPI's `detail` as a text or a list, `error`, `message` (MLflow's), a list
//! of `errors` (an OCI registry's), plain text, or nothing.

use serde_json::Value;

use super::http::Answer;
use crate::source::http::Key;

/// Characters of a server's own words that are shown.
const WORDS: usize = 300;

/// A server said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Status.
    pub status: u16,
    /// Its words, without the key; empty when it had none worth showing.
    pub words: String,
    /// It knows no such route: the whole feature is missing, not one thing.
    is_unrouted: bool,
}

impl Refusal {
    /// Reads an answer that is none of success.
    pub fn new(answer: &Answer, key: Option<&Key>) -> Self {
        let said = said(answer);
        // What FastAPI says of a path that it has no route for; of a thing that is missing, servers say which.
        let is_unrouted = said.is_empty() || said.eq_ignore_ascii_case("not found");
        let said = key.map_or(said.clone(), |key| key.scrub(&said));
        Self { status: answer.status, words: said.chars().take(WORDS).collect(), is_unrouted }
    }

    /// Whether it means that the server does not offer the endpoint at all, and not only this thing.
    pub fn is_not_offered(&self) -> bool {
        matches!(self.status, 405 | 422 | 501) || self.status == 404 && self.is_unrouted
    }

    /// What the status means for the user.
    fn meaning(&self) -> &'static str {
        match self.status {
            400 => "the request does not fit this server",
            401 => "it wants a key, or does not accept this one",
            402 => "it wants the account to be paid for",
            403 => "this key may not do that",
            404 | 410 => "it is not there",
            408 | 504 => "it took too long",
            409 => "it is so already, or something else is being done with it",
            422 => "it does not understand the request",
            425 => "it is still being made",
            429 => "too many requests in a short time",
            503 => "it is busy, or being made ready",
            500.. => "it failed",
            _ => "this is not an answer of a registry",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the server answered {}: {}", self.status, self.meaning())?;
        if self.words.is_empty() { Ok(()) } else { write!(f, " (\"{}\")", self.words) }
    }
}

/// The words in the body.
fn said(answer: &Answer) -> String {
    if let Ok(value) = serde_json::from_slice::<Value>(&answer.body) {
        let found = ["detail", "error", "message", "errors"].into_iter().find_map(|name| value.get(name));
        return match found {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => items.iter().map(one_detail).collect::<Vec<_>>().join("; "),
            Some(Value::Object(inner)) => inner.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            _ => String::new(),
        };
    }
    let text = String::from_utf8_lossy(&answer.body);
    let is_page = text.trim_start().starts_with('<');
    if is_page { "a page for people came instead of data".to_owned() } else { text.trim().to_owned() }
}

/// `body.tinker_path: Field required`.
fn one_detail(item: &Value) -> String {
    let member = |name| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let message = ["msg", "message", "code"].into_iter().find_map(member);
    let message = message.or_else(|| item.as_str()).unwrap_or_default();
    let place = super::json::list(item, "loc").iter();
    let place = place.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
    let place = place.collect::<Vec<_>>().join(".");
    if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::http::Scheme;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::new(&Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }, None)
    }

    #[test]
    fn the_servers_words_are_found_wherever_they_are() {
        for (body, words) in [
            (r#"{"detail":"Model not found"}"#, "Model not found"),
            (
                r#"{"detail":[{"type":"missing","loc":["body","tinker_path"],"msg":"Field required","input":{}}]}"#,
                "body.tinker_path: Field required",
            ),
            (
                r#"{"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error"}]}"#,
                "body.1: JSON decode error",
            ),
            (r#"{"error":"no such run"}"#, "no such run"),
            (r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"Model x not found"}"#, "Model x not found"),
            (r#"{"errors":[{"code":"NAME_UNKNOWN","message":"unknown"},{"code":"DENIED"}]}"#, "unknown; DENIED"),
            (r#"{"error":{"code":5,"message":"inner"}}"#, "inner"),
            ("Internal Server Error", "Internal Server Error"),
            ("<html><body>502 Bad Gateway</body></html>", "a page for people came instead of data"),
            ("", ""),
            ("{}", ""),
            (r#"{"detail":null}"#, ""),
        ] {
            assert_eq!(refusal(400, body).words, words, "{body}");
        }
        let told = refusal(404, r#"{"detail":"Model not found"}"#).to_string();
        assert_eq!(told, "the server answered 404: it is not there (\"Model not found\")");
    }

    #[test]
    fn a_missing_endpoint_is_told_apart_from_a_missing_thing() {
        assert!(refusal(404, r#"{"detail":"Not Found"}"#).is_not_offered());
        assert!(refusal(405, r#"{"detail":"Method Not Allowed"}"#).is_not_offered());
        assert!(refusal(422, r#"{"detail":[]}"#).is_not_offered() && refusal(501, "").is_not_offered());
        assert!(!refusal(404, r#"{"detail":"Checkpoint not found: a/b"}"#).is_not_offered());
        assert!(!refusal(500, "Internal Server Error").is_not_offered());
        assert!(!refusal(403, r#"{"detail":"Invalid API key"}"#).is_not_offered());
    }

    #[test]
    fn a_key_that_a_server_repeats_is_not_shown_and_long_words_are_cut() {
        let key = Key::new("tml-secretsecretsecret", "https://x.example", Scheme::ApiKey).unwrap();
        let body = br#"{"detail":"bad key tml-secretsecretsecret"}"#.to_vec();
        let told = Refusal::new(&Answer { status: 401, body, ..Answer::default() }, Some(&key)).to_string();
        assert!(!told.contains("secretsecret") && told.contains("wants a key"), "{told}");
        assert_eq!(refusal(500, &"x".repeat(9999)).words.len(), WORDS);
    }
}
