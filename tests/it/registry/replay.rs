//! What is made of each recorded answer, for every server that was recorded. The facts expected are those in the answers,
//! as read by people, and the table of what each server offers.

use serde_json::Value;
use weighbridge::registry::tinker::{Download, Feature, Features, Kind, Next, Server, TinkerPath, Weights};
use weighbridge::registry::{Answer, Method, Refusal, Request, tinker};

use super::recorded::{answer, exchanges, recorded};

const SERVERS: [&str; 4] =
    ["skyrl-0.3.0-jax", "skyrl-0.3.0-light-cors", "skyrl-head-a956457-jax", "tuft-0.2.2-cputest"];

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// Our request for what was asked in each recording, where there is one.
fn ours(server: &Server, file: &str, run: &str) -> Option<Request> {
    let path = |text: &str| TinkerPath::parse(&format!("tinker://{run}/{text}")).unwrap();
    Some(match &file[..2] {
        "01" => server.health(),
        "04" => server.capabilities(),
        "16" => server.run(run),
        "17" => server.run("nope"),
        "20" => server.checkpoints_of(run),
        "22" => server.checkpoints_of("no pe"),
        "30" => server.weights_info(&path("weights/step-0002")),
        "31" => server.weights_info(&path("sampler_weights/final")),
        "40" => server.archive(&path("sampler_weights/final"), true),
        "41" => server.archive(&path("sampler_weights/final"), false),
        "42" => server.archive(&path("weights/step-0002"), false),
        "45" => server.own_download(&path("sampler_weights/final")),
        "48" => server.file_urls(&path("external_weights/final")),
        "50" => server.publish(&path("weights/step-0001")),
        "51" => server.unpublish(&path("weights/step-0001")),
        "52" => server.set_ttl(&path("weights/step-0001"), Some(3600)),
        "53" => server.delete(&path("weights/nope")),
        "55" => server.delete(&path("weights/step-0001")),
        "64" => server.sampler("nope"),
        "65" => server.copy(&path("weights/step-0002"), "p"),
        _ => return None,
    })
}

#[test]
fn our_requests_are_those_that_the_servers_were_recorded_with() {
    let mut compared = 0;
    for name in SERVERS {
        let all = exchanges(name);
        let base = all[0].url.strip_suffix("/api/v1/healthz").unwrap();
        let server = Server::new(base, "tml-dummy").unwrap();
        let run = all.iter().find(|exchange| exchange.file.starts_with("16")).unwrap();
        let run = run.url.rsplit('/').next().unwrap();
        for exchange in &all {
            let Some(request) = ours(&server, &exchange.file, run) else { continue };
            let what = format!("{name}/{}", exchange.file);
            assert_eq!(request.url, exchange.url, "{what}");
            assert_eq!(request.method.name(), exchange.method, "{what}");
            let body = |text: Option<&str>| text.map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(body(request.body.as_deref()), body(exchange.body.as_deref()), "{what}");
            compared += 1;
        }
    }
    assert!(compared >= 4 * 18, "{compared}");
}

#[test]
fn runs_and_checkpoints_of_every_server_are_read() {
    for (name, run, owner, time, checkpoints) in [
        ("skyrl-0.3.0-jax", "model_8d6fe5d5", "default", 1_795_228_863, 4),
        ("tuft-0.2.2-cputest", "a4d3bac2-46f4-46b3-a10d-194f33b316b7", "alice", 1_795_229_529, 4),
    ] {
        let page = tinker::runs(&json(&recorded(name, "10-")), 0).unwrap();
        let found = &page.items[0];
        assert_eq!((page.total, page.next, page.unread), (Some(1), None, 0), "{name}");
        assert_eq!((found.id.as_str(), found.owner.as_deref(), found.lora_rank), (run, Some(owner), Some(8)), "{name}");
        assert_eq!((found.is_lora, found.is_corrupted, found.last_request), (Some(true), false, Some(time)), "{name}");
        let past = tinker::runs(&json(&recorded(name, "11-")), 999).unwrap();
        assert_eq!((past.items.len(), past.next), (0, None), "{name}");
        let listed = tinker::checkpoints_of(&json(&recorded(name, "20-")), run).unwrap();
        assert_eq!((listed.items.len(), listed.unread), (checkpoints, 0), "{name}");
        let kinds = |kind| listed.items.iter().filter(|checkpoint| checkpoint.path.kind == kind).count();
        assert_eq!((kinds(Kind::Sampler), kinds(Kind::Training)), (1, 3), "{name}");
        assert!(
            listed.items.iter().all(|checkpoint| checkpoint.path.run == run && checkpoint.time.is_some()),
            "{name}"
        );
        let weights = Weights::read(&json(&recorded(name, "30-"))).unwrap();
        assert_eq!(
            (weights.base_model.as_deref(), weights.lora_rank),
            (Some("weighbridge/tiny-qwen3"), Some(8)),
            "{name}"
        );
        assert_eq!(tinker::models(&json(&recorded(name, "04-"))).unwrap(), ["weighbridge/tiny-qwen3"], "{name}");
    }
    let sessions = tinker::sessions(&json(&recorded("tuft-0.2.2-cputest", "60-"))).unwrap();
    assert_eq!(sessions, ["62d622c8-09cc-4fbe-aa93-4f5410240b54"]);
    let session = tinker::session(&json(&recorded("tuft-0.2.2-cputest", "61-"))).unwrap();
    assert_eq!((session.runs.len(), session.samplers.len()), (1, 0));
    let tuft = tinker::runs(&json(&recorded("tuft-0.2.2-cputest", "10-")), 0).unwrap();
    let newest: Vec<String> = tuft.items[0].newest.iter().map(|checkpoint| checkpoint.path.id()).collect();
    assert_eq!(newest, ["weights/step-0002", "sampler_weights/final"]);
    let page = tinker::checkpoints(&json(&recorded("tuft-0.2.2-cputest", "24-")), 0).unwrap();
    assert_eq!((page.items.len(), page.next, page.total, page.items[0].size_bytes), (2, Some(2), Some(3), Some(707)));
    assert_eq!(page.items[0].is_public, Some(false));
    let skyrl = tinker::checkpoints_of(&json(&recorded("skyrl-0.3.0-jax", "20-")), "model_8d6fe5d5").unwrap();
    assert_eq!(
        (skyrl.items[0].size_bytes, skyrl.items[0].is_public),
        (None, None),
        "what a server does not say is not known"
    );
}

#[test]
fn what_each_server_offers_is_found_from_its_refusals() {
    let asked = [
        ("24-", Feature::AllCheckpoints),
        ("48-", Feature::FileUrls),
        ("50-", Feature::Publish),
        ("52-", Feature::Ttl),
        ("53-", Feature::Delete),
        ("60-", Feature::Sessions),
        ("65-", Feature::Copy),
    ];
    for (name, missing) in [
        ("skyrl-0.3.0-jax", vec!["24-", "48-", "50-", "52-", "53-", "60-", "65-"]),
        ("skyrl-head-a956457-jax", vec!["24-", "48-", "50-", "52-", "60-", "65-"]),
        ("tuft-0.2.2-cputest", vec!["48-", "52-", "65-"]),
    ] {
        let mut features = Features::default();
        for (file, feature) in asked {
            let answer = recorded(name, file);
            let is_good = (200..300).contains(&answer.status);
            let is_missing = !is_good && features.refused(feature, &Refusal::new(&answer, None));
            assert_eq!(is_missing, missing.contains(&file), "{name}/{file}");
        }
    }
}

#[test]
fn refusals_of_every_server_have_words() {
    let mut refusals = 0;
    for name in SERVERS {
        for exchange in exchanges(name).into_iter().filter(|exchange| exchange.answer.status >= 400) {
            let refusal = Refusal::new(&exchange.answer, None);
            let has_body = !exchange.answer.body.is_empty();
            assert_eq!(refusal.words.is_empty(), !has_body, "{name}/{}: {refusal}", exchange.file);
            assert!(!refusal.words.starts_with(['{', '<']), "{name}/{}: {refusal}", exchange.file);
            refusals += 1;
        }
    }
    assert!(refusals > 80, "{refusals}");
    let words = |server, file| Refusal::new(&recorded(server, file), None).words;
    assert_eq!(words("skyrl-0.3.0-jax", "35-"), "body.tinker_path: Field required");
    assert_eq!(words("tuft-0.2.2-cputest", "15-"), "Missing API key");
    assert_eq!(words("tuft-0.2.2-cputest", "17-"), "Internal Server Error");
}

#[test]
fn archives_are_got_or_refused_as_each_server_needs_it() {
    let at =
        |name: &str| Server::new(exchanges(name)[0].url.strip_suffix("/api/v1/healthz").unwrap(), "tml-dummy").unwrap();
    let final_ = TinkerPath::parse("tinker://model_8d6fe5d5/sampler_weights/final").unwrap();
    for name in ["skyrl-0.3.0-jax", "skyrl-head-a956457-jax"] {
        let (server, mut download) = (at(name), Download::new(final_.clone()));
        let Next::Ask(again, 0) = download.answered(&server, &recorded(name, "41-"), 0) else { panic!("{name}") };
        assert!(again.url.ends_with("/checkpoints/final/archive"), "{name}");
        let Next::Archive(request) = download.answered(&server, &recorded(name, "40-"), 0) else { panic!("{name}") };
        assert!(
            request.url.starts_with(server.base()) && request.url.ends_with("/checkpoints/final/download"),
            "{name}"
        );
    }
    let (server, mut download) = (at("tuft-0.2.2-cputest"), Download::new(final_.clone()));
    let Next::No(why, false) = download.answered(&server, &recorded("tuft-0.2.2-cputest", "41-"), 0) else { panic!() };
    assert!(why.contains("file: address"), "{why}");
    let training = TinkerPath::parse("tinker://model_8d6fe5d5/weights/step-0002").unwrap();
    let next = Download::new(training).answered(&at("skyrl-0.3.0-jax"), &recorded("skyrl-0.3.0-jax", "42-"), 0);
    assert!(matches!(next, Next::No(_, true)), "{next:?}");
}

/// `90-pending-failed-ghost.txt` holds several answers.
#[test]
fn archives_that_are_not_there_yet_or_never_will_be() {
    let path = crate::support::root().join("registry/skyrl-head-a956457-jax/90-pending-failed-ghost.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let part = |title: &str| {
        let found = text.split("## ").find(|part| part.starts_with(title)).unwrap();
        answer(found.split_once('\n').unwrap().1)
    };
    let server = Server::new("http://127.0.0.1:8019", "").unwrap();
    let next = |title: &str| {
        let path = TinkerPath::parse("tinker://model_8d49ef3f/sampler_weights/x").unwrap();
        Download::new(path).answered(&server, &part(title), 0)
    };
    assert!(matches!(next("pending1 archive"), Next::Ask(request, 30_000) if request.method == Method::Get));
    assert!(matches!(next("failed1 archive"), Next::No(why, false) if why.contains("disk full")));
    assert!(matches!(next("ghost archive"), Next::Archive(_)), "only its download says that the file is gone");
}
