//! What the product of an adapter's matrices is multiplied with, by its configuration: `lora_alpha` over the rank, over its root
//! with `use_rslora`, either of them another for modules that `alpha_pattern` and `rank_pattern` name (PEFT 0.21).

use super::pattern::Pattern;
use crate::model::Value;

/// What an `adapter_config.json` says of scales.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scaling {
    alpha: Option<f64>,
    rank: Option<u64>,
    alphas: Vec<(String, f64)>,
    ranks: Vec<(String, u64)>,
    by_root: bool,
}

impl Scaling {
    /// Of a configuration; `None` when it is not one of an adapter.
    pub fn of(config: &Value) -> Option<Self> {
        config.get("peft_type").or_else(|| config.get("lora_alpha"))?;
        let pairs = |key: &str| config.get(key).and_then(Value::pairs).unwrap_or_default().iter();
        Some(Self {
            alpha: config.get("lora_alpha").and_then(Value::number),
            rank: config.get("r").and_then(Value::count),
            alphas: pairs("alpha_pattern").filter_map(|(name, value)| Some((name.clone(), value.number()?))).collect(),
            ranks: pairs("rank_pattern").filter_map(|(name, value)| Some((name.clone(), value.count()?))).collect(),
            by_root: config.get("use_rslora") == Some(&Value::Bool(true)),
        })
    }

    /// The scale of a module whose matrices have this rank; 1 when the configuration names no alpha.
    ///
    /// # Errors
    /// Why it is not known, in words.
    pub fn scale(&self, module: &str, rank: u64) -> Result<f64, String> {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let wide = rank as f64;
        let configured = of_pattern(&self.ranks, module)?.or(self.rank);
        if let Some(other) = configured.filter(|other| *other != rank) {
            return Err(format!("its rank is {rank}, its configuration says {other}"));
        }
        let alpha = of_pattern(&self.alphas, module)?.or(self.alpha);
        let Some(alpha) = alpha else { return Ok(1.0) };
        Ok(alpha / if self.by_root { wide.sqrt() } else { wide })
    }

    /// The rank that is configured for a module.
    pub fn rank(&self, module: &str) -> Option<u64> {
        of_pattern(&self.ranks, module).ok().flatten().or(self.rank)
    }

    /// Whether it says what the product is multiplied with.
    pub fn has_alpha(&self) -> bool {
        self.alpha.is_some() || !self.alphas.is_empty()
    }
}

/// The value of the first pattern that is the module.
fn of_pattern<T: Copy>(patterns: &[(String, T)], module: &str) -> Result<Option<T>, String> {
    for (pattern, value) in patterns {
        let is = Pattern::read(pattern).and_then(|read| read.is(module));
        match is {
            Some(true) => return Ok(Some(*value)),
            Some(false) => {}
            None => {
                return Err(format!(
                    "whether the pattern {pattern:?} of its configuration is about it is not found out"
                ));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Plain;

    fn scaling(json: &str) -> Scaling {
        Scaling::of(&serde_json::from_str::<Plain>(json).unwrap().0).unwrap()
    }

    #[test]
    fn alpha_over_rank_and_over_its_root() {
        assert_eq!(scaling(r#"{"peft_type": "LORA", "r": 4, "lora_alpha": 8}"#).scale("q", 4), Ok(2.0));
        assert_eq!(scaling(r#"{"r": 4, "lora_alpha": 8, "use_rslora": true}"#).scale("q", 4), Ok(4.0));
        assert_eq!(scaling(r#"{"peft_type": "LORA"}"#).scale("q", 4), Ok(1.0));
        assert_eq!(Scaling::of(&Value::Map(Vec::new())), None);
    }

    #[test]
    fn patterns_name_modules_and_the_first_one_counts() {
        let told = scaling(
            r#"{"r": 4, "lora_alpha": 8, "rank_pattern": {"mlp.up": 2}, "alpha_pattern": {"layers\\.0\\..*": 16, "mlp.up": 1}}"#,
        );
        assert_eq!(told.scale("model.layers.0.mlp.up", 2), Ok(8.0));
        assert_eq!(told.scale("model.layers.1.mlp.up", 2), Ok(0.5));
        assert_eq!(told.scale("model.layers.1.attn.q", 4), Ok(2.0));
        assert_eq!(told.scale("model.layers.1.attn.q", 3).unwrap_err(), "its rank is 3, its configuration says 4");
        let odd = scaling(r#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"(?<=x)q": 16}}"#);
        assert!(odd.scale("q", 4).unwrap_err().contains("(?<=x)q"));
    }
}
