//! Do these weights fit a training that is planned? Asked of what the server knows, before anything is downloaded.

use super::model::Weights;

/// What the training needs; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The rank of the adapter.
    pub lora_rank: Option<u64>,
    /// The model it is trained from.
    pub base_model: Option<String>,
    /// Whether the output layer is trained.
    pub train_unembed: Option<bool>,
    /// Whether the feed-forward layers are trained.
    pub train_mlp: Option<bool>,
    /// Whether the attention layers are trained.
    pub train_attn: Option<bool>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// As expected; what it is.
    Same(String),
    /// Something else: what, expected, found.
    Differs(&'static str, String, String),
    /// They are not an adapter, so there is no rank to speak of.
    NotLora,
    /// The server does not say.
    Unknown(&'static str),
}

/// Looks at each thing that is expected.
pub fn compare(expected: &Expected, found: &Weights) -> Vec<Fit> {
    let mut fits = Vec::new();
    let mut look = |what: &'static str, expected: Option<String>, found: Option<String>| match (expected, found) {
        (None, _) => {}
        (Some(_), None) => fits.push(Fit::Unknown(what)),
        (Some(expected), Some(found)) if expected == found => fits.push(Fit::Same(format!("{what} {found}"))),
        (Some(expected), Some(found)) => fits.push(Fit::Differs(what, expected, found)),
    };
    look("base model", expected.base_model.clone(), found.base_model.clone());
    if found.is_lora != Some(false) {
        look("rank", expected.lora_rank.map(|rank| rank.to_string()), found.lora_rank.map(|rank| rank.to_string()));
    }
    let yes = |flag: Option<bool>| flag.map(|flag| if flag { "trained" } else { "not trained" }.to_owned());
    look("output layer", yes(expected.train_unembed), yes(found.train_unembed));
    look("feed-forward layers", yes(expected.train_mlp), yes(found.train_mlp));
    look("attention layers", yes(expected.train_attn), yes(found.train_attn));
    if found.is_lora == Some(false) && expected.lora_rank.is_some() {
        fits.push(Fit::NotLora);
    }
    fits
}

impl Fit {
    /// Whether the weights can be used, as far as this goes.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Same(what) => format!("{what}: fits"),
            Self::Differs(what, expected, found) => format!("{what} differs: expected {expected}, found {found}"),
            Self::NotLora => "not a LoRA adapter: it has no rank".to_owned(),
            Self::Unknown(what) => format!("{what}: the server does not say"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_the_guide() {
        let rank = |rank| Expected { lora_rank: Some(rank), ..Expected::default() };
        let found =
            Weights { is_lora: Some(true), lora_rank: Some(8), base_model: Some("b".to_owned()), ..Weights::default() };
        let words = |expected: &Expected, found: &Weights| {
            compare(expected, found).iter().map(Fit::words).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(words(&rank(8), &found), "rank 8: fits");
        assert_eq!(words(&rank(32), &found), "rank differs: expected 32, found 8");
        let full = Weights { is_lora: Some(false), ..Weights::default() };
        assert_eq!(words(&rank(32), &full), "not a LoRA adapter: it has no rank");
        let more = Expected { base_model: Some("c".to_owned()), train_mlp: Some(true), ..Expected::default() };
        assert_eq!(
            words(&more, &found),
            "base model differs: expected c, found b; feed-forward layers: the server does not say"
        );
        assert!(compare(&Expected::default(), &found).is_empty());
    }
}
