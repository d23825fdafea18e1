//! The inputs: made once, kept in the target folder, the same bytes on every machine.

mod archive;
mod random;
mod safetensors;
mod shards;
mod torch;

use crate::folder;
use std::fs;
use std::path::{Path, PathBuf};
use xtask::process::{Result, capture, say, with_args};

/// One input, a file or a folder.
pub struct Input {
    /// Its name in the cache.
    pub name: &'static str,
    /// About how large it is.
    pub bytes: u64,
    make: fn(&Path) -> Result,
}

/// 3.08 GB of BF16, 291 tensors, named and shaped like a Llama of 1.5 billion parameters.
pub const LARGE: Input = Input { name: "llama-291.safetensors", bytes: 3_080_400_000, make: safetensors::llama };

/// A header of 49,152 tensors with hardly any data behind it, named like a mixture of 256 experts.
pub const EXPERTS: Input = Input { name: "experts-49152.safetensors", bytes: 7_200_000, make: safetensors::experts };

/// The same, of which every fortieth tensor has another name, every fortieth another shape and every fortieth another type.
pub const EXPERTS_CHANGED: Input =
    Input { name: "experts-49152-changed.safetensors", bytes: 7_300_000, make: safetensors::experts_changed };

/// The same with 100,000 tensors.
pub const MORE_EXPERTS: Input =
    Input { name: "experts-100000.safetensors", bytes: 15_000_000, make: safetensors::more_experts };

/// One tensor of 1 GiB of BF16.
pub const ONE_BF16: Input = Input { name: "one-bf16.safetensors", bytes: 1 << 30, make: safetensors::one_bf16 };

/// One tensor of 1 GiB of F32.
pub const ONE_F32: Input = Input { name: "one-f32.safetensors", bytes: 1 << 30, make: safetensors::one_f32 };

/// 1 GiB of F32 in 50 tensors.
pub const BEFORE: Input = Input { name: "before-f32.safetensors", bytes: 1 << 30, make: safetensors::before };

/// The same 50 tensors, every element a little different.
pub const AFTER: Input = Input { name: "after-f32.safetensors", bytes: 1 << 30, make: safetensors::after };

/// The same 50 tensors, of which five are a little different and 45 the same.
pub const AFTER_LITTLE: Input =
    Input { name: "after-little-f32.safetensors", bytes: 1 << 30, make: safetensors::after_little };

/// 3.03 GB of F32 in a PyTorch file, 291 tensors.
pub const TORCH: Input = Input { name: "layers-291.pt", bytes: 3_026_600_000, make: torch::large };

/// The same with a thousandth of the numbers.
pub const SMALL_TORCH: Input = Input { name: "layers-291-small.pt", bytes: 3_100_000, make: torch::small };

/// A PyTorch file of 49,152 small tensors.
pub const MANY_TORCH: Input = Input { name: "layers-49152.pt", bytes: 17_200_000, make: torch::many };

/// An npz of 100,000 stored arrays of 1 KB, written by NumPy.
pub const ARCHIVE: Input = Input { name: "arrays-100000.npz", bytes: 150_000_000, make: archive::make };

/// A folder of eight files of 256 MiB and the SHA256SUMS that `sha256sum` wrote.
pub const SHARDS: Input = Input { name: "shards", bytes: 8 * 256 * 1024 * 1024, make: shards::make };

/// A zip of those files.
pub const SHARDS_ZIP: Input = Input { name: "shards.zip", bytes: 8 * 256 * 1024 * 1024, make: archive::shards };

/// An npz of eight deflated arrays of 128 MiB, written by NumPy.
pub const DEFLATED: Input = Input { name: "deflated.npz", bytes: 1 << 30, make: archive::deflated };

// What the machine keeps for everything else.
const SPARE_BYTES: u64 = 2_000_000_000;

impl Input {
    /// The input's path, after making it if it is not there.
    pub fn path(&self) -> Result<PathBuf> {
        let home = folder("bench-data");
        let path = home.join(self.name);
        if path.exists() {
            return Ok(path);
        }
        fs::create_dir_all(&home).map_err(|cause| format!("{}: {cause}", home.display()))?;
        self.check_space(&home)?;
        say("input", &format!("making {} ({} MB)", self.name, self.bytes / 1_000_000));
        // Under another name until it is whole.
        let part = home.join(format!("part-{}", self.name));
        let failed = |cause: std::io::Error| format!("{}: {cause}", part.display());
        if part.is_dir() {
            fs::remove_dir_all(&part).map_err(failed)?;
        }
        (self.make)(&part)?;
        fs::rename(&part, &path).map_err(failed)?;
        Ok(path)
    }

    fn check_space(&self, home: &Path) -> Result {
        let said =
            capture(with_args("df", ["-Pk"]).arg(home)).ok_or("df could not say how much of the disk is free")?;
        let free = free_kilobytes(&said).ok_or_else(|| format!("df said {said:?}"))?.saturating_mul(1024);
        if free >= self.bytes.saturating_add(SPARE_BYTES) {
            return Ok(());
        }
        let needed = (self.bytes + SPARE_BYTES) / 1_000_000;
        Err(format!("{} needs {needed} MB of disk, and {} has {} MB", self.name, home.display(), free / 1_000_000))
    }
}

/// The fourth column of the last line of `df -Pk`.
fn free_kilobytes(said: &str) -> Option<u64> {
    said.lines().last()?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_space_is_read_from_df() {
        let said =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 264000000 20000000 76500000 21% /";
        assert_eq!(free_kilobytes(said), Some(76_500_000));
        assert_eq!(free_kilobytes("df: nothing"), None);
    }
}
