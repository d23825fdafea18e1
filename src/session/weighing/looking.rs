//! One tensor of the comparison in detail: how its elements changed.

use super::item::Row;
use crate::protocol::{Outcome, Pair, Part, Problem, TaskSpec, unpack};
use crate::session::{ActivityId, Answer, Command, Purpose, Session};
use crate::tensor::Examined;

/// The tensor whose difference is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Its name in b.
    pub name: String,
    /// Statistics of b − a; while they are [`Answer::Partly`] there, the histograms are on their way.
    pub answer: Answer<Examined>,
}

impl Session {
    /// Looks at how the elements of a tensor of the comparison changed; at the one that is looked at, no more.
    pub fn look_at_difference(&mut self, name: &str) -> Vec<Command> {
        let is_shown = self.comparing.looked.as_ref().is_some_and(|looked| looked.name == name);
        let mut commands = self.cancel(ActivityId::Deltas);
        self.comparing.looked = None;
        if is_shown {
            return commands;
        }
        let Some(weighing) = &self.comparing.weighing else { return commands };
        let is_asked = |row: &Row| match row {
            Row::Weight(row) => row.name == name,
            Row::Moment(row) => row.row.name == name,
            Row::Update(_) => false,
        };
        let found = weighing.items.iter().find(|item| is_asked(&item.row)).and_then(|item| item.pair.clone());
        let Some(Pair::Tensors(pair)) = found else { return commands };
        let (files, keys) = (weighing.files.clone(), weighing.keys.clone());
        self.comparing.looked = Some(Looked { name: name.to_owned(), answer: Answer::Working });
        commands.push(self.start(Purpose::Deltas, TaskSpec::Deltas { files, pair }, keys));
        commands
    }

    pub(in crate::session) fn take_deltas(&mut self, outcome: &Outcome) {
        self.finished = self.finished.saturating_add(1);
        if let (Some(looked), Outcome::Statistics(bytes)) = (&mut self.comparing.looked, outcome) {
            looked.answer = unpack(bytes).map_or_else(Answer::Failed, Answer::Known);
        }
    }

    pub(in crate::session) fn take_deltas_part(&mut self, part: &Part) {
        if let (Some(looked), Part::Statistics(bytes)) = (&mut self.comparing.looked, part)
            && let Ok(examined) = unpack(bytes)
        {
            looked.answer = Answer::Partly(examined);
        }
    }

    pub(in crate::session) fn deltas_stopped(&mut self) {
        if let Some(looked) = &mut self.comparing.looked {
            // What was told before the histograms stays.
            looked.answer = match std::mem::take(&mut looked.answer) {
                Answer::Partly(examined) | Answer::Known(examined) => Answer::Known(examined),
                _ => Answer::Stopped,
            };
        }
    }

    pub(in crate::session) fn deltas_failed(&mut self, problem: Problem) {
        if let Some(looked) = &mut self.comparing.looked {
            looked.answer = Answer::Failed(problem);
        }
    }

    pub(in crate::session) fn deltas_label(&self) -> String {
        let name = self.comparing.looked.as_ref().map_or("…", |looked| &looked.name);
        format!("difference of {name}")
    }
}
