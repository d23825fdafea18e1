//! How one is let in: a registry that answers 401 says where a token is to be had, which then goes with every request to
//! the registry, and to no other origin. The user's own key goes to the registry's origin alone, so to a token service only
//! if that is on the same: elsewhere a token for everyone is asked for.

use serde_json::Value;

use crate::registry::http::{Answer, Request, Wants};
use crate::registry::json::text;
use crate::registry::refusal::Refusal;
use crate::registry::tinker::escaped;
use crate::source::http::{Key, Scheme, host, origin};

/// What is needed to be let in.
#[derive(Debug, Clone)]
pub(super) struct Door {
    base: String,
    /// What the user gave.
    key: Option<Key>,
    /// What the registry wants to see.
    pass: Option<Key>,
    state: State,
    /// The host of a token service on another origin, which was not shown the user's key.
    withheld: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Nobody was asked for anything.
    Fresh,
    /// A token is being asked for, at this address.
    Asking(String),
    /// It was had; another 401 is final.
    Passed,
}

/// What is to be done after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Let {
    /// The answer is one to the question, and a good one.
    In,
    /// Ask [`Door::request`] once more.
    Again,
}

impl Door {
    /// The user's key: `user:password`, or a token.
    pub(super) fn new(base: &str, key: &str) -> Result<Self, String> {
        let scheme = if key.contains(':') { Scheme::Basic } else { Scheme::Bearer };
        let key = if key.trim().is_empty() { None } else { Some(Key::new(key, base, scheme)?) };
        let pass = shown_at_once(key.as_ref());
        Ok(Self { base: base.to_owned(), key, pass, state: State::Fresh, withheld: None })
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// What goes with requests for bytes.
    pub(super) fn pass(&self) -> Option<&Key> {
        self.pass.as_ref()
    }

    /// The request to send for a question: that for a token first, if one is wanted.
    pub(super) fn request(&self, question: Request) -> Request {
        match &self.state {
            State::Asking(url) => Request::bare(url, None, Wants::Body).with_key(self.key.clone()),
            _ => question.with_key(self.pass.clone()),
        }
    }

    /// Takes an answer to [`Door::request`].
    ///
    /// # Errors
    /// In words, when the way in is not known, or shut.
    pub(super) fn answered(&mut self, answer: &Answer) -> Result<Let, String> {
        match &self.state {
            State::Asking(url) => {
                let token = token(answer).ok_or_else(|| {
                    let refusal = Refusal::new(answer, self.key.as_ref());
                    format!("the registry wants a token, and its token service ({}) gave none: {refusal}", host(url))
                })?;
                let is_withheld = |key: &Key| key.scheme() == Scheme::Basic && key.for_url(url).is_none();
                self.withheld = self.key.as_ref().filter(|key| is_withheld(key)).map(|_| host(url).to_owned());
                self.pass = Some(Key::new(&token, &self.base, Scheme::Bearer)?);
                self.state = State::Passed;
                Ok(Let::Again)
            }
            State::Fresh if answer.status == 401 => {
                self.state = self.challenged(answer)?;
                Ok(Let::Again)
            }
            _ if answer.status == 200 => Ok(Let::In),
            _ => Err(self.refused(answer)),
        }
    }

    fn refused(&self, answer: &Answer) -> String {
        let refusal = Refusal::new(answer, self.pass.as_ref().or(self.key.as_ref()));
        let but = self.withheld.as_ref().map(|host| {
            format!(". Your password was not sent to its token service ({host}), which is on another origin")
        });
        format!("{refusal}{}", but.unwrap_or_default())
    }

    fn challenged(&mut self, answer: &Answer) -> Result<State, String> {
        let Some(challenge) = answer.header("www-authenticate") else {
            let refusal = Refusal::new(answer, self.key.as_ref());
            return Err(format!(
                "{refusal}. How to be let in is in a header (WWW-Authenticate) that this page may not read: the registry \
                 has to expose it"
            ));
        };
        if !starts_with(challenge, "basic") {
            return realm(challenge, &self.base).map(State::Asking);
        }
        let password = self.key.clone().filter(|key| key.scheme() == Scheme::Basic);
        self.pass = Some(password.ok_or("the registry wants a name and a password: give them as user:password")?);
        Ok(State::Passed)
    }

    /// For a question about another repository, which has a token of its own.
    pub(super) fn forget(&mut self) {
        if self.pass != self.key {
            (self.pass, self.state) = (shown_at_once(self.key.as_ref()), State::Fresh);
        }
    }
}

/// A token can be shown at once; of a name with a password one is asked first who wants it.
fn shown_at_once(key: Option<&Key>) -> Option<Key> {
    key.filter(|key| key.scheme() == Scheme::Bearer).cloned()
}

/// The address of the token service, with the parameters that the challenge names.
fn realm(challenge: &str, base: &str) -> Result<String, String> {
    let parameter = |name| parameter(challenge, name);
    let unknown = || "the registry wants to see something that is not known here".to_owned();
    let mut url = parameter("realm").filter(|_| starts_with(challenge, "bearer")).ok_or_else(unknown)?;
    let is_secure = url.starts_with("https://") || base.starts_with("http://");
    if origin(&url).is_none() || !is_secure || url.contains('#') {
        return Err("the registry's token service is not at an https address: it is not asked".to_owned());
    }
    for name in ["service", "scope"] {
        if let Some(value) = parameter(name) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={}", escaped(&value)));
        }
    }
    Ok(url)
}

fn starts_with(challenge: &str, scheme: &str) -> bool {
    challenge.trim_start().get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// `name="value"` of a challenge.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let lower = challenge.to_ascii_lowercase();
    let start = format!("{name}=\"");
    let is_whole = |at: &usize| lower.get(..*at).is_some_and(|before| before.ends_with([' ', ',']));
    let at = lower.match_indices(&start).map(|(at, _)| at).find(is_whole)?;
    let value = challenge.get(at.checked_add(start.len())?..)?;
    Some(value.split('"').next().unwrap_or(value).to_owned())
}

fn token(answer: &Answer) -> Option<String> {
    let value: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
    text(&value, "token").or_else(|| text(&value, "access_token")).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, challenge: Option<&str>, body: &str) -> Answer {
        let headers = challenge.map(|text| ("www-authenticate".to_owned(), text.to_owned())).into_iter().collect();
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    fn sent(door: &Door) -> (String, Option<String>) {
        let request = door.request(Request::bare("https://r.example/v2/a/tags/list", None, Wants::Body));
        let header = request.headers().into_iter().find(|(name, _)| *name == "Authorization").map(|(_, value)| value);
        (request.url, header)
    }

    #[test]
    fn a_token_is_asked_for_where_the_registry_says_and_shown_to_it_alone() {
        let mut door = Door::new("https://r.example", "").unwrap();
        assert_eq!(sent(&door).1, None);
        let challenge = r#"Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull""#;
        assert_eq!(door.answered(&answer(401, Some(challenge), "")), Ok(Let::Again));
        let url = "https://auth.example/token?service=r.example&scope=repository:a:pull";
        assert_eq!(sent(&door), (url.to_owned(), None));
        assert_eq!(door.answered(&answer(200, None, r#"{"token":"t0ken","expires_in":60}"#)), Ok(Let::Again));
        assert_eq!(sent(&door).1.as_deref(), Some("Bearer t0ken"));
        assert_eq!(door.pass().unwrap().for_url("https://auth.example/"), None);
        assert_eq!(door.answered(&answer(200, None, "{}")), Ok(Let::In));
        assert!(door.answered(&answer(401, Some(challenge), "")).is_err(), "no second time");
        door.forget();
        assert_eq!((sent(&door).1, door.answered(&answer(401, Some(challenge), ""))), (None, Ok(Let::Again)));
    }

    #[test]
    fn the_users_password_goes_to_the_registrys_own_origin_only() {
        for (realm, expected) in
            [("https://r.example/token", Some("Basic YW5uOnNlY3JldA==")), ("https://auth.example/token", None)]
        {
            let mut door = Door::new("https://r.example", "ann:secret").unwrap();
            assert_eq!(sent(&door).1, None, "nobody asked for it yet");
            door.answered(&answer(401, Some(&format!("Bearer realm=\"{realm}\"")), "")).unwrap();
            assert_eq!(sent(&door).1.as_deref(), expected, "{realm}");
        }
        let mut door = Door::new("https://r.example", "ann:secret").unwrap();
        door.answered(&answer(401, Some("Basic realm=\"x\""), "")).unwrap();
        assert_eq!(sent(&door).1.as_deref(), Some("Basic YW5uOnNlY3JldA=="));
        assert_eq!(sent(&Door::new("https://r.example", "tok").unwrap()).1.as_deref(), Some("Bearer tok"));
        // What was withheld may be why it is refused: that is said.
        for (realm, is_said) in [("https://auth.example/t", true), ("https://r.example/t", false)] {
            let mut door = Door::new("https://r.example", "ann:secret").unwrap();
            door.answered(&answer(401, Some(&format!("Bearer realm=\"{realm}\"")), "")).unwrap();
            door.answered(&answer(200, None, r#"{"token":"t0ken"}"#)).unwrap();
            let why = door.answered(&answer(401, None, "")).unwrap_err();
            assert_eq!(why.contains("was not sent to its token service (auth.example)"), is_said, "{why}");
        }
    }

    #[test]
    fn ways_in_that_are_none_are_refused_in_words() {
        for (challenge, words) in [
            (None, "WWW-Authenticate"),
            (Some("Digest realm=\"x\""), "not known here"),
            (Some("Bearer realm=\"http://auth.example/\""), "https"),
            (Some("Bearer realm=\"file:///etc/passwd\""), "https"),
            (Some("Basic realm=\"x\""), "user:password"),
            (Some("Bearer"), "not known here"),
        ] {
            let mut door = Door::new("https://r.example", "").unwrap();
            let why = door.answered(&answer(401, challenge, "")).unwrap_err();
            assert!(why.contains(words), "{challenge:?}: {why}");
        }
        let mut door = Door::new("https://r.example", "ann:secretsecret").unwrap();
        door.answered(&answer(401, Some("Bearer realm=\"https://r.example/t\""), "")).unwrap();
        let body = r#"{"errors":[{"code":"DENIED","message":"ann:secretsecret is wrong"}]}"#;
        let why = door.answered(&answer(403, None, body)).unwrap_err();
        assert!(why.contains("r.example") && why.contains("is wrong") && !why.contains("secretsecret"), "{why}");
    }
}
