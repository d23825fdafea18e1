//! A credential: in memory only, shown masked, and sent only where it belongs.

/// An API key, with the origin that it may be sent to.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    secret: String,
    origin: String,
}

/// Characters shown at the start of a masked key: `tml-` or `eyJ` and no more than tells two keys apart.
const SHOWN: usize = 6;

impl Key {
    /// A key for the server at `base`. Blanks around a pasted key are dropped.
    ///
    /// # Errors
    /// In words, when it cannot be a header's value, or the base is not a web address.
    pub fn new(secret: &str, base: &str) -> Result<Self, String> {
        let secret = secret.trim();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a key is one word of plain characters: this one has blanks or others in it".to_owned());
        }
        let origin = origin(base).ok_or("the address of the server is not a web address")?;
        Ok(Self { secret: secret.to_owned(), origin })
    }

    /// The secret, when `url` is on its origin.
    pub fn for_url(&self, url: &str) -> Option<&str> {
        (origin(url)? == self.origin).then_some(self.secret.as_str())
    }

    /// `tml-ab…`: enough to tell which it is. A short key is not shown at all.
    pub fn masked(&self) -> String {
        let shown = self.secret.get(..SHOWN).filter(|_| self.secret.len() >= SHOWN.saturating_mul(3));
        format!("{}…", shown.unwrap_or_default())
    }

    /// Takes the key out of a text that a server sent: some repeat what they were sent.
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.secret, &self.masked())
    }
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
        let key = Key::new("  tml-secretsecretsecret\n", "https://x.example/services/prod").unwrap();
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
        let key = Key::new("tml-secretsecretsecret", "https://x.example").unwrap();
        assert_eq!((key.masked().as_str(), format!("{key:?}").as_str()), ("tml-se…", "Key(…)"));
        assert_eq!(key.scrub("bad key tml-secretsecretsecret!"), "bad key tml-se…!");
        assert_eq!(Key::new("tml-short", "https://x.example").unwrap().masked(), "…");
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_without_repeating_it() {
        for wrong in ["", " ", "a b", "a\nb", "ключ"] {
            let words = Key::new(wrong, "https://x.example").unwrap_err();
            assert!(
                words.contains("plain characters") && (wrong.trim().is_empty() || !words.contains(wrong)),
                "{wrong:?}"
            );
        }
        assert!(Key::new("tml-a", "ftp://x.example").is_err());
    }
}
