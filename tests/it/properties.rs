//! Properties: nothing panics, and what other crates write and read we read the same.

use std::io::{Cursor, Write};

use proptest::collection::vec;
use proptest::prelude::*;
use weighbridge::model::Locator;
use weighbridge::source::{Roots, Source};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::expected::same;
use crate::support::{Found, fixtures, look, read, walk};

/// Names that make a reader choose each format.
const NAMES: [&str; 8] = ["x.npz", "x.npy", "x.safetensors", "x.json", "x.jsonl", "x.tar", "x.gz", "x"];

/// Beginnings that get past the probes.
const STARTS: [&[u8]; 7] = [
    b"",
    b"PK\x03\x04",
    b"\x93NUMPY\x01\x00",
    b"\x1f\x8b\x08\0\0\0\0\0\0\0",
    b"{\"",
    b"\x02\0\0\0\0\0\0\0{\"",
    b"\x80\x02",
];

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Into::into),
            proptest::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn zipped(members: &[(String, Vec<u8>, bool)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, packed) in members {
        let method = if *packed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        writer.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn random_bytes_never_panic(name in 0..NAMES.len(), start in 0..STARTS.len(), bytes in vec(any::<u8>(), 0..2000)) {
        let bytes = [STARTS[start], &bytes].concat();
        walk(NAMES[name], Source::memory("x", bytes));
    }

    #[test]
    fn finite_documents_are_what_serde_json_says(document in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        let contents = read("config.json", &Source::memory("config.json", text.clone())).unwrap();
        if contents.format == "json" {
            prop_assert!(same(contents.document.as_ref().unwrap(), &document), "{text}");
        }
    }

    #[test]
    fn a_zip_gives_back_what_was_put_into_it(
        members in vec(("[a-z]{1,8}(/[a-zé]{1,8}){0,2}\\.txt", vec(any::<u8>(), 0..3000), any::<bool>()), 1..12),
    ) {
        let mut members = members;
        members.sort();
        members.dedup_by(|a, b| a.0 == b.0);
        let source = Source::memory("x.zip", zipped(&members));
        let Found::Archive(listed) = look("x.zip", &source, 0).unwrap() else { panic!("an archive") };
        prop_assert_eq!(&listed.findings, &[]);
        let roots = Roots::new(vec![source]);
        for (member, (name, bytes, _)) in listed.members.iter().zip(&members) {
            let read = roots.open(&Locator::root(0).then(&member.layers)).unwrap().bytes_at(0, u64::MAX).unwrap();
            prop_assert_eq!((&member.path, &read), (name, bytes));
        }
        prop_assert_eq!(listed.members.len(), members.len());
    }

    #[test]
    fn an_npz_gives_back_names_and_shapes(
        arrays in vec(("[a-z.0-9]{1,30}", vec(0_u64..5, 0..4), any::<bool>()), 1..20),
    ) {
        let mut arrays = arrays;
        arrays.sort();
        arrays.dedup_by(|a, b| a.0 == b.0);
        let member = |(name, shape, packed): &(String, Vec<u64>, bool)| {
            let lengths: String = shape.iter().map(|length| format!("{length}, ")).collect();
            let dict = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({lengths}), }}\n");
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend(u16::try_from(dict.len()).unwrap().to_le_bytes());
            bytes.extend(dict.bytes());
            bytes.resize(bytes.len() + 4 * shape.iter().product::<u64>() as usize, 1);
            (format!("{name}.npy"), bytes, *packed)
        };
        let members: Vec<_> = arrays.iter().map(member).collect();
        let contents = read("x.npz", &Source::memory("x.npz", zipped(&members))).unwrap();
        prop_assert_eq!(&contents.findings, &[]);
        let found: Vec<_> = contents.tensors.iter().map(|tensor| (tensor.name.clone(), tensor.shape.clone())).collect();
        prop_assert_eq!(found, arrays.into_iter().map(|(name, shape, _)| (name, shape)).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn changed_fixtures_never_panic(seed in any::<usize>(), changes in vec((any::<usize>(), any::<u8>()), 1..8)) {
        let fixtures: Vec<_> = fixtures().into_iter().filter(|(_, bytes)| !bytes.is_empty() && bytes.len() < 20_000).collect();
        for (path, bytes) in fixtures.iter().skip(seed % 7).step_by(7) {
            let mut bytes = bytes.clone();
            for (at, byte) in &changes {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            walk(path, Source::memory(path, bytes));
        }
    }
}
