//! A folder of files and the manifest beside them.

use super::random::Random;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use xtask::process::{Result, capture, with_args};

const FILES: u64 = 8;
const FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Writes the files, then lets `sha256sum` write the manifest.
pub fn make(folder: &Path) -> Result {
    let failed = |cause: io::Error| format!("{}: {cause}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let names: Vec<String> = (1..=FILES).map(|index| format!("model-{index:05}-of-{FILES:05}.safetensors")).collect();
    for (seed, name) in (1..).zip(&names) {
        write(&folder.join(name), seed).map_err(failed)?;
    }
    let mut command = with_args("sha256sum", &names);
    let said = capture(command.current_dir(folder)).ok_or("sha256sum could not write the manifest")?;
    fs::write(folder.join("SHA256SUMS"), said + "\n").map_err(failed)
}

/// A safetensors file of exactly that length with one tensor in it.
fn write(path: &Path, seed: u64) -> io::Result<()> {
    const HEADER_BYTES: usize = 128;
    let data_bytes = FILE_BYTES - 8 - HEADER_BYTES as u64;
    let name = format!("model.layers.{seed}.weight");
    let shape = data_bytes / 2;
    let text = format!(r#"{{"{name}":{{"dtype":"BF16","shape":[{shape}],"data_offsets":[0,{data_bytes}]}}}}"#);
    let mut file = File::create(path)?;
    file.write_all(&(HEADER_BYTES as u64).to_le_bytes())?;
    file.write_all(format!("{text:<HEADER_BYTES$}").as_bytes())?;
    Random::new(seed).write_bf16(data_bytes, &mut file)?;
    file.sync_all()
}
