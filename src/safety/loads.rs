//! Whether `torch.load(weights_only=True)` takes a file: all its pickles, and what is around them.

use crate::model::{Contents, Pickle, Refusal, Severity};

/// Which PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Torch {
    /// The newest (2.15).
    Newest,
    /// 2.6, the first in which `weights_only` is the default.
    V2_6,
}

/// What `torch.load(weights_only=True)` says to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadsAs {
    /// It loads.
    Loads,
    /// An opcode of a pickle is refused.
    Refused(Refusal),
    /// The file itself is refused.
    NotLoadable(&'static str),
}

impl LoadsAs {
    /// Whether it loads.
    pub fn is_loaded(&self) -> bool {
        *self == Self::Loads
    }
}

/// What that PyTorch says to the file with these contents.
pub fn loads(contents: &Contents, torch: Torch) -> LoadsAs {
    let refused = |pickle: &Pickle| match torch {
        Torch::Newest => pickle.refused.clone(),
        Torch::V2_6 => pickle.refused_2_6.clone(),
    };
    let has = |code: &str| contents.findings.iter().any(|finding| finding.code == code);
    match contents.format.as_str() {
        "torch_tar" => return LoadsAs::NotLoadable("weights_only does not read the old tar format"),
        "torch_zip" if has("torchscript") => {
            return LoadsAs::NotLoadable("weights_only does not read TorchScript programs");
        }
        "torch_zip" | "torch_legacy" => {}
        _ => return LoadsAs::NotLoadable("not written by torch.save"),
    }
    if has("zip-prefix") || has("zip-directory-offset") {
        return LoadsAs::NotLoadable("its zip does not begin where the file does");
    }
    if torch == Torch::Newest && has("storage-longer") {
        return LoadsAs::NotLoadable("a storage is longer than its pickle says, which PyTorch refuses since 2.10");
    }
    let read = || contents.pickles.iter().filter(|pickle| pickle.hidden.is_none());
    if let Some(refusal) = read().find_map(refused) {
        return LoadsAs::Refused(refusal);
    }
    // Before 2.10 a storage that is shorter than its pickle says was taken, and read beyond its end (CVE-2026-24747).
    let is_taken = |code: &str| {
        torch == Torch::V2_6
            && matches!(code, "torch-storage-size" | "torch-storage-short")
            && contents.format == "torch_zip"
    };
    let is_broken = contents.findings.iter().filter(|finding| !is_taken(&finding.code)).any(|finding| {
        finding.severity == Severity::Error && (finding.code.starts_with("torch-") || finding.code == "malformed")
            || matches!(finding.code.as_str(), "zip-encrypted" | "zip-end-far")
    });
    match is_broken || read().next().is_none() {
        true => LoadsAs::NotLoadable("its storages or its directory are broken"),
        false => LoadsAs::Loads,
    }
}
