use super::*;
use crate::model::Place;

const HEADER: usize = 24;

/// Little-endian GGUF 3 with these keys and tensors, padded, with `data` bytes of data.
fn file(pairs: &[(&str, u32, Vec<u8>)], tensors: &[(&str, &[u64], u32, u64)], data: usize) -> Vec<u8> {
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    for (key, kind, value) in pairs {
        bytes.extend(string(key));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(value);
    }
    for (name, shape, kind, offset) in tensors {
        bytes.extend(string(name));
        bytes.extend((shape.len() as u32).to_le_bytes());
        shape.iter().for_each(|length| bytes.extend(length.to_le_bytes()));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(32) + data, 0);
    bytes
}

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn read(bytes: Vec<u8>) -> Result<Contents> {
    match Gguf.read(&Source::memory("m.gguf", bytes))? {
        Reading::Done(contents) => Ok(contents),
        Reading::More(..) => panic!("small is done at once"),
    }
}

fn said(contents: &Contents) -> Vec<String> {
    contents.findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
}

#[test]
fn a_long_list_is_kept_in_short_and_two_of_them_differ() {
    let tokens = |last: &str| {
        let mut list = 8_u32.to_le_bytes().to_vec();
        list.extend(100_u64.to_le_bytes());
        (0..99).for_each(|_| list.extend(string("t")));
        list.extend(string(last));
        read(file(&[("tokens", 9, list)], &[], 0)).unwrap().document.unwrap()
    };
    let list = tokens("x");
    let list = list.get("tokens").unwrap();
    assert_eq!(list.get("length").unwrap().count(), Some(100));
    assert_eq!(list.get("of").unwrap().text(), Some("string"));
    assert_eq!(list.get("first").unwrap().items().unwrap().len(), 8);
    assert_ne!(*list, *tokens("y").get("tokens").unwrap());
}

#[test]
fn offsets_are_checked_against_each_other_and_the_file() {
    let right: [(&str, &[u64], u32, u64); 2] = [("a", &[32, 2], 2, 0), ("b", &[3], 0, 64)];
    let contents = read(file(&[], &right, 64 + 32)).unwrap();
    assert_eq!(contents.findings, []);
    let told: Vec<_> = contents.tensors.iter().map(|t| (t.dtype.name(), t.shape.as_slice(), t.size_bytes)).collect();
    assert_eq!(told, [("Q4_0", [2, 32].as_slice(), 36), ("F32", [3].as_slice(), 12)]);
    let contents = read(file(&[], &right, 70)).unwrap();
    assert!(said(&contents)[0].starts_with("gguf-truncated: the tensors end at byte 204, the file at 198"));
    assert!(contents.tensors[1].place.is_none());
    let contents = read(file(&[], &[("a", &[32], 0, 32), ("a", &[33], 2, 0), ("c", &[1], 99, 0)], 300)).unwrap();
    assert_eq!(
        said(&contents),
        [
            "gguf-duplicate-name: a tensor's name is repeated, shown as \"a (2)\"",
            "gguf-shape: a (2): rows of 33 do not divide into blocks of 32 (Q4_0)",
            "gguf-unknown-type: c: ggml type 99 is not known; its size is not checked",
            "gguf-offset: a: expected its data at 0, found 32",
            "gguf-offset: a (2): expected its data at 160, found 0",
        ]
    );
}

#[test]
fn an_alignment_of_its_own_moves_the_data() {
    let mut bytes = file(&[("general.alignment", 4, 128_u32.to_le_bytes().to_vec())], &[("a", &[1], 0, 0)], 0);
    bytes.resize(bytes.len().next_multiple_of(128) + 128, 0);
    let contents = read(bytes).unwrap();
    assert_eq!(contents.findings, []);
    assert_eq!(contents.tensors[0].place, Some(Place::plain(128, 4)));
    let odd = file(&[("general.alignment", 4, 24_u32.to_le_bytes().to_vec())], &[], 0);
    assert_eq!(read(odd).unwrap().findings[0].code, "gguf-alignment");
}

#[test]
fn claims_are_not_believed() {
    let mut many = file(&[], &[], 0);
    many[8..16].fill(0xff);
    assert!(matches!(read(many), Err(Error::Limit { limit: "tensors", .. })));
    let long = [9_u32.to_le_bytes().as_slice(), &u64::MAX.to_le_bytes()].concat();
    let error = read(file(&[("deep", 9, long)], &[], 0)).unwrap_err();
    assert!(error.to_string().contains("the type of a list takes 4 bytes"), "{error}");
    let mut version = file(&[], &[], 0);
    version[4] = 9;
    assert_eq!(read(version).unwrap_err().to_string(), "gguf: expected version 1, 2 or 3, found 9 (at byte 4)");
    assert_eq!(file(&[], &[], 0).len(), HEADER.next_multiple_of(32));
}
