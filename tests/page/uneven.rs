//! Comparisons of which one side is broken, or holds what is no number: the rest is compared, and the gap is said.

use serde_json::{Value, json};
use weighbridge::session::Session;

use crate::page::Page;

/// A safetensors file of tensors of floats.
fn safetensors(tensors: &[(&str, &[f32])]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, values) in tensors {
        let begin = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let len = values.len();
        header.push(format!(r#""{name}":{{"dtype":"F32","shape":[{len}],"data_offsets":[{begin},{}]}}"#, data.len()));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// The comparison of two files.
fn compared(a: (&str, Vec<u8>), b: (&str, Vec<u8>)) -> (Value, Page) {
    let mut page = Page::new(1);
    let names = [a.0.to_owned(), b.0.to_owned()];
    page.open_bytes(a.0, a.1);
    page.open_bytes(b.0, b.1);
    let [a, b] = names;
    page.act(|session| session.choose_comparison(Some(a), Some(b)));
    page.act(Session::compare);
    page.work();
    (page.report()["comparison"].clone(), page)
}

fn findings(comparison: &Value) -> Vec<String> {
    let all = comparison["findings"].as_array().unwrap();
    all.iter()
        .map(|found| format!("{}: {}", found["code"].as_str().unwrap(), found["message"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_side_that_is_cut_off_is_compared_as_far_as_it_goes() {
    let whole = safetensors(&[("u", &[1.0, 2.0]), ("v", &[3.0, 4.0]), ("w", &[5.0, 6.0])]);
    let cut = whole[..whole.len() - 4].to_vec();
    for (a, b) in [(whole.clone(), cut.clone()), (cut, whole)] {
        let (found, page) = compared(("a.safetensors", a), ("b.safetensors", b));
        let rows = found["weights"].as_array().unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row["name"].as_str().unwrap(), row["equal"] == true)).collect();
        assert_eq!(told, [("u", true), ("v", true), ("w", false)]);
        let why = rows[2]["problem"].as_str().unwrap();
        assert!(why.contains("bytes"), "{why}");
        assert_eq!((&rows[2]["max_abs"], &rows[2]["changed_fraction"]), (&Value::Null, &Value::Null));
        let path = rows[2]["problem"].as_str().unwrap().split(' ').next().unwrap();
        assert_eq!(findings(&found), [format!("weights-not-compared: w: {path} has no bytes of it")]);
        let markdown = page.session.report_markdown();
        assert!(markdown.contains("not compared"), "{markdown}");
    }
}

#[test]
fn a_side_that_cannot_be_read_leaves_what_is_known_of_the_other() {
    let whole = safetensors(&[("u", &[1.0, 2.0])]);
    let mut broken = whole.clone();
    broken[8] = b'!';
    let (found, _) = compared(("a.safetensors", whole), ("b.safetensors", broken));
    assert_eq!((&found["structure"], &found["config"]), (&Value::Null, &Value::Null));
    let expected = [
        "not-compared: no list of tensors to compare",
        "weights-nothing-common: no tensor is on both sides: no values were compared",
    ];
    assert_eq!(findings(&found), expected);
}

#[test]
fn what_is_not_finite_is_never_lost() {
    let (nan, other_nan) = (f32::from_bits(0x7fc0_0000), f32::from_bits(0x7fc0_0001));
    let a = safetensors(&[("one", &[1.0, nan]), ("payload", &[1.0, nan]), ("inf", &[f32::INFINITY]), ("gone", &[nan])]);
    let b = safetensors(&[
        ("one", &[1.0, nan]),
        ("payload", &[1.0, other_nan]),
        ("inf", &[f32::NEG_INFINITY]),
        ("gone", &[0.0]),
    ]);
    let (found, _) = compared(("a.safetensors", a), ("b.safetensors", b));
    let row = |name: &str| {
        let rows = found["weights"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap().clone()
    };
    let counts = |name: &str| {
        let row = row(name);
        let count = |side: &str, key: &str| row[side][key].as_u64().unwrap();
        ["nan", "infinite"].map(|key| [count("a", key), count("b", key)])
    };
    for (name, equal, expected) in [
        ("one", true, [[1, 1], [0, 0]]),
        ("payload", false, [[1, 1], [0, 0]]),
        ("inf", false, [[0, 0], [1, 1]]),
        ("gone", false, [[1, 0], [0, 0]]),
    ] {
        assert_eq!((row(name)["equal"] == equal, counts(name)), (true, expected), "{name}");
    }
    assert_eq!(row("inf")["changed_fraction"], json!(1.0));
    let expected = [
        "gone: 1 NaN and 0 infinite elements in A, 0 and 0 in B; the others were compared",
        "inf: 0 NaN and 1 infinite elements in A, 0 and 1 in B; the others were compared",
        "one: 1 NaN and 0 infinite elements in A, 1 and 0 in B; the others were compared",
        "payload: 1 NaN and 0 infinite elements in A, 1 and 0 in B; the others were compared",
    ];
    assert_eq!(findings(&found), expected.map(|message| format!("weights-not-finite: {message}")));
}
