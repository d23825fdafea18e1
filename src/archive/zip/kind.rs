//! What a zip is for: an archive of files, or a format of its own that happens to be a zip.

use super::{Directory, Record};
use crate::model::extension;
use crate::source::Source;

/// What a zip is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZipKind {
    /// Files, to be shown as a folder.
    Archive,
    /// NumPy arrays.
    Npz,
    /// What `torch.save` writes.
    Torch,
    /// A Keras model: files all the same.
    Keras,
    /// A Stable-Baselines3 policy: files all the same.
    StableBaselines,
}

impl ZipKind {
    /// Looks at the first piece of the directory of `zip`, called `path`; `None` when there is no directory.
    pub fn of(path: &str, zip: &Source) -> Option<(Self, &'static str)> {
        let mut directory = Directory::open(zip.clone()).ok()?;
        let mut seen = Seen::default();
        let walked = directory.step(|record| seen.note(&record));
        (walked.is_ok() || seen.files > 0).then(|| seen.kind(&extension(path)))
    }
}

/// What the names of the members say.
#[derive(Default)]
struct Seen {
    files: u64,
    folders: u64,
    npy: u64,
    pickle_root: Option<String>,
    torch_parts: bool,
    keras: [bool; 3],
    baselines: [bool; 2],
}

impl Seen {
    fn note(&mut self, record: &Record) {
        let name = record.name.as_str();
        if record.is_folder() {
            self.folders = self.folders.saturating_add(1);
            return;
        }
        self.files = self.files.saturating_add(1);
        if name.ends_with(".npy") {
            self.npy = self.npy.saturating_add(1);
        }
        self.note_torch(name);
        for (seen, expected) in self.keras.iter_mut().zip(["config.json", "metadata.json", "model.weights.h5"]) {
            *seen |= name == expected;
        }
        for (seen, expected) in self.baselines.iter_mut().zip(["data", "_stable_baselines3_version"]) {
            *seen |= name == expected;
        }
    }

    /// `<root>/data.pkl` with other parts of a torch archive in the same root; before 1.6 the order differed.
    fn note_torch(&mut self, name: &str) {
        let (root, part) = name.split_once('/').unwrap_or(("", name));
        // PyTorch takes large letters for small ones.
        let part = part.to_ascii_lowercase();
        let part = part.as_str();
        if part == "data.pkl" {
            self.pickle_root.get_or_insert_with(|| root.to_owned());
        }
        let is_part = matches!(part, "version" | ".format_version" | "byteorder" | "constants.pkl");
        self.torch_parts |= is_part || part.starts_with("data/");
    }

    fn kind(&self, extension: &str) -> (ZipKind, &'static str) {
        if self.pickle_root.as_deref().is_some_and(|root| root.is_empty() || self.torch_parts) {
            return (ZipKind::Torch, "zip with data.pkl in its root folder");
        }
        if self.keras == [true; 3] {
            return (ZipKind::Keras, "zip with config.json, metadata.json and model.weights.h5");
        }
        if self.baselines == [true; 2] {
            return (ZipKind::StableBaselines, "zip with data and _stable_baselines3_version");
        }
        match (self.files, self.npy) {
            (0, _) if extension == "npz" && self.folders == 0 => (ZipKind::Npz, "empty zip that is called .npz"),
            (_, 0) => (ZipKind::Archive, "zip end record"),
            (files, npy) if files == npy && self.folders == 0 => (ZipKind::Npz, "zip whose members all end in .npy"),
            _ if extension == "npz" => (ZipKind::Npz, "zip that is called .npz and has members that end in .npy"),
            _ => (ZipKind::Archive, "zip with .npy files beside others"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str, names: &[&str]) -> ZipKind {
        let mut seen = Seen::default();
        for name in names {
            seen.note(&Record {
                name: (*name).to_owned(),
                raw_name: name.as_bytes().to_vec(),
                flags: 0,
                method: 0,
                encrypted: false,
                symlink: false,
                crc32: 0,
                stored: 0,
                size: 0,
                header: 0,
                offset: 0,
            });
        }
        seen.kind(&extension(path)).0
    }

    #[test]
    fn content_decides_and_the_name_only_in_doubt() {
        assert_eq!(kind("x.bin", &["w.npy", "b.npy"]), ZipKind::Npz);
        assert_eq!(kind("x.npz", &[]), ZipKind::Npz);
        assert_eq!(kind("x.zip", &[]), ZipKind::Archive);
        assert_eq!(kind("x.zip", &["w.npy", "readme.txt"]), ZipKind::Archive);
        assert_eq!(kind("x.npz", &["w.npy", "readme.txt"]), ZipKind::Npz);
        assert_eq!(kind("x.zip", &["run/", "run/w.npy"]), ZipKind::Archive);
        assert_eq!(kind("x.npz", &["run/model.npz"]), ZipKind::Archive);
    }

    #[test]
    fn torch_needs_its_pickle_in_the_root() {
        assert_eq!(kind("x.pt", &["archive/data.pkl", "archive/version"]), ZipKind::Torch);
        assert_eq!(kind("x.pt", &["x/data.pkl", "x/byteorder", "x/data/0"]), ZipKind::Torch);
        assert_eq!(kind("x.pt", &["data.pkl"]), ZipKind::Torch);
        assert_eq!(kind("x.zip", &["run/step_1/data.pkl", "run/step_1/version"]), ZipKind::Archive);
        assert_eq!(kind("x.zip", &["run/data.pkl", "run/readme.txt"]), ZipKind::Archive);
    }

    #[test]
    fn keras_and_stable_baselines_are_known() {
        assert_eq!(kind("m.keras", &["metadata.json", "config.json", "model.weights.h5"]), ZipKind::Keras);
        assert_eq!(kind("m.zip", &["data", "policy.pth", "_stable_baselines3_version"]), ZipKind::StableBaselines);
    }
}
