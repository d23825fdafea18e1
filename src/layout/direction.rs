//! Is lower better? Read from a metric's name, word by word; the last word that says something decides, so that
//! `accuracy_loss` is a loss.

use crate::model::Direction;

const LOWER: &[&str] = &[
    "bpb",
    "bpc",
    "bpd",
    "bpt",
    "brier",
    "ce",
    "cer",
    "cost",
    "crossentropy",
    "deviance",
    "distance",
    "divergence",
    "ece",
    "eer",
    "entropy",
    "err",
    "error",
    "errors",
    "fid",
    "fvd",
    "kid",
    "kl",
    "kld",
    "logloss",
    "loss",
    "losses",
    "lpips",
    "mae",
    "mape",
    "mse",
    "msle",
    "nll",
    "nmse",
    "perplexity",
    "ppl",
    "regret",
    "residual",
    "rmse",
    "rmses",
    "rmsle",
    "smape",
    "ter",
    "wer",
];

const HIGHER: &[&str] = &[
    "acc",
    "accuracies",
    "accuracy",
    "ap",
    "auc",
    "auprc",
    "auroc",
    "bertscore",
    "bleu",
    "chrf",
    "cider",
    "corr",
    "correlation",
    "dice",
    "em",
    "f1",
    "fbeta",
    "hit",
    "hits",
    "iou",
    "jaccard",
    "kappa",
    "likelihood",
    "logprob",
    "map",
    "mcc",
    "meteor",
    "miou",
    "mrr",
    "ndcg",
    "pass",
    "pearson",
    "pearsonr",
    "precision",
    "psnr",
    "psnrs",
    "r2",
    "recall",
    "reward",
    "rewards",
    "rouge",
    "rougel",
    "rougelsum",
    "sacrebleu",
    "score",
    "scores",
    "sensitivity",
    "snr",
    "spearman",
    "spearmanr",
    "specificity",
    "ssim",
    "ssims",
    "success",
    "uniqueness",
    "validity",
    "win",
    "winrate",
];

/// Last words that make a name something else than a measure of quality: `loss_scale`, `eval_runtime`.
const NEITHER: &[&str] = &[
    "coef",
    "coefficient",
    "count",
    "epoch",
    "lr",
    "norm",
    "num",
    "runtime",
    "samples",
    "scale",
    "scaler",
    "seconds",
    "second",
    "std",
    "step",
    "steps",
    "temperature",
    "threshold",
    "time",
    "tokens",
    "var",
    "variance",
    "weight",
];

/// Direction of the metric called `name`.
pub fn direction(name: &str) -> Direction {
    let words = words(name);
    if words.last().is_some_and(|last| NEITHER.contains(&last.as_str())) {
        return Direction::Unknown;
    }
    let found = words.iter().rev().map(|word| of_word(word)).find(|found| *found != Direction::Unknown);
    let negated = words.iter().any(|word| matches!(word.as_str(), "neg" | "negative"));
    match (found, negated) {
        (Some(Direction::Lower), true) => Direction::Higher,
        (Some(Direction::Higher), true) => Direction::Lower,
        (found, _) => found.unwrap_or(Direction::Unknown),
    }
}

fn of_word(word: &str) -> Direction {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    for candidate in [word, bare] {
        if LOWER.contains(&candidate) {
            return Direction::Lower;
        }
        if HIGHER.contains(&candidate) {
            return Direction::Higher;
        }
    }
    Direction::Unknown
}

/// Lower-case words of a name: `eval/Loss`, `valLoss`, `top-1 acc`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let splits = !c.is_alphanumeric();
        if splits || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| !splits) {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_decide_not_letters() {
        for name in ["loss", "val_loss", "eval/loss", "error_rate", "train-ppl", "valLoss", "wer", "accuracy_loss"] {
            assert_eq!(direction(name), Direction::Lower, "{name}");
        }
        for name in ["acc", "val_accuracy", "rouge1", "eval.f1", "top-5 acc", "mAP", "map50", "r2", "neg_loss"] {
            assert_eq!(direction(name), Direction::Higher, "{name}");
        }
        for name in ["glossary", "epoch", "learning_rate", "grad_norm", "loss_scale", "eval_runtime", "", "__"] {
            assert_eq!(direction(name), Direction::Unknown, "{name}");
        }
    }

    #[test]
    fn a_negated_likelihood_is_a_loss() {
        assert_eq!(direction("log_likelihood"), Direction::Higher);
        assert_eq!(direction("negative_log_likelihood"), Direction::Lower);
    }
}
