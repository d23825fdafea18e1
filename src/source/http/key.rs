//! A credential: in memory only, shown masked, and sent only where it belongs.

use serde::{Deserialize, Serialize};

/// How a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// `X-API-Key`: browsers would carry it along with a redirect to elsewhere.
    ApiKey,
    /// `Authorization: Bearer`: browsers drop it when a redirect leads to another origin.
    Bearer,
    /// `Authorization: Basic`: the key is `user:password`. Dropped like the other.
    Basic,
}

/// A key, with the origin that it may be sent to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    secret: String,
    origin: String,
    scheme: Scheme,
}

/// Characters shown at the start of a masked key: `tml-` or `eyJ` and no more than tells two keys apart.
const SHOWN: usize = 6;
/// Characters of the shortest secret worth the name.
const SECRET: usize = 8;

impl Key {
    /// A key for the server at `base`. Blanks around a pasted key are dropped.
    ///
    /// # Errors
    /// In words, when it cannot be a header's value, or the base is not a web address.
    pub fn new(secret: &str, base: &str, scheme: Scheme) -> Result<Self, String> {
        let secret = secret.trim();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a key is one word of plain characters: this one has blanks or others in it".to_owned());
        }
        let origin = origin(base).ok_or("the address of the server is not a web address")?;
        Ok(Self { secret: secret.to_owned(), origin, scheme })
    }

    /// The secret, when `url` is on its origin.
    pub fn for_url(&self, url: &str) -> Option<&str> {
        (origin(url)? == self.origin).then_some(self.secret.as_str())
    }

    /// The header that carries it to `url`: name and value. None for another origin; and none with a redirect that may
    /// lead there, unless browsers drop it on the way.
    pub fn header(&self, url: &str, is_led_on: bool) -> Option<(&'static str, String)> {
        let secret = self.for_url(url)?;
        match self.scheme {
            Scheme::ApiKey if is_led_on => None,
            Scheme::ApiKey => Some(("X-API-Key", secret.to_owned())),
            Scheme::Bearer => Some(("Authorization", format!("Bearer {secret}"))),
            Scheme::Basic => Some(("Authorization", format!("Basic {}", base64(secret.as_bytes())))),
        }
    }

    /// How it is sent.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `tml-ab…`: enough to tell which it is. A short key is not shown at all; of a name and a password neither is.
    pub fn masked(&self) -> String {
        let is_long = self.secret.len() >= SHOWN.saturating_mul(3) && self.scheme != Scheme::Basic;
        format!("{}…", self.secret.get(..SHOWN).filter(|_| is_long).unwrap_or_default())
    }

    /// Takes the key out of a text that a server sent: some repeat what they were sent.
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.secret, &self.masked())
    }

    /// Takes the key out of a whole answer, whose names and values may be shown. Words shorter than a secret are left:
    /// a server that takes any key is sent "x", and answers are full of it.
    pub fn scrub_body(&self, body: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(body);
        let is_there = self.secret.len() >= SECRET && text.contains(&self.secret);
        if is_there { self.scrub(&text).into_bytes() } else { body.to_vec() }
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for (at, shift) in [18_u32, 12, 6, 0].into_iter().enumerate() {
            let letter = usize::try_from(bits >> shift & 63).ok().and_then(|at| LETTERS.get(at)).copied();
            text.push(if at <= chunk.len() { char::from(letter.unwrap_or(b'=')) } else { '=' });
        }
    }
    text
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Scheme, host and port of a web address, in lower case and with the port written out: who gets what is sent there.
pub fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#', '\\']).next()?.to_ascii_lowercase();
    if authority.is_empty() || authority.contains('@') || !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let authority = authority.trim_end_matches(':');
    Some(if has_port { format!("{scheme}://{authority}") } else { format!("{scheme}://{authority}:{port}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_to_its_own_origin_and_nowhere_else() {
        let key = Key::new("  tml-secretsecretsecret\n", "https://x.example/services/prod", Scheme::ApiKey).unwrap();
        for own in ["https://x.example/a", "https://X.EXAMPLE:443/b?c", "HTTPS://x.example"] {
            assert_eq!(key.for_url(own), Some("tml-secretsecretsecret"), "{own}");
        }
        for other in [
            "http://x.example/a",
            "https://x.example:444/a",
            "https://x.example.evil/a",
            "https://evil/?https://x.example",
            "https://x.example@evil/a",
            "https://evil#@x.example/",
            "file:///etc/passwd",
            "//x.example/a",
            "https://evil\\x.example/",
            "https://sub.x.example/",
        ] {
            assert_eq!(key.for_url(other), None, "{other}");
        }
    }

    #[test]
    fn a_key_is_never_shown_whole() {
        let key = Key::new("tml-secretsecretsecret", "https://x.example", Scheme::ApiKey).unwrap();
        assert_eq!((key.masked().as_str(), format!("{key:?}").as_str()), ("tml-se…", "Key(…)"));
        assert_eq!(key.scrub("bad key tml-secretsecretsecret!"), "bad key tml-se…!");
        assert_eq!(key.scrub_body(b"[\"tml-secretsecretsecret\"]"), "[\"tml-se…\"]".as_bytes());
        assert_eq!(key.scrub_body(b"\xff\0"), b"\xff\0");
        let short = Key::new("x", "https://x.example", Scheme::ApiKey).unwrap();
        assert_eq!(short.scrub_body(b"{\"max\":1}"), b"{\"max\":1}");
        assert_eq!(Key::new("tml-short", "https://x.example", Scheme::ApiKey).unwrap().masked(), "…");
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_without_repeating_it() {
        for wrong in ["", " ", "a b", "a\nb", "ключ"] {
            let words = Key::new(wrong, "https://x.example", Scheme::ApiKey).unwrap_err();
            assert!(
                words.contains("plain characters") && (wrong.trim().is_empty() || !words.contains(wrong)),
                "{wrong:?}"
            );
        }
        assert!(Key::new("tml-a", "ftp://x.example", Scheme::ApiKey).is_err());
    }

    #[test]
    fn each_scheme_has_its_header_and_only_some_follow_redirects() {
        let header = |secret: &str, scheme, is_led_on| {
            let key = Key::new(secret, "https://x.example", scheme).unwrap();
            assert_eq!(key.header("https://y.example/", is_led_on), None);
            key.header("https://x.example/a", is_led_on).map(|(name, value)| format!("{name}: {value}"))
        };
        assert_eq!(header("tml-1", Scheme::ApiKey, false).as_deref(), Some("X-API-Key: tml-1"));
        assert_eq!(header("tml-1", Scheme::ApiKey, true), None);
        assert_eq!(header("hf_1", Scheme::Bearer, true).as_deref(), Some("Authorization: Bearer hf_1"));
        // printf 'ann:secret' | base64, and so on.
        for (secret, expected) in
            [("ann:secret", "YW5uOnNlY3JldA=="), ("a:bc", "YTpiYw=="), ("a:b", "YTpi"), ("a:", "YTo=")]
        {
            assert_eq!(header(secret, Scheme::Basic, true), Some(format!("Authorization: Basic {expected}")));
        }
        let basic = Key::new("ann:a-long-password-indeed", "https://x.example", Scheme::Basic).unwrap();
        assert_eq!(basic.masked(), "…");
    }
}
