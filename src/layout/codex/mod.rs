//! codex_ml (the repository `Aries-Serpent/_codex_`): ten conventions that one project wrote over time, several with the
//! same file names and different meanings. What is in the JSON tells them apart; the save paths of each were re-enacted
//! from their source. Its guides show calls and files that no stored version has.

mod best_k;
mod core;
mod dir_digest;
mod functional;
mod manager;
mod parts;
mod schema2;
mod schema2_string;
mod single;
mod step_manager;
mod trainer_utils;

pub use best_k::CodexBestK;
pub use core::CodexCore;
pub use dir_digest::CodexDirDigest;
pub use functional::CodexFunctional;
pub use manager::CodexManager;
pub use schema2::CodexSchema2;
pub use schema2_string::CodexSchema2String;
pub use single::CodexSingle;
pub use step_manager::CodexStepManager;
pub use trainer_utils::CodexTrainerUtils;

#[cfg(test)]
mod tests;
