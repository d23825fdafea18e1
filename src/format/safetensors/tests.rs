use safetensors::{Dtype, serialize, tensor::TensorView};

use super::*;

fn file(header: &str, data: usize) -> Source {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    Source::memory("x.safetensors", bytes)
}

fn read(file: &Source) -> Contents {
    match Safetensors.read(file).unwrap() {
        Reading::Done(contents) => contents,
        Reading::More(..) => panic!("a header is read at once"),
    }
}

fn codes(contents: &Contents) -> Vec<&str> {
    contents.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn what_the_library_writes_has_no_findings() {
    let data = [0_u8; 24];
    let view = |dtype, shape: &[usize], len| TensorView::new(dtype, shape.to_vec(), &data[..len]).unwrap();
    let tensors = [
        ("w", view(Dtype::F32, &[2, 3], 24)),
        ("scalar", view(Dtype::BF16, &[], 2)),
        ("none", view(Dtype::I64, &[0, 4], 0)),
        ("four", view(Dtype::F4, &[6], 3)),
    ];
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    let bytes = serialize(tensors, Some(metadata)).unwrap();
    let contents = read(&Source::memory("x.safetensors", bytes));
    assert_eq!(codes(&contents), Vec::<&str>::new());
    assert_eq!(contents.metadata, [("format".to_owned(), "pt".to_owned())]);
    let find = |name: &str| contents.tensors.iter().find(|tensor| tensor.name == name).unwrap();
    assert_eq!((find("w").dtype.name(), find("w").shape.as_slice(), find("w").size_bytes), ("F32", &[2, 3][..], 24));
    assert_eq!((find("none").size_bytes, find("scalar").shape.len(), find("four").size_bytes), (0, 0, 3));
}

#[test]
fn overlap_gap_and_trailing_bytes_are_found() {
    let header = r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]},
        "c":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}"#;
    let contents = read(&file(header, 1010));
    let codes = codes(&contents);
    assert_eq!(codes, ["safetensors-overlap", "safetensors-gap", "safetensors-trailing", "safetensors-strict"]);
    assert_eq!(contents.findings[0].message, "b shares 2 bytes with a");
    assert_eq!(contents.findings[2].message, "1000 bytes follow the last tensor");
}

#[test]
fn a_cut_file_says_how_much_is_missing_and_keeps_what_is_there() {
    let header =
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#;
    let contents = read(&file(header, 5));
    assert_eq!(codes(&contents), ["safetensors-truncated", "safetensors-strict"]);
    assert!(contents.findings[0].message.contains("3 bytes are missing (tensors cut off or lost: 1)"));
    assert!(contents.tensors[0].place.is_some() && contents.tensors[1].place.is_none());
}

#[test]
fn broken_entries_are_kept_with_what_is_known_of_them() {
    let header = r#"{"__metadata__":{"n":3},"a":7,"b":{"dtype":"X9","shape":[2],"data_offsets":[0,3]},
        "c":{"dtype":"F32","shape":[-1],"data_offsets":[0]},"d":{"dtype":"F32","shape":[1],"data_offsets":[3,7],"x":[{}]},
        "a":{"dtype":"U8","shape":[18446744073709551615,2],"data_offsets":[9,3]}}"#;
    let contents = read(&file(header, 7));
    let names: Vec<_> = contents.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.dtype.name())).collect();
    assert_eq!(names, [("a", "?"), ("b", "X9"), ("c", "F32"), ("d", "F32"), ("a (2)", "U8")]);
    assert_eq!(contents.metadata, [("n".to_owned(), "3".to_owned())]);
    let said: Vec<_> = contents.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "__metadata__ \"n\" is 3, not a string",
            "tensors of type \"X9\", which safetensors does not know: 1",
            "a: no usable dtype, shape, data_offsets in its entry",
            "c: no usable shape, data_offsets in its entry",
            "d: its entry has a key \"x\" that does not belong there",
            "a name is repeated, shown as \"a (2)\": loaders take the last",
            "a (2): its data ends at 3, before it begins at 9",
            "the safetensors library refuses this file: invalid type: integer `3`, expected a string at line 1 column 22",
        ]
    );
}

#[test]
fn a_header_that_is_no_header_says_where() {
    let said = |header: &str| Safetensors.read(&file(header, 0)).err().unwrap().to_string();
    assert_eq!(said("{\"a\":\n}"), "safetensors: the header is not a JSON object: expected value (at byte 14)");
    assert!(said("[]").contains("expected an object"));
    let long = Source::memory("x.safetensors", 4_294_967_301_u64.to_le_bytes());
    assert_eq!(
        Safetensors.read(&long).err().unwrap().to_string(),
        "safetensors: the header length 4294967301 runs past the end (the file has 8 bytes) (at byte 0)"
    );
}
