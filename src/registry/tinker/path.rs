//! `tinker://RUN/KIND/NAME`: exactly three segments, case sensitive. Where a server's own ids disagree (with or without
//! the kind in front), the path is believed.

use std::fmt;

/// What a checkpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Weights and optimizer, to go on training.
    Training,
    /// Weights to sample from.
    Sampler,
    /// Weights as files for other programs.
    External,
}

impl Kind {
    /// As paths write it.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Training => "weights",
            Self::Sampler => "sampler_weights",
            Self::External => "external_weights",
        }
    }

    /// As lists and people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Sampler => "sampler",
            Self::External => "external",
        }
    }

    /// From either spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Training, Self::Sampler, Self::External]
            .into_iter()
            .find(|kind| kind.segment() == text || kind.name() == text)
    }
}

/// The address of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TinkerPath {
    /// The training run.
    pub run: String,
    /// What it is for.
    pub kind: Kind,
    /// Its name in the run.
    pub name: String,
}

impl TinkerPath {
    /// Reads a path; `None` for anything but three segments of which the second is a kind.
    pub fn parse(text: &str) -> Option<Self> {
        let mut segments = text.strip_prefix("tinker://")?.split('/');
        let (run, kind, name) = (segments.next()?, segments.next()?, segments.next()?);
        let kind = Kind::parse(kind).filter(|found| found.segment() == kind)?;
        let is_whole = segments.next().is_none() && !run.is_empty() && !name.is_empty();
        is_whole.then(|| Self { run: run.to_owned(), kind, name: name.to_owned() })
    }

    /// Kind and name, as the endpoints want them.
    pub fn id(&self) -> String {
        format!("{}/{}", self.kind.segment(), self.name)
    }
}

impl fmt::Display for TinkerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tinker://{}/{}/{}", self.run, self.kind.segment(), self.name)
    }
}

/// A segment of a URL's path. Production's run ids have colons, which may stand there as they are.
pub(in crate::registry) fn escaped(segment: &str) -> String {
    let mut out = String::new();
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    // A browser would resolve these, escaped or not.
    if out == "." || out == ".." { out.replace('.', "%252E") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_segments_with_a_known_kind_are_a_path() {
        let run = "79db3d29-0000-4000-8000-000000000000:train:0";
        for kind in ["weights", "sampler_weights", "external_weights"] {
            let text = format!("tinker://{run}/{kind}/step-0002");
            let path = TinkerPath::parse(&text).unwrap();
            assert_eq!(
                (path.run.as_str(), path.id(), path.to_string()),
                (run, format!("{kind}/step-0002"), text.clone())
            );
        }
        // SkyRL 0.3.0 gives the first when it saves weights for a sampler.
        for wrong in [
            "tinker://model_1/final",
            "tinker://model_1/training/x",
            "tinker://a/weights/b/c",
            "tinker:///weights/b",
            "tinker://a/weights/",
            "twinkle://a/weights/b",
            "Tinker://a/weights/b",
            "tinker://a/Weights/b",
            "nonsense",
            "",
        ] {
            assert_eq!(TinkerPath::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ids_cannot_leave_their_place_in_a_url() {
        assert_eq!(escaped("a:train:0"), "a:train:0");
        assert_eq!(escaped("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!((escaped(".."), escaped("…")), ("%252E%252E".to_owned(), "%E2%80%A6".to_owned()));
    }
}
