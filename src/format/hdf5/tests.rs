use super::*;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)).unwrap()
}

fn read(bytes: Vec<u8>) -> Result<Contents> {
    match Hdf5.read(&Source::memory("m.h5", bytes))? {
        Reading::Done(contents) => Ok(contents),
        Reading::More(mut contents, mut rest) => {
            while !rest.step(&mut contents)? {}
            Ok(contents)
        }
    }
}

#[test]
fn roles_are_told_by_where_keras_keeps_things() {
    assert_eq!(role("optimizer/vars/0"), TensorRole::Optimizer);
    assert_eq!(role("optimizer_weights/adam/iteration"), TensorRole::Optimizer);
    assert_eq!(role("layers/dropout/seed_generator/vars/0"), TensorRole::Rng);
    assert_eq!(role("layers/dense/vars/0"), TensorRole::Model);
    assert_eq!(role("optimizers/w"), TensorRole::Model);
}

/// Any byte may lie: nothing panics, nothing runs away.
#[test]
fn a_wrong_byte_anywhere_is_survived() {
    for path in ["hdf5/attributes.h5", "hdf5-bad/links.h5"] {
        let right = fixture(path);
        for at in (0..right.len()).step_by(7) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = right.clone();
                bytes[at] = value;
                if let Ok(contents) = read(bytes) {
                    assert!(contents.findings.len() <= limits::FINDINGS && contents.tensors.len() < 100);
                }
            }
        }
    }
}
