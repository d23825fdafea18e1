//! Comparing adapters of low rank by what they add to the weights. `expected/lora.py` made the files and says what NumPy makes
//! of them; those of `expected/adapters.py` were saved by PEFT, whose layers say what they add.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use weighbridge::session::{CsvTable, Session};

use crate::page::{Page, fixture};

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn expected() -> Value {
    told_by("lora")
}

fn told_by(what: &str) -> Value {
    serde_json::from_slice(&unpacked(&format!("{what}.json.gz"))).unwrap()
}

fn part<'a>(told: &Value, bytes: &'a [u8]) -> &'a [u8] {
    let number = |key: &str| usize::try_from(told[key].as_u64().unwrap()).unwrap();
    &bytes[number("offset")..number("offset") + number("len")]
}

/// A folder of an adapter.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, config: Option<&[u8]>, model: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("weighbridge-lora-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        config.into_iter().for_each(|config| fs::write(path.join("adapter_config.json"), config).unwrap());
        fs::write(path.join("adapter_model.safetensors"), model).unwrap();
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.file_name().unwrap().to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// The comparison of what was opened from two paths.
fn compared(page: &mut Page, a: &str, b: &str) -> Value {
    let path = |start: &str| {
        let found = page.session.checkpoints().find(|found| found.checkpoint.path.starts_with(start));
        found.unwrap_or_else(|| panic!("{start}")).checkpoint.path.clone()
    };
    let (a, b) = (path(a), path(b));
    page.act(|session| session.choose_comparison(Some(a), Some(b)));
    page.act(Session::compare);
    page.work();
    page.report()["comparison"].clone()
}

fn of_case(at: usize, case: &Value, bytes: &[u8], workers: usize) -> (Value, Page) {
    let folder = |side: &str| {
        let config = Some(&case[side]["config"]).filter(|told| !told.is_null()).map(|told| part(told, bytes));
        Folder::new(&format!("{at}-{workers}-{side}"), config, part(&case[side]["model"], bytes))
    };
    let (a, b) = (folder("a"), folder("b"));
    let mut page = Page::new(workers);
    page.open(&[a.0.clone(), b.0.clone()]);
    let found = compared(&mut page, a.name(), b.name());
    (found, page)
}

fn float(told: &Value) -> Option<f64> {
    told.as_str().map(|bits| f64::from_bits(u64::from_str_radix(bits, 16).unwrap()))
}

/// To 1e-6, and as far as 64-bit floats of that size go.
fn check(what: &str, ours: &Value, theirs: &Value, size: f64) {
    match (ours.as_f64(), float(theirs)) {
        (Some(x), Some(y)) => assert!((x - y).abs() <= 1e-6 * y.abs() + 1e-14 * size, "{what}: {x} {y}"),
        (None, None) => {}
        _ => panic!("{what}: {ours} {theirs}"),
    }
}

fn check_rows(what: &str, found: &Value, expected: &Value) {
    let (found, expected) = (found["lora"]["modules"].as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(found.len(), expected.len(), "{what}");
    for theirs in expected {
        let what = format!("{what}, {}", theirs["name"]);
        let ours = found.iter().find(|row| row["name"] == theirs["name"]).unwrap_or_else(|| panic!("{what}"));
        assert_eq!(ours["problem"], Value::Null, "{what}");
        for side in ["a", "b"] {
            assert_eq!(
                (ours[side].is_null(), &ours[side]["rank"]),
                (theirs[side].is_null(), &theirs[side]["rank"]),
                "{what}"
            );
            check(&what, &ours[side]["scale"], &theirs[side]["scale"], 0.0);
            check(&what, &ours[side]["l2"], &theirs[side]["l2"], 0.0);
        }
        let size = [&theirs["a"]["l2"], &theirs["b"]["l2"]].into_iter().filter_map(float).fold(0.0, f64::max);
        check(&what, &ours["l2"], &theirs["l2"], size);
        check(&what, &ours["relative_l2"], &theirs["relative_l2"], 1.0);
        check(&what, &ours["cosine"], &theirs["cosine"], 1.0);
    }
}

#[test]
fn updates_are_those_of_numpy() {
    let (told, bytes) = (expected(), unpacked("lora.bin.gz"));
    let cases = told["cases"].as_array().unwrap();
    assert!(cases.len() > 15);
    for (at, case) in cases.iter().enumerate() {
        let what = case["what"].as_str().unwrap();
        for workers in [1, 3] {
            let (found, page) = of_case(at, case, &bytes, workers);
            check_rows(what, &found, &case["rows"]);
            let markdown = page.session.report_markdown();
            assert!(
                markdown.contains("### Adapter") && page.session.report_html().contains("<h3>Adapter</h3>"),
                "{what}"
            );
            let csv = page.session.comparison_csv(CsvTable::Lora);
            assert_eq!(csv.lines().count(), 1 + case["rows"].as_array().unwrap().len(), "{what}");
        }
    }
}

#[test]
fn updates_are_those_of_peft() {
    let (told, bytes) = (told_by("adapters"), unpacked("adapters.bin.gz"));
    let cases = told["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for (at, case) in cases.iter().enumerate() {
        let (found, _) = of_case(100 + at, case, &bytes, 2);
        check_rows(case["what"].as_str().unwrap(), &found, &case["rows"]);
    }
}

#[test]
fn archives_of_tinker_are_compared_by_their_updates() {
    for pair in expected()["fixtures"].as_array().unwrap() {
        let (a, b) = (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap());
        let mut page = Page::new(2);
        page.open(&[fixture(&format!("tinkex/archives/{a}")), fixture(&format!("tinkex/archives/{b}"))]);
        let found = compared(&mut page, a, b);
        check_rows(&format!("{a} and {b}"), &found, &pair["rows"]);
    }
}

fn findings(comparison: &Value) -> Vec<String> {
    let all = comparison["findings"].as_array().unwrap();
    let lines =
        all.iter().map(|found| format!("{}: {}", found["code"].as_str().unwrap(), found["message"].as_str().unwrap()));
    lines.filter(|line| line.starts_with("weights-adapter")).collect()
}

#[test]
fn what_is_equal_what_is_missing_and_what_is_left_out_is_said() {
    let (told, bytes) = (expected(), unpacked("lora.bin.gz"));
    let of = |what: &str| {
        let cases = told["cases"].as_array().unwrap();
        let at = cases.iter().position(|case| case["what"] == what).unwrap();
        of_case(100 + at, &cases[at], &bytes, 1).0
    };
    let same = of("the same");
    assert!(same["lora"]["modules"].as_array().unwrap().iter().all(|row| row["equal"] == true && row["l2"] == 0.0));
    assert_eq!(same["lora"]["l2"], 0.0);
    let rows = of("one unit in the last place")["lora"]["modules"].clone();
    assert_eq!((&rows[0]["equal"], &rows[1]["equal"]), (&false.into(), &true.into()));
    let scale =
        "weights-adapter-scale: no adapter_config.json: the products of the adapter are compared with the scale 1";
    assert_eq!(findings(&of("no configuration on one side")), [scale]);
    let odd = findings(&of("embeddings, convolutions, experts"));
    assert_eq!(odd.len(), 2, "{odd:?}");
    assert!(odd[0].ends_with("left out of them: 1 tensors (base_model.model.named.lora_magnitude_vector)"), "{odd:?}");
}

/// A safetensors file of 32-bit floats.
fn safetensors(tensors: &[(&str, &[u64], Vec<f32>)]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, shape, values) in tensors {
        let begin = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        header.push(format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{begin},{}]}}"#, data.len()));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// The module `q` of two adapters whose matrices have these shapes, full of this number.
fn odd(name: &str, a: [&[u64]; 2], b: [&[u64]; 2], number: f32) -> Value {
    let adapter = |[of_a, of_b]: [&[u64]; 2]| {
        let full = |shape: &[u64]| vec![number; usize::try_from(shape.iter().product::<u64>()).unwrap()];
        safetensors(&[("q.lora_A.weight", of_a, full(of_a)), ("q.lora_B.weight", of_b, full(of_b))])
    };
    let config: &[u8] = br#"{"peft_type": "LORA", "r": 2, "lora_alpha": 2}"#;
    let folder = |side: &str, shapes| Folder::new(&format!("{name}-{side}"), Some(config), &adapter(shapes));
    let (left, right) = (folder("a", a), folder("b", b));
    let mut page = Page::new(1);
    page.open(&[left.0.clone(), right.0.clone()]);
    compared(&mut page, left.name(), right.name())
}

#[test]
fn what_is_no_product_is_a_problem_of_its_module_alone() {
    let good: [&[u64]; 2] = [&[2, 3], &[4, 2]];
    let problem = |found: &Value| found["lora"]["modules"][0]["problem"].as_str().unwrap_or("none").to_owned();
    let found = odd("shapes", good, [&[2, 3], &[4, 3]], 1.0);
    assert_eq!(problem(&found), "B: matrices of the shapes [4, 3] and [2, 3] make no product");
    let found = odd("weights", good, [&[2, 5], &[4, 2]], 1.0);
    assert_eq!(problem(&found), "it changes 4 × 3 weights in A and 4 × 5 in B");
    let found = odd("rank", good, [&[3, 3], &[4, 3]], 1.0);
    assert_eq!(problem(&found), "B: its rank is 3, its configuration says 2");
    let found = odd("finite", good, good, f32::NAN);
    assert_eq!(problem(&found), "14\u{202f}numbers of its matrices are not finite");
    assert_eq!((&found["lora"]["modules"][0]["l2"], &found["lora"]["l2_a"]), (&Value::Null, &Value::Null));
    assert!(findings(&found).iter().any(|line| line.contains("not finite")), "{found}");
    let found = odd("fine", good, good, 1.0);
    // 12 weights of 2 each.
    assert_eq!((problem(&found).as_str(), &found["lora"]["l2_b"]), ("none", &(48.0_f64.sqrt()).into()));
}
