//! Files of the sizes that broke other readers.

use weighbridge::model::{Severity, Value};
use weighbridge::source::Source;

use crate::support::read;

fn safetensors(header: &str, data: usize) -> Source {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    Source::memory("x.safetensors", bytes)
}

/// The Hub's reader stops at 25 MB, the format at 100 MB.
#[test]
fn a_header_of_thirty_megabytes_is_read() {
    let note = "x".repeat(30 << 20);
    let header =
        format!(r#"{{"__metadata__":{{"note":"{note}"}},"w":{{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}}}"#);
    let contents = read("x.safetensors", &safetensors(&header, 3)).unwrap();
    // The text is cut to what a worker can hold beside everything else, and that is said.
    let codes: Vec<_> = contents.findings.iter().map(|finding| (finding.code.as_str(), finding.severity)).collect();
    assert_eq!(
        (contents.tensors.len(), codes.as_slice()),
        (1, [("safetensors-metadata-cut", Severity::Note)].as_slice())
    );
    assert_eq!(contents.metadata[0].1.len(), weighbridge::limits::METADATA);
}

#[test]
fn fifty_thousand_tensors_are_listed_in_order() {
    let entry = |n: usize| {
        format!(r#""layers.{n}.weight":{{"dtype":"F4","shape":[2,8],"data_offsets":[{},{}]}}"#, 8 * n, 8 * n + 8)
    };
    let header = format!("{{{}}}", (0..49_152).map(entry).collect::<Vec<_>>().join(","));
    let contents = read("x.safetensors", &safetensors(&header, 8 * 49_152)).unwrap();
    assert_eq!((contents.tensors.len(), contents.findings.len()), (49_152, 0));
    assert_eq!(contents.tensors[49_151].name, "layers.49151.weight");
}

/// One current mixture of experts has an index of 497,000 names.
#[test]
fn an_index_of_many_shards_is_read() {
    let row = |n: usize| format!("\"layers.{n}.weight\": \"model-{:05}-of-00100.safetensors\"", n / 5000);
    let rows = (0..497_000).map(row).collect::<Vec<_>>().join(",\n");
    let text = format!("{{\"metadata\": {{\"total_size\": 1}},\n\"weight_map\": {{\n{rows}\n}}}}");
    let name = "model.safetensors.index.json";
    let contents = read(name, &Source::memory(name, text)).unwrap();
    let map = contents.document.as_ref().and_then(|document| document.get("weight_map")).and_then(Value::pairs);
    assert_eq!((map.map(<[_]>::len), contents.findings.len()), (Some(497_000), 0));
}
