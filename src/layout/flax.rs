//! Flax's MessagePack files: `checkpoint_<step>` of `flax.training.checkpoints` (older versions), `flax_model.msgpack` of
//! `transformers`. Checkpoints that Flax writes today are Orbax folders.

use super::numbered::{self, Convention};
use super::{Files, Layout};
use crate::model::Run;

/// The layout.
pub struct Flax;

impl Layout for Flax {
    fn id(&self) -> &'static str {
        "flax"
    }

    fn name(&self) -> &'static str {
        "Flax checkpoints"
    }

    fn signature(&self) -> &'static str {
        "`checkpoint_500` or `flax_model.msgpack` in MessagePack"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let convention = Convention {
            layout: self.id(),
            evidence: "arrays in MessagePack, as Flax writes them".to_owned(),
            rule: Some("save_checkpoint keeps the newest (one, unless keep says more) and every keep_every_n_steps"),
        };
        numbered::runs(files, &convention, &|files, at| {
            files.contents(at).is_some_and(|contents| contents.format == "msgpack" && !contents.tensors.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, steps};

    #[test]
    fn the_number_is_a_step() {
        let pick = Pick::default().tensors("d/checkpoint_100", "msgpack", &[("params.w", &[2])]).tensors(
            "d/checkpoint_20",
            "msgpack",
            &[("params.w", &[2])],
        );
        let run = { pick }.run();
        assert_eq!(run.layout, "flax");
        assert_eq!(steps(&run), [("checkpoint_20", Some(20)), ("checkpoint_100", Some(100))]);
    }
}
