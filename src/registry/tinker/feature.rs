//! What a server offers. Half of the endpoints are missing somewhere; what is missing is hidden, with a word why.

use crate::registry::refusal::Refusal;

/// Something that not every server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Saying whose key it is.
    Whose,
    /// One list of the checkpoints of all runs.
    AllCheckpoints,
    /// What is known of some weights.
    WeightsInfo,
    /// Archives of checkpoints.
    Archive,
    /// Addresses of the files of a checkpoint.
    FileUrls,
    /// Making a checkpoint public, and private again.
    Publish,
    /// An end to a checkpoint's life.
    Ttl,
    /// Deleting a checkpoint.
    Delete,
    /// Copying a checkpoint.
    Copy,
    /// Sessions.
    Sessions,
}

impl Feature {
    /// What it is, as a person says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whose => "telling whose key it is",
            Self::AllCheckpoints => "one list of all checkpoints",
            Self::WeightsInfo => "facts about weights",
            Self::Archive => "archives",
            Self::FileUrls => "addresses of files",
            Self::Publish => "publishing",
            Self::Ttl => "expiry",
            Self::Delete => "deleting",
            Self::Copy => "copying",
            Self::Sessions => "sessions",
        }
    }
}

/// What is known of one server's features.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    there: Vec<Feature>,
    missing: Vec<(Feature, u16)>,
}

impl Features {
    /// The server did it.
    pub fn is_there(&mut self, feature: Feature) {
        if !self.there.contains(&feature) {
            self.there.push(feature);
        }
    }

    /// The server said no; true when it does not offer the feature at all. A feature that worked before stays.
    pub fn refused(&mut self, feature: Feature, refusal: &Refusal) -> bool {
        let is_missing = refusal.is_not_offered() && !self.there.contains(&feature);
        if is_missing && self.may(feature) {
            self.missing.push((feature, refusal.status));
        }
        is_missing
    }

    /// Whether it may be tried: nothing says that it is missing.
    pub fn may(&self, feature: Feature) -> bool {
        self.missing.iter().all(|(missing, _)| *missing != feature)
    }

    /// Whether it is known to be there.
    pub fn has(&self, feature: Feature) -> bool {
        self.there.contains(&feature)
    }

    /// What is missing and why, in words: `publishing (404)`.
    pub fn missing(&self) -> Vec<String> {
        self.missing.iter().map(|(feature, status)| format!("{} ({status})", feature.name())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::http::Answer;

    #[test]
    fn only_what_is_missing_is_hidden_and_a_word_says_why() {
        let refusal = |status, body: &str| {
            Refusal::new(&Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }, None)
        };
        let mut features = Features::default();
        assert!(features.refused(Feature::Publish, &refusal(404, r#"{"detail":"Not Found"}"#)));
        assert!(features.refused(Feature::Ttl, &refusal(405, r#"{"detail":"Method Not Allowed"}"#)));
        assert!(!features.refused(Feature::Delete, &refusal(404, r#"{"detail":"Checkpoint not found"}"#)));
        assert!(!features.refused(Feature::Copy, &refusal(403, "")));
        assert_eq!(features.missing(), ["publishing (404)", "expiry (405)"]);
        assert!(!features.may(Feature::Publish) && features.may(Feature::Delete) && features.may(Feature::Copy));
        features.is_there(Feature::Archive);
        assert!(!features.refused(Feature::Archive, &refusal(404, "")), "it has worked before");
        assert!(features.has(Feature::Archive) && features.may(Feature::Archive));
    }
}
