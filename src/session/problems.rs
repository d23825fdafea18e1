//! What could not be done, until the user dismisses it.

use super::Session;
use crate::protocol::Problem;

/// A problem on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: u32,
    /// What it is about: a file or folder name.
    pub about: Option<String>,
    /// What went wrong.
    pub problem: Problem,
}

impl Session {
    /// Shows a problem.
    pub fn notify(&mut self, about: Option<String>, problem: Problem) {
        self.next_notice = self.next_notice.wrapping_add(1);
        self.notices.push(Notice { id: self.next_notice, about, problem });
    }

    /// Takes a problem off the screen.
    pub fn dismiss(&mut self, notice: u32) {
        self.notices.retain(|shown| shown.id != notice);
    }
}
