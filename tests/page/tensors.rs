//! Looking at the elements of a tensor.

use weighbridge::digest::from_hexadecimal;
use weighbridge::session::{ActivityId, Answer, Asked, Peeked};
use weighbridge::tensor::{Corner, Number, Plane};

use crate::page::{Page, fixture, npy};

#[test]
fn a_tensor_in_a_member_of_an_archive_is_looked_at_in_every_way() {
    let mut page = Page::new(2);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    let path = "linearnexus_run.zip/checkpoints/step_200/model.npz";
    page.act(|session| session.examine(path, 0));
    let shown = page.session.examining.clone().unwrap();
    assert_eq!((&shown.statistics, &shown.sha256), (&Answer::Unasked, &Answer::Unasked));
    page.act(|session| session.ask_for_statistics(None));
    page.act(|session| session.ask_for_values(&Corner { row: 1, ..Corner::default() }));
    page.act(weighbridge::session::Session::ask_for_digest);
    let columns = Plane::of(&shown.tensor.shape).columns;
    page.act(|session| session.peek_tensor(4 * columns));
    page.work();
    let shown = page.session.examining.clone().unwrap();
    let elements = shown.elements.clone().unwrap();
    let (Answer::Known(examined), Answer::Known(values)) = (&shown.statistics, &shown.values) else {
        panic!("{shown:?}")
    };
    let count = elements.count().unwrap();
    assert_eq!((examined.elements, examined.statistics[0].count), (count, count));
    let plane = Plane::of(&elements.shape);
    let shown = (values.window.first, values.texts.len() as u64);
    assert_eq!(shown, (plane.columns, (plane.rows - 1).min(64) * plane.columns.min(64)));
    let Peeked::Bytes(bytes) = page.session.peeking.clone().unwrap().bytes else { panic!() };
    let first = f32::from_le_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(values.texts[0].parse::<f32>().unwrap(), first, "the same element in both views");
    assert_eq!(page.session.examining.clone().unwrap().sha256.known().unwrap().len(), 64);
}

#[test]
fn a_small_tensor_is_looked_at_when_it_is_opened_and_a_large_one_when_asked() {
    let mut page = Page::new(2);
    page.open_bytes("small.npy", npy(&[1.0, -2.0, f32::NAN]));
    page.open_bytes("big.npy", npy(&vec![1.5; 5_000_000]));
    page.act(|session| session.look_at("small.npy", "small"));
    page.work();
    let shown = page.session.examining.clone().unwrap();
    assert_eq!(shown.values.known().unwrap().texts, ["1.0", "-2.0", "NaN"]);
    assert_eq!(shown.statistics.known().unwrap().statistics[0].nan, 1);
    page.act(|session| session.look_at("big.npy", "big"));
    assert!(page.session.is_idle());
    let shown = page.session.examining.clone().unwrap();
    assert_eq!((shown.statistics, shown.values), (Answer::Unasked, Answer::Unasked));
    page.act(|session| session.ask_for_statistics(Some(1000)));
    page.work();
    let examined = page.session.examining.clone().unwrap().statistics.known().cloned().unwrap();
    assert!(examined.counted < examined.elements, "a sample was asked for and is told as one");
    page.act(|session| session.look_at("big.npy", "nothing"));
    assert_eq!(page.session.examining, None);
}

/// What several workers find is what one finds; the mean may differ in the last digit.
#[test]
fn workers_share_a_large_tensor() {
    let mut values: Vec<f32> = (0..17_000_000_u32).map(|at| (at % 4099) as f32 - 7.5).collect();
    (values[3], values[5], values[16_999_999]) = (f32::NAN, 1e-40, f32::NEG_INFINITY);
    let bytes = npy(&values);
    let examined = |workers: usize| {
        let mut page = Page::new(workers);
        page.open_bytes("small.npy", npy(&[1.0]));
        assert!(page.warmed.is_empty());
        page.open_bytes("large.npy", bytes.clone());
        assert!(page.warmed.iter().map(|worker| worker.0).eq(1..workers), "those that will have a share");
        page.act(|session| session.examine("large.npy", 0));
        page.act(|session| session.ask_for_statistics(None));
        let label = "statistics of large";
        assert!(page.session.activities().iter().map(|activity| activity.label.as_str()).eq([label]));
        page.work();
        page.session.examining.clone().unwrap().statistics
    };
    let (Answer::Known(alone), Answer::Known(shared)) = (examined(1), examined(3)) else { panic!() };
    assert_eq!((shared.elements, shared.counted), (17_000_000, 17_000_000));
    assert_eq!(shared.histograms, alone.histograms);
    let (alone, shared) = (alone.statistics[0], shared.statistics[0]);
    assert_eq!((shared.nan, shared.negative_infinite, shared.subnormal), (1, 1, 1));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs(), "{a} {b}");
    let (own, other) = (shared.finite.unwrap(), alone.finite.unwrap());
    close(own.mean, other.mean);
    close(own.std, other.std);
    close(own.l2, other.l2);
    let finite = Some(weighbridge::tensor::Finite { mean: own.mean, std: own.std, l2: own.l2, ..other });
    assert_eq!(shared, weighbridge::tensor::Statistics { finite, ..alone });
}

/// Half of the work is left when the statistics are told.
#[test]
fn sharing_can_be_stopped_before_and_after_the_statistics() {
    let mut page = Page::new(2);
    page.open_bytes("large.npy", npy(&vec![1.5; 17_000_000]));
    page.act(|session| session.examine("large.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    page.slice();
    page.act(|session| session.cancel(ActivityId::Examine(Asked::Statistics)));
    assert_eq!(page.session.examining.clone().unwrap().statistics, Answer::Stopped);
    page.act(|session| session.ask_for_statistics(None));
    while !matches!(page.session.examining.clone().unwrap().statistics, Answer::Partly(_)) {
        page.slice();
    }
    let progress = page.session.activities()[0].progress;
    assert!(progress.done * 2 >= progress.total && progress.done < progress.total, "{progress:?}");
    page.act(|session| session.cancel(ActivityId::Examine(Asked::Statistics)));
    assert!(page.session.is_idle());
    let Answer::Known(told) = page.session.examining.clone().unwrap().statistics else { panic!() };
    assert_eq!((told.counted, told.histograms.len()), (17_000_000, 0), "what was told stays");
}

#[test]
fn what_is_no_numbers_says_why_and_is_not_read() {
    let mut page = Page::new(1);
    page.open(&[fixture("gguf")]);
    let found = page.report()["tensors"].as_array().unwrap().iter().find_map(|tensor| {
        let is_quantised = tensor["dtype"].as_str().unwrap().starts_with('Q');
        is_quantised.then(|| (tensor["file"].as_str().unwrap().to_owned(), tensor["name"].as_str().unwrap().to_owned()))
    });
    let (file, name) = found.expect("a quantised tensor among the fixtures");
    page.act(|session| session.look_at(&file, &name));
    assert!(page.session.is_idle());
    let why = page.session.examining.clone().unwrap().why_no_numbers().unwrap();
    assert!(why.starts_with("Quantised"), "{why}");
    page.act(|session| session.peek_tensor(0));
    page.work();
    let Peeked::Bytes(bytes) = page.session.peeking.clone().unwrap().bytes else { panic!() };
    assert!(!bytes.is_empty(), "its bytes are shown all the same");
}

#[test]
fn what_is_stopped_or_left_is_told_and_nothing_comes_late() {
    let mut page = Page::new(3);
    page.open_bytes("big.npy", npy(&vec![1.5; 12_000_000]));
    page.open_bytes("small.npy", npy(&[1.0, -2.0, f32::NAN]));
    page.act(|session| session.examine("big.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    assert!(!page.session.activities().is_empty());
    assert_eq!(page.session.activities()[0].label, "statistics of big");
    page.act(|session| session.cancel(ActivityId::Examine(Asked::Statistics)));
    assert!(page.session.is_idle());
    assert_eq!(page.session.examining.clone().unwrap().statistics, Answer::Stopped);
    page.act(|session| session.ask_for_statistics(None));
    page.slice();
    page.act(|session| session.examine("small.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    page.work();
    let shown = page.session.examining.clone().unwrap();
    let found = shown.statistics.known().unwrap().statistics[0];
    assert_eq!((found.count, found.nan, found.finite.unwrap().min), (3, 1, Number::Single(-2.0)));
    let source = page.session.sources().last().unwrap().id;
    page.act(|session| session.close(source));
    assert_eq!(page.session.examining, None);
}

#[test]
fn a_tensor_that_is_no_numbers_fails_with_a_sentence() {
    let mut page = Page::new(1);
    let mut bytes = npy(&[0.0; 8]);
    let at = bytes.windows(3).position(|window| window == b"<f4").unwrap();
    bytes[at..at + 3].copy_from_slice(b"|S4");
    page.open_bytes("words.npy", bytes);
    page.act(|session| session.examine("words.npy", 0));
    page.act(|session| session.ask_for_statistics(None));
    page.work();
    let Answer::Failed(problem) = page.session.examining.clone().unwrap().statistics else { panic!() };
    assert_eq!(problem.detail, "tensor: the element type S4 as numbers is not read by this version");
    page.act(|session| session.examine("nowhere.npy", 0));
    assert_eq!(page.session.examining, None);
}

/// Of a model with a tensor that cannot be read, the rest is identified, and what was left out is told.
#[test]
fn an_identity_says_what_it_leaves_out() {
    let header = |dtype: &str, len: u64| {
        format!(
            r#"{{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},"q":{{"dtype":"{dtype}","shape":[2],"data_offsets":[4,{len}]}}}}"#
        )
    };
    let file = |header: String, data: &[u8]| [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat();
    let only = file(r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#.to_owned(), b"abcd");
    let mut page = Page::new(1);
    page.open_bytes("q.safetensors", file(header("Q9_X", 8), b"abcdwxyz"));
    page.open_bytes("r.safetensors", file(header("Q9_X", 9), b"abcdwxyz0"));
    page.open_bytes("s.safetensors", only);
    for path in ["q.safetensors", "r.safetensors", "s.safetensors"] {
        page.act(|session| session.identify(path));
        page.work();
    }
    let known = |path: &str| page.session.identified.iter().find(|known| known.path == path).unwrap();
    assert_eq!(known("q.safetensors").left_out, ["q (Q9_X)"]);
    assert_eq!((known("q.safetensors").tensors, known("s.safetensors").left_out.len()), (1, 0));
    assert_eq!(known("q.safetensors").identity, known("s.safetensors").identity);
    assert_eq!(page.session.same_as("q.safetensors"), ["r.safetensors"]);
    assert_eq!(page.session.same_as("s.safetensors"), [""; 0]);
}

/// `expected/identity.py` says what the identities are.
#[test]
fn copies_of_a_model_are_found_to_hold_the_same() {
    let expected: serde_json::Value = serde_json::from_str(include_str!("../expected/identity.json")).unwrap();
    let mut compared = 0;
    for group in expected["groups"].as_array().unwrap() {
        let mut page = Page::new(2);
        let single = group["copies"].as_array().unwrap().iter().filter(|copy| copy.as_array().unwrap().len() == 1);
        for copy in single {
            let bytes = from_hexadecimal(copy[0]["bytes"].as_str().unwrap()).unwrap();
            page.open_bytes(copy[0]["name"].as_str().unwrap(), bytes);
        }
        let paths: Vec<String> = page.session.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
        for path in &paths {
            page.act(|session| session.identify(path));
            page.work();
        }
        for path in &paths {
            let found = page.session.identified.iter().find(|known| known.path == *path).unwrap();
            assert_eq!(found.identity.known().map(String::as_str), group["identity"].as_str(), "{found:?}");
            assert_eq!(page.session.same_as(path).len(), paths.len() - 1, "{path}");
            compared += paths.len() - 1;
        }
    }
    assert!(compared > 4, "{compared}");
}
