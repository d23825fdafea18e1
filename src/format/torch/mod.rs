//! What `torch.save` writes: a zip since 1.6, stacked pickles before, a tar in the beginning (`torch/serialization.py`
//! of torch 2.15, and its loaders for the older two).
//!
//! Headers and pickles are read, tensors are found by their storages; nothing is executed.

mod legacy;
mod members;
mod pieces;
mod tar;
mod zip;

pub(super) use legacy::TorchLegacy;
pub(super) use pieces::TorchPieces;
pub(super) use tar::TorchTar;
pub(super) use zip::TorchZip;
