//! `prism.utils.checkpointing.CheckpointManager` as its documentation describes it; the code itself is not published.
//! Files `checkpoint_epoch_0080.pt`, the dict of the caller as it is.

use super::name::split_digits;
use super::numbered::{self, Convention};
use super::{Files, Layout};
use crate::model::Run;

/// The layout.
pub struct PrismManager;

impl Layout for PrismManager {
    fn id(&self) -> &'static str {
        "prism_manager"
    }

    fn name(&self) -> &'static str {
        "prism checkpoint files"
    }

    fn signature(&self) -> &'static str {
        "files called `checkpoint_epoch_0080.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let convention = Convention {
            layout: self.id(),
            evidence: "files called checkpoint_epoch_<four digits>.pt".to_owned(),
            rule: Some(
                "documented to keep the last N and the best K; its lists live in memory only, and passing loss= \
                        instead of metric= tracks no best",
            ),
        };
        numbered::runs(files, &convention, &|files, at| is_ours(files.name(at)))
    }
}

/// `checkpoint_epoch_0080.pt`: padded to four digits, and nothing behind them.
fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix("checkpoint_epoch_").and_then(|rest| rest.strip_suffix(".pt"));
    rest.is_some_and(|rest| rest.len() >= 4 && split_digits(rest).1.is_empty())
}
