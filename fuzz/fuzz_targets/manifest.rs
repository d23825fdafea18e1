#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["SHA256SUMS", "model.npz.sha256", "checksums.json", "manifest-md5.txt", "dvc.lock"] {
        weighbridge::manifest::parse(name, bytes);
    }
});
