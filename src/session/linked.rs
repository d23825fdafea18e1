//! A link that names two files and the page that compares: they are compared once both are open.

use super::{Command, Session};
use crate::protocol::FileBytes;

impl Session {
    /// Says that what is at the first two of these addresses, which are being opened, is to be compared.
    pub fn compare_when_open(&mut self, addresses: &[&str]) {
        self.comparing.linked = addresses.iter().take(2).map(|address| (*address).to_owned()).collect();
    }

    /// Compares what a link named, once both are there.
    pub(super) fn compare_linked(&mut self) -> Vec<Command> {
        let [a, b] = self.comparing.linked.as_slice() else { return Vec::new() };
        let (Some(a), Some(b)) = (self.first_at(a), self.first_at(b)) else { return Vec::new() };
        self.comparing.linked.clear();
        let mut commands = self.choose_comparison(Some(a), Some(b));
        commands.extend(self.compare());
        commands
    }

    /// The path of the first checkpoint of what was opened from an address.
    fn first_at(&self, address: &str) -> Option<String> {
        let is_there = |bytes: &FileBytes| matches!(bytes, FileBytes::Url(found) if found.url == address);
        let mut all = self.checkpoints().filter(|found| {
            self.pick(found.selection.pick).is_some_and(|pick| pick.files.iter().any(|file| is_there(&file.bytes)))
        });
        all.next().map(|found| found.checkpoint.path.clone())
    }
}
