//! What users do, from drop to report.

use serde_json::{Value, json};
use weighbridge::manifest::Form;
use weighbridge::protocol::TaskSpec;
use weighbridge::session::Command;

use crate::page::{Page, fixture};

fn paths(report: &Value) -> Vec<String> {
    let checkpoints = report["runs"][0]["checkpoints"].as_array().unwrap();
    checkpoints.iter().map(|checkpoint| checkpoint["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_zip_of_a_run_shows_its_five_checkpoints() {
    let mut page = Page::new(2);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    let report = page.report();
    let run = &report["runs"][0];
    assert_eq!(run["layout"], "linear_nexus");
    assert_eq!(run["path"], "linearnexus_run.zip/checkpoints");
    let steps: Vec<u64> =
        run["checkpoints"].as_array().unwrap().iter().map(|checkpoint| checkpoint["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [200, 300, 600, 700, 800]);
    assert_eq!(run["checkpoints"][0]["metrics"], json!({ "loss": 0.051_324_605_941_772_46, "accuracy": 0.35 }));
    assert_eq!(report["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error").count(), 0);
    let read = report["sources"][0]["bytes_read"].as_u64().unwrap();
    assert!(read > 0);
}

#[test]
fn the_folder_and_the_archive_say_the_same() {
    let of = |path: &str| {
        let mut page = Page::new(1);
        page.open(&[fixture(path)]);
        let report = page.report();
        let top = paths(&report)[0].split("/step_").next().unwrap().to_owned();
        let text = serde_json::to_string(&(&report["runs"], &report["tensors"])).unwrap();
        text.replace(&top, "")
    };
    assert_eq!(of("linearnexus/run"), of("archives/linearnexus_run.zip"));
}

#[test]
fn one_bad_and_one_missing_file_fail_the_verification() {
    for workers in [1, 3] {
        let mut page = Page::new(workers);
        page.open(&[fixture("manifests/step_800")]);
        page.act(weighbridge::session::Session::verify);
        page.work();
        let report = page.report();
        assert_eq!(report["integrity"]["verdict"], "failed");
        let rows = report["integrity"]["entries"].as_array().unwrap();
        let status = |path: &str, manifest: &str| {
            let path = format!("step_800/{path}");
            let manifest = format!("step_800/{manifest}");
            rows.iter().find(|row| row["path"] == path && row["manifest"] == manifest).unwrap()["status"].clone()
        };
        assert_eq!(status("config.json", "SHA256SUMS.one_bad"), "mismatch");
        assert_eq!(status("missing_file.bin", "SHA256SUMS.one_bad"), "missing");
        assert_eq!(status("model.npz", "SHA256SUMS.one_bad"), "ok");
        assert_eq!(status("config.json", "SHA256SUMS"), "ok");
    }
}

#[test]
fn a_manifest_dropped_beside_is_about_what_was_opened_before() {
    let mut page = Page::new(2);
    let manifest = std::fs::read(fixture("manifests/step_800/SHA256SUMS")).unwrap();
    page.open(&[fixture("linearnexus/run/checkpoints/step_800")]);
    page.open_bytes("SHA256SUMS", manifest);
    page.act(weighbridge::session::Session::verify);
    page.work();
    let report = page.report();
    assert_eq!(report["integrity"]["verdict"], "verified", "{:#}", report["integrity"]);
}

#[test]
fn without_a_manifest_the_digests_are_computed_all_the_same() {
    let mut page = Page::new(2);
    page.open(&[fixture("frameworks/mlx/weights.npz")]);
    page.act(weighbridge::session::Session::verify);
    page.work();
    let report = page.report();
    assert_eq!(report["integrity"]["verdict"], "unverified");
    let expected = std::process::Command::new("sha256sum").arg(fixture("frameworks/mlx/weights.npz")).output().unwrap();
    let expected = String::from_utf8(expected.stdout).unwrap();
    let source = &report["sources"][0];
    assert!(source["bytes_read"].as_u64() > source["size_bytes"].as_u64(), "headers, then every byte");
    assert_eq!(report["integrity"]["entries"][0]["actual"], expected.split(' ').next().unwrap());
    assert_eq!(report["runs"][0]["checkpoints"][0]["files"][0]["sha256"], expected.split(' ').next().unwrap());
}

#[test]
fn a_manifest_is_written_of_files_that_were_hashed_whole() {
    let folder = fixture("manifests/step_800");
    let mut page = Page::new(2);
    page.open(std::slice::from_ref(&folder));
    assert!(!page.session.has_manifest());
    page.act(weighbridge::session::Session::verify);
    page.work();
    let text = page.session.manifest(Form::Sha256Sums).unwrap();
    let mut names: Vec<&str> = Vec::new();
    for (digest, name) in text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once("  ").unwrap())
    {
        let expected = std::process::Command::new("sha256sum").arg(folder.join(name)).output().unwrap();
        assert_eq!(String::from_utf8(expected.stdout).unwrap().split(' ').next().unwrap(), digest, "{name}");
        names.push(name);
    }
    assert!(names.contains(&"config.json") && names.contains(&"model.npz"), "{names:?}");

    // A member of an archive is no file, and neither has a shard the digest of one.
    let mut page = Page::new(1);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    page.act(weighbridge::session::Session::verify);
    page.work();
    let text = page.session.manifest(Form::Sha256Sums).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.ends_with("  linearnexus_run.zip\n"), "{text}");
    let statement = json!({
        "predicateType": "https://model_signing/signature/v1.0",
        "subject": [{ "name": "model", "digest": { "sha256": "0".repeat(64) } }],
        "predicate": {
            "serialization": { "method": "shards", "shard_size": 4 },
            "resources": [{ "name": "model.bin:0:4", "algorithm": "sha256-sharded-4", "digest": "0".repeat(64) }],
        },
    });
    let mut page = Page::new(1);
    page.open_bytes("model.bin", vec![7; 8]);
    page.open_bytes("model.json", statement.to_string().into_bytes());
    page.act(weighbridge::session::Session::verify);
    page.work();
    assert_eq!(page.report()["integrity"]["entries"][0]["status"], "mismatch");
    assert!(!page.session.has_manifest());
    assert_eq!(page.session.manifest(Form::Json), None);
}

#[test]
fn a_stopped_verification_is_incomplete_and_says_what_it_has() {
    let mut page = Page::new(1);
    page.open_bytes("big.bin", vec![7; 64 << 20]);
    page.act(weighbridge::session::Session::verify);
    page.slice();
    assert!(!page.session.is_idle());
    page.act(|session| session.cancel(weighbridge::session::ActivityId::Verify));
    assert!(page.session.is_idle());
    page.work();
    assert_eq!(page.report()["integrity"]["verdict"], "incomplete");
    assert_eq!(page.session.finished, 2);
}

#[test]
fn two_checkpoints_compare_with_sign_and_direction() {
    let mut page = Page::new(1);
    page.open(&[fixture("linearnexus/run")]);
    let paths = paths(&page.report());
    page.act(|session| session.choose_comparison(Some(paths[1].clone()), Some(paths[4].clone())));
    page.act(weighbridge::session::Session::compare);
    page.work();
    let report = page.report();
    let read = |path: &str| -> Value {
        let text = std::fs::read_to_string(fixture("linearnexus").join(path).join("metrics.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (a, b) = (read(&paths[1]), read(&paths[4]));
    for row in report["comparison"]["metrics"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let (x, y) = (a[name].as_f64().unwrap(), b[name].as_f64().unwrap());
        assert_eq!((row["a"].as_f64(), row["b"].as_f64()), (Some(x), Some(y)));
        assert_eq!(row["delta"].as_f64(), Some(y - x));
        assert_eq!(row["relative"].as_f64(), Some((y - x) / x.abs()));
        let better = if name == "loss" { y < x } else { y > x };
        assert_eq!(
            row["verdict"],
            if x == y {
                "same"
            } else if better {
                "better"
            } else {
                "worse"
            }
        );
    }
}

#[test]
fn two_files_of_one_name_keep_apart() {
    let mut page = Page::new(1);
    page.open(&[fixture("linearnexus/variants/bf16/model.npz")]);
    page.open(&[fixture("linearnexus/variants/quickstart/model.npz")]);
    let names: Vec<String> = page.session.sources().map(|source| source.name.clone()).collect();
    assert_eq!(names, ["model.npz", "model.npz (2)"]);
    assert_eq!(page.session.checkpoints().count(), 2);
    let first = page.session.sources().next().unwrap().id;
    page.act(|session| session.close(first));
    assert_eq!(page.session.checkpoints().count(), 1);
}

#[test]
fn a_dead_worker_fails_its_job_and_nothing_else() {
    let mut page = Page::new(1);
    page.open(&[fixture("linearnexus/run")]);
    page.start(&[fixture("frameworks/mlx")]);
    page.act(|session| session.worker_died(weighbridge::session::WorkerId(0), "unreachable executed"));
    assert!(page.session.is_idle());
    assert_eq!(page.session.notices.len(), 1);
    assert_eq!(page.session.checkpoints().count(), 5);
}

#[test]
fn bytes_of_a_member_of_an_archive_can_be_looked_at() {
    let mut page = Page::new(1);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    page.act(|session| session.peek("linearnexus_run.zip/checkpoints/step_200/metrics.json", 2));
    page.work();
    let shown = page.session.peeking.clone().unwrap();
    let on_disk = std::fs::read(fixture("linearnexus/run/checkpoints/step_200/metrics.json")).unwrap();
    assert_eq!(shown.bytes, weighbridge::session::Peeked::Bytes(on_disk[2..].to_vec()));
}

#[test]
fn a_plan_of_the_run_stands_in_the_report() {
    let mut page = Page::new(1);
    page.open(&[fixture("linearnexus/run")]);
    page.session.ask_for_plan();
    let policy =
        weighbridge::retention::Policy { keep_last: 2, keep_best: 1, ..page.session.planning.policy.clone().unwrap() };
    page.session.set_policy(policy);
    let report = page.report();
    let names = |key: &str| -> Vec<String> {
        let list = report["retention"][key].as_array().unwrap();
        list.iter().map(|row| row["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names("keep"), ["step_300", "step_700", "step_800"]);
    assert_eq!(names("drop"), ["step_200", "step_600"]);
}

#[test]
fn files_of_one_size_are_shared_evenly_among_the_workers() {
    let folder = std::env::temp_dir().join(format!("weighbridge-shared-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..8 {
        std::fs::write(folder.join(format!("part-{number}.bin")), vec![number; 1000]).unwrap();
    }
    let mut page = Page::new(2);
    page.open(std::slice::from_ref(&folder));
    let commands = page.session.verify();
    let items = commands.iter().filter_map(|command| match command {
        Command::Start { task: TaskSpec::Digest { items, .. }, .. } => Some(items.len()),
        _ => None,
    });
    assert_eq!(items.collect::<Vec<_>>(), [4, 4], "the lanes of a hasher are full only with four files");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A key that is given is tried on every signature that is open; an answer about an earlier key counts for nothing.
#[test]
fn signatures_are_asked_about_once_a_key() {
    let expected = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expected/signatures.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let case = |name: &str| expected["cases"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    let good = case("P-256 with its key");
    let mut page = Page::new(1);
    page.open_bytes("model.sig", good["bundle"].as_str().unwrap().as_bytes().to_vec());
    let row = |page: &Page| page.report()["signatures"][0].clone();
    let has =
        |page: &Page, code: &str| page.report()["findings"].as_array().unwrap().iter().any(|row| row["code"] == code);
    assert_eq!((row(&page)["signature"].as_str(), has(&page, "signature-unchecked")), (Some("not_checked"), true));
    let other = case("P-256 with another key")["key"].as_str().unwrap();
    page.act(|session| session.give_key("other.pem", other.as_bytes()));
    page.act(|session| session.give_key("", good["key"].as_str().unwrap().as_bytes()));
    let [(place, first, _), (_, second, _)] = page.asked.clone().try_into().unwrap();
    assert!(!page.session.is_idle(), "an answer is awaited");
    page.session.signature_checked(place, first, Ok(false));
    assert_eq!(row(&page)["signature"], "not_checked", "the first key is not used any more");
    page.session.signature_checked(place, second, Ok(true));
    assert!(page.session.is_idle());
    let told = row(&page);
    assert_eq!((&told["signature"], &told["identity"]), (&json!("checked"), &json!("not_checked")));
    assert_eq!(told["key"]["curve"], "P-256");
    assert!(!has(&page, "signature-unchecked") && !has(&page, "signature-mismatch"));
    page.act(|session| session.check_signatures());
    assert_eq!(page.asked.len(), 2, "what was answered is not asked again");
    // A browser that cannot say has checked nothing.
    page.act(|session| session.give_key("", good["key"].as_str().unwrap().as_bytes()));
    let (_, round, _) = page.asked[2];
    page.session.signature_checked(place, round, Err("no cryptography here".into()));
    assert_eq!(
        (row(&page)["signature"].as_str(), row(&page)["reason"].as_str()),
        (Some("not_checked"), Some("no cryptography here"))
    );
    page.act(|session| session.give_key("", other.as_bytes()));
    let (_, round, _) = page.asked[3];
    page.session.signature_checked(place, round, Ok(false));
    assert!(has(&page, "signature-mismatch"));
    // A key of another curve cannot have made it, whatever the browser would say.
    let longer = case("P-521 with its key");
    let mut page = Page::new(1);
    page.open_bytes("model.sig", longer["bundle"].as_str().unwrap().as_bytes().to_vec());
    page.act(|session| session.give_key("", other.as_bytes()));
    assert_eq!((row(&page)["signature"].as_str(), page.asked.len()), (Some("failed"), 0));
}
