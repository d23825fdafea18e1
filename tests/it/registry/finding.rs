//! Looking up what the lists do not hold.

use weighbridge::registry::tinker::{Feature, TinkerPath};

use super::conformance::connected;
use super::driver::Driver;
use super::session::{paths, replayed, reply, server};
use crate::http::Server;

fn others() -> Server {
    server(|what| match what {
        "GET training_runs/79db3d29:train:0" => Some(reply(
            200,
            "",
            r#"{"training_run_id":"79db3d29:train:0","base_model":"b","is_lora":true,"lora_rank":4}"#,
        )),
        "GET training_runs/79db3d29:train:0/checkpoints" => {
            Some(reply(200, "", r#"{"checkpoints":[{"tinker_path":"tinker://79db3d29:train:0/weights/a"}]}"#))
        }
        "GET sessions/79db3d29" => {
            Some(reply(200, "", r#"{"training_run_ids":["79db3d29:train:0"],"sampler_ids":["79db3d29:sample:1"]}"#))
        }
        "GET samplers/79db3d29:sample:1" => Some(reply(
            200,
            "",
            r#"{"sampler_id":"79db3d29:sample:1","base_model":"b","model_path":"tinker://o/sampler_weights/x"}"#,
        )),
        "GET samplers/plain" => Some(reply(200, "", r#"{"sampler_id":"plain","base_model":"b","model_path":null}"#)),
        "POST weights_info" => Some(reply(200, "", r#"{"base_model":"b","is_lora":true,"lora_rank":4}"#)),
        // A server that fails where another says that something is not there.
        "GET training_runs/broken" | "GET sessions/broken" | "GET samplers/broken" => {
            Some(reply(500, "", "Internal Server Error"))
        }
        _ => None,
    })
}

fn found(driver: &mut Driver, text: &str) -> Result<String, String> {
    driver.act(|session| session.find_registered(text));
    assert!(driver.session.is_idle() && driver.session.notices.is_empty(), "{text}");
    driver.session.registry.found.clone().unwrap()
}

#[test]
fn a_run_and_a_session_are_listed_with_their_checkpoints() {
    for (id, words) in
        [("79db3d29:train:0", "79db3d29:train:0: a run"), (" 79db3d29 ", "79db3d29: a session of 1\u{202f}run")]
    {
        let server = others();
        let mut driver = connected(&server);
        assert!(paths(&driver).is_empty());
        let told = found(&mut driver, id).unwrap();
        assert!(told.starts_with(words) || id.trim() == "79db3d29", "{told}");
        assert_eq!(paths(&driver), ["weights/a"], "{id}");
        let runs: Vec<&str> = driver.session.registry.runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(runs, ["m", "79db3d29:train:0"], "{id}");
        // A second time nothing is there twice.
        found(&mut driver, id).unwrap();
        assert_eq!(driver.session.registry.runs.len(), 2, "{id}");
        assert!(server.seen().iter().any(|asked| asked.path() == "/api/v1/training_runs/79db3d29:train:0"));
    }
}

#[test]
fn a_path_and_a_sampler_lead_to_their_weights() {
    let server = others();
    let mut driver = connected(&server);
    for (text, path, words) in [
        ("tinker://o/weights/x", "tinker://o/weights/x", "a checkpoint"),
        ("79db3d29:sample:1", "tinker://o/sampler_weights/x", "a sampler of b"),
    ] {
        assert!(found(&mut driver, text).unwrap().contains(words), "{text}");
        assert_eq!(driver.session.registry.shown, TinkerPath::parse(path), "{text}");
        let weights = driver.session.registry.weights.clone().unwrap().unwrap();
        assert_eq!(weights.lora_rank, Some(4), "{text}");
        assert_eq!(driver.session.meant(), [TinkerPath::parse(path).unwrap()], "it can be opened");
    }
    assert_eq!(found(&mut driver, "plain"), Ok("plain: a sampler of b as it is".to_owned()));
}

#[test]
fn what_is_not_there_is_said_and_what_is_no_path_is_not_asked_for() {
    let server = others();
    let mut driver = connected(&server);
    for (id, words) in [("nope", "404"), ("broken", "500")] {
        let why = found(&mut driver, id).unwrap_err();
        assert!(why.contains("neither a run, nor a session, nor a sampler") && why.contains(words), "{why}");
    }
    let before = server.seen().len();
    for text in ["tinker://m/final", "twinkle://m/weights/a", "tinker://m/holograms/a"] {
        assert!(found(&mut driver, text).unwrap_err().contains("tinker://run/weights/name"), "{text}");
    }
    driver.act(|session| session.find_registered("  "));
    assert_eq!(server.seen().len(), before);
}

#[test]
fn a_recorded_session_is_found() {
    let server = replayed("tuft-0.2.2-cputest");
    let mut driver = Driver::new();
    driver.connect(&server.url(), "tml-dummy");
    let told = found(&mut driver, "62d622c8-09cc-4fbe-aa93-4f5410240b54").unwrap();
    assert!(told.ends_with("a session of 1\u{202f}run"), "{told}");
    assert!(driver.session.registry.features.has(Feature::Sessions));
}
