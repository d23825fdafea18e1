//! Folder conventions: a tree of read files becomes runs and checkpoints.
//!
//! # Adding a layout
//! One file with a unit struct that implements [`Layout`], its `mod` line and its entry in [`LAYOUTS`], and cases under
//! `tests/fixtures`. Layouts are asked in order; what one claims, later ones do not see. Files that none claims are given
//! to the run they lie with, so a layout need not look for notes and logs.

mod accelerate;
mod bundle;
mod codex;
mod dict;
mod direction;
mod files;
mod flax;
mod framework;
mod gguf;
mod hf_model;
mod hf_trainer;
mod keras;
mod leftovers;
mod lightning;
mod linear_nexus;
mod markers;
mod members;
mod mlx;
mod name;
mod numbered;
mod orbax;
mod peft_adapter;
mod prism_manager;
mod prism_run;
mod resume;
mod roles;
mod single_file;
mod step_folders;
mod tf_checkpoint;
mod tinker_archive;
mod tinker_cookbook;
mod torch_dcp;
mod torch_files;
mod torch_named;
mod unknown;

pub use accelerate::Accelerate;
pub use bundle::Bundle;
pub use codex::{
    CodexBestK, CodexCore, CodexDirDigest, CodexFunctional, CodexManager, CodexSchema2, CodexSchema2String,
    CodexSingle, CodexStepManager, CodexTrainerUtils,
};
pub use dict::configurations;
pub use direction::direction;
pub use files::Files;
pub use flax::Flax;
pub use framework::{Framework, How};
pub use gguf::Gguf;
pub use hf_model::HfModel;
pub use hf_trainer::HfTrainer;
pub use keras::Keras;
pub use lightning::Lightning;
pub use linear_nexus::LinearNexus;
pub use mlx::Mlx;
pub use name::{NameNumbers, numbers};
pub use orbax::Orbax;
pub use peft_adapter::PeftAdapter;
pub use prism_manager::PrismManager;
pub use prism_run::PrismRun;
pub use roles::role_of_name;
pub use single_file::SingleFile;
pub use step_folders::StepFolders;
pub use tf_checkpoint::TfCheckpoint;
pub use tinker_archive::TinkerArchive;
pub use tinker_cookbook::TinkerCookbook;
pub use torch_dcp::TorchDcp;
pub use torch_files::TorchFiles;
pub use torch_named::TorchNamed;
pub use unknown::Unknown;

use crate::model::Run;

/// A folder convention.
pub trait Layout: Sync {
    /// Report id: `linear_nexus`.
    fn id(&self) -> &'static str;

    /// For people: "LinearNexus run".
    fn name(&self) -> &'static str;

    /// What tells it, for people: "`structure.json` beside `model.npz`".
    fn signature(&self) -> &'static str;

    /// Finds every run of this convention among the files that nobody claimed yet, and claims what belongs to it.
    fn find(&self, files: &mut Files<'_>) -> Vec<Run>;
}

/// Every layout, in the order they are asked: the most telling signature first.
pub static LAYOUTS: &[&dyn Layout] = &[
    &LinearNexus,
    &HfTrainer,
    &Accelerate,
    &Orbax,
    &step_folders::DEEPSPEED,
    &step_folders::VERL,
    &step_folders::MEGATRON,
    &TorchDcp,
    &CodexManager,
    &CodexCore,
    &CodexSchema2,
    &CodexDirDigest,
    &CodexTrainerUtils,
    &CodexStepManager,
    &CodexBestK,
    &CodexSchema2String,
    &CodexFunctional,
    &PrismRun,
    &PrismManager,
    &TinkerArchive,
    &TinkerCookbook,
    &Lightning,
    &bundle::NEMO,
    &bundle::DIFFUSERS,
    &bundle::SENTENCE_TRANSFORMERS,
    &bundle::SAVED_MODEL,
    &bundle::STABLE_BASELINES,
    &TfCheckpoint,
    &step_folders::RAY_TRAIN,
    &Keras,
    &Flax,
    &Gguf,
    &PeftAdapter,
    &Mlx,
    &HfModel,
    &CodexSingle,
    &torch_named::TIMM,
    &torch_named::ULTRALYTICS,
    &torch_named::COMPOSER,
    &torch_named::DETECTRON2,
    &torch_named::MMENGINE,
    &torch_named::FAIRSEQ,
    &TorchFiles,
    &SingleFile,
    &Unknown,
];

/// What the files are, layout by layout.
pub fn recognise(files: &mut Files<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = LAYOUTS.iter().flat_map(|layout| layout.find(files)).collect();
    leftovers::assign(files, &mut runs);
    runs
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
