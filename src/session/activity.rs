//! What is being worked on, for the job bar and its cancel buttons.

use super::{Asked, CallId, Pick, PickId, Purpose, Session};
use crate::protocol::Progress;

/// What is being worked on, for the job bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// What to call it: "opening run.zip".
    pub label: String,
    /// How far it is.
    pub progress: Progress,
    /// What the cancel button stops.
    pub target: ActivityId,
}

/// What a cancel button stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityId {
    /// An opening.
    Open(PickId),
    /// The verification.
    Verify,
    /// The view of some bytes.
    Peek,
    /// A question about the tensor that is shown.
    Examine(Asked),
    /// The identity of a checkpoint.
    Identify,
    /// The comparison of values.
    Weigh,
    /// The movement of a run's weights.
    Move,
    /// How the elements of a tensor changed.
    Deltas,
    /// A request, or a file that is being loaded.
    Remote(CallId),
}

impl Session {
    /// What is being worked on, one line a thing the user asked for.
    pub fn activities(&self) -> Vec<Activity> {
        let opening = self.running.values().filter_map(|running| match &running.purpose {
            Purpose::Open(id) => Some(Activity {
                label: format!("opening {}", self.pick(*id).map_or("…", Pick::name)),
                progress: running.progress,
                target: ActivityId::Open(*id),
            }),
            Purpose::Peek => {
                Some(Activity { label: "reading".to_owned(), progress: running.progress, target: ActivityId::Peek })
            }
            Purpose::Examine(asked) => Some(Activity {
                label: self.examining_label(*asked),
                progress: running.progress,
                target: ActivityId::Examine(*asked),
            }),
            Purpose::Identify(path) => Some(Activity {
                label: format!("identifying {}", crate::model::base_name(path)),
                progress: running.progress,
                target: ActivityId::Identify,
            }),
            Purpose::Deltas => {
                Some(Activity { label: self.deltas_label(), progress: running.progress, target: ActivityId::Deltas })
            }
            Purpose::Verify(_) | Purpose::Weigh(_) | Purpose::Move(_) | Purpose::Share => None,
        });
        opening
            .chain(self.sharing_activity())
            .chain(self.verifying_activity())
            .chain(self.weighing_activity())
            .chain(self.moving_activity())
            .chain(self.remote_activities())
            .collect()
    }
}
