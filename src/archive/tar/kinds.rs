//! Entries that are no files: folders, links, devices.

use tar::EntryType;

use crate::model::Finding;

/// Whether bytes follow the header: links and devices have none, whatever size they claim.
pub(super) fn has_data(kind: EntryType) -> bool {
    !(kind.is_hard_link()
        || kind.is_symlink()
        || kind.is_dir()
        || kind.is_character_special()
        || kind.is_block_special()
        || kind.is_fifo())
}

/// What is said of an entry that is no file.
pub(super) fn not_followed(raw: &str, kind: EntryType, target: Option<&str>) -> Finding {
    let target = target.unwrap_or_default();
    if kind.is_symlink() {
        return Finding::warning(
            "tar-link",
            format!("{raw:?} is a symbolic link to {target:?}; links are not followed"),
        );
    }
    if kind.is_hard_link() {
        return Finding::warning("tar-link", format!("{raw:?} is a hard link to {target:?}; links are not followed"));
    }
    let what = match kind {
        EntryType::Char | EntryType::Block => "a device".to_owned(),
        EntryType::Fifo => "a pipe".to_owned(),
        other => format!("an entry of type {:?}", char::from(other.as_byte())),
    };
    Finding::warning("tar-special", format!("{raw:?} is {what}, not read"))
}
