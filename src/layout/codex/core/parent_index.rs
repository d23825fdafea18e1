//! The index one folder up, whose entries are folders.

use super::index;
use super::ranking::Ranking;
use crate::layout::Files;
use crate::layout::codex::parts::{claim_named, path_of, ranked};
use crate::model::{Finding, Role, Run, base_name, parent};

/// Its files.
pub(super) const NAMES: &[(&str, Role)] = &[("index.json", Role::Manifest), ("best_index.json", Role::Marker)];

/// Warns of the index above `folder`: saving in any of its folders deletes the others that are not among the best,
/// whole runs included.
pub(super) fn warn(files: &mut Files<'_>, folder: &str, run: &mut Run) {
    let home = parent(folder);
    if home.is_empty() || home == folder {
        return;
    }
    let Some(document) = index(files, home) else { return };
    let is_listed = ranked(document).into_iter().filter_map(path_of).any(|path| path == base_name(folder));
    let Some(file) = files.child(home, "index.json").filter(|_| is_listed) else { return };
    let message = format!(
        "its entries are whole folders: the next save of this writer in one of them deletes the folders beside it that are \
         not among the best {}",
        Ranking::of(document).top()
    );
    run.findings.push(Finding::warning("index-prunes-siblings", message).in_file(files.path(file)));
    run.files.extend(claim_named(files, home, NAMES));
}
