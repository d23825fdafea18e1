#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge::manifest::signature::{Key, Question, another_key};

fuzz_target!(|bytes: &[u8]| {
    // A key in front, a bundle behind a zero byte.
    let mut parts = bytes.splitn(2, |&byte| byte == 0);
    let (key, bundle) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let keys = [Key::read(key), Key::read(bytes)];
    if let Some((manifest, _)) = weighbridge::manifest::parse("model.sig", bundle) {
        let Some(envelope) = &manifest.envelope else { return };
        for key in keys.iter().flatten() {
            another_key(envelope, key);
            for at in 0..envelope.signatures.len().min(4) {
                let _ = Question::new(envelope, at, key);
            }
        }
    }
    for key in keys.iter().flatten() {
        key.words();
        key.hint();
        key.fingerprint();
    }
});
