//! What the address of the page says after its `#`: which page, and what is chosen on it. Hosts never see it.

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// What is this?
    #[default]
    Overview,
    /// Every tensor.
    Tensors,
    /// Every file.
    Files,
    /// Metrics over steps.
    Metrics,
    /// Configuration documents.
    Config,
    /// Is it intact?
    Integrity,
    /// Is it safe to load?
    Safety,
    /// What changed?
    Compare,
    /// What may go?
    Retention,
    /// Save a report.
    Export,
    /// What is in the registry?
    Registry,
}

impl Page {
    /// Every page, in the order of the tabs and of the number keys.
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Tensors,
        Self::Files,
        Self::Metrics,
        Self::Config,
        Self::Integrity,
        Self::Safety,
        Self::Compare,
        Self::Retention,
        Self::Export,
        Self::Registry,
    ];

    /// Its name in the address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Tensors => "tensors",
            Self::Files => "files",
            Self::Metrics => "metrics",
            Self::Config => "config",
            Self::Integrity => "integrity",
            Self::Safety => "safety",
            Self::Compare => "compare",
            Self::Retention => "retention",
            Self::Export => "export",
            Self::Registry => "registry",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Tensors => "Tensors",
            Self::Files => "Files",
            Self::Metrics => "Metrics",
            Self::Config => "Config",
            Self::Integrity => "Integrity",
            Self::Safety => "Safety",
            Self::Compare => "Compare",
            Self::Retention => "Retention",
            Self::Export => "Export",
            Self::Registry => "Registry",
        }
    }

    /// The page with this name in the address.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.id() == id)
    }
}

/// A page and what is chosen on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The page; `None` for the start of the site.
    pub page: Option<Page>,
    /// Names and values, in order.
    pub query: Vec<(String, String)>,
}

impl Route {
    /// Reads a fragment: `#/tensors?q=dtype%3Abf16`. What it does not understand it leaves out.
    pub fn parse(fragment: &str) -> Self {
        let text = fragment.trim_start_matches('#').trim_start_matches('/');
        let (page, query) = text.split_once('?').unwrap_or((text, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self { page: Page::from_id(page), query: query.collect() }
    }

    /// The fragment again.
    pub fn fragment(&self) -> String {
        let mut text = format!("#/{}", self.page.map_or("", Page::id));
        for (at, (name, value)) in self.query.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(&encode(name));
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }

    /// What is chosen under `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same with another choice under `name`; an empty one is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.query.retain(|(key, _)| key != name);
        if !value.is_empty() {
            self.query.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' | b':' | b',' | b'*' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_survives_the_round_trip() {
        let route = Route { page: Some(Page::Tensors), query: Vec::new() }
            .with("q", "dtype:bf16 shape:4096,* >1M & 100 %")
            .with("t", "blöcke.0.weight");
        let fragment = route.fragment();
        assert_eq!(fragment, "#/tensors?q=dtype:bf16%20shape:4096,*%20%3E1M%20%26%20100%20%25&t=bl%C3%B6cke.0.weight");
        assert_eq!(Route::parse(&fragment), route);
    }

    #[test]
    fn nonsense_is_the_start_of_the_site() {
        assert_eq!(Route::parse(""), Route::default());
        assert_eq!(Route::parse("#/nowhere").page, None);
        assert_eq!(Route::parse("#tensors?q=%zz%4").get("q"), Some("%zz%4"));
        assert_eq!(Route::parse("#/files").page, Some(Page::Files));
    }

    #[test]
    fn a_choice_is_replaced_or_left_out() {
        let route = Route::parse("#/tensors?q=a&q=b").with("q", "c");
        assert_eq!(route.fragment(), "#/tensors?q=c");
        assert_eq!(route.with("q", "").fragment(), "#/tensors");
    }
}
