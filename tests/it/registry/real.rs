//! Against a real Tinker server: `cargo xtask peer -- cargo test --test it -- --ignored real` starts SkyRL from PyPI with
//! the runs of `tests/peers/skyrl/seed.py`.

use weighbridge::registry::tinker::{Feature, TinkerPath};
use weighbridge::session::Then;
use weighbridge::session::registry::{Act, Link, RegistrySort};
use weighbridge::source::Source;

use super::driver::Driver;
use crate::support;

fn path(text: &str) -> TinkerPath {
    TinkerPath::parse(&format!("tinker://{text}")).unwrap()
}

#[test]
#[ignore = "needs a server: cargo xtask peer"]
fn real_tinker_server_is_listed_inspected_and_downloaded_from() {
    let Ok(base) = std::env::var("TINKER_PEER") else { panic!("TINKER_PEER is not set: run it with cargo xtask peer") };
    let mut driver = Driver::new();
    driver.connect(&base, "tml-dummy");
    let registry = &driver.session.registry;
    assert_eq!(registry.link, Link::Open);
    assert_eq!(registry.models, ["weighbridge/tiny-qwen3"]);
    let runs: Vec<(&str, Option<u64>)> = registry.runs.iter().map(|run| (run.id.as_str(), run.lora_rank)).collect();
    assert_eq!(runs, [("model_aaaa0001", Some(8)), ("model_bbbb0002", Some(4)), ("model_cccc0003", Some(16))]);
    // Of the run's eight, SkyRL does not list the pending and the failed one.
    let rows = registry.rows("model_aaaa0001", RegistrySort::default());
    assert_eq!(rows.iter().filter(|row| row.path.is_some()).count(), 6);
    assert!(!registry.features.may(Feature::AllCheckpoints) && registry.unlisted.is_empty());

    let training = path("model_aaaa0001/weights/step-0001");
    driver.act(|session| session.show_registered(Some(training.clone())));
    let weights = driver.session.registry.weights.clone().unwrap().unwrap();
    assert_eq!((weights.is_lora, weights.lora_rank), (Some(true), Some(8)));

    // SkyRL has no sessions; it knows a sampler.
    driver.act(|session| session.find_registered("sampling_seed"));
    let found = driver.session.registry.found.clone().unwrap();
    assert!(found.as_ref().is_ok_and(|words| words.contains("a sampler of weighbridge/tiny-qwen3")), "{found:?}");

    for (name, words) in [("final", "as an archive"), ("pending", "425"), ("failed", "disk full"), ("nope", "404")] {
        driver.act(|session| session.get_registered(&path(&format!("model_aaaa0001/sampler_weights/{name}")), None));
        assert!(driver.said().last().unwrap().contains(words), "{name}: {:?}", driver.said());
    }
    driver.act(|session| session.get_registered(&path("model_aaaa0001/sampler_weights/final"), Some(Then::Open)));
    let (name, bytes) = driver.files.pop().unwrap();
    let walked = support::render(&support::walk(&name, Source::memory(&name, bytes)));
    assert!(walked.contains("adapter_model.safetensors") && walked.contains("lora_A"), "{walked}");

    // Half of one: what is whole of it, and that it was cut.
    driver.act(|session| session.get_registered(&path("model_aaaa0001/sampler_weights/cut"), Some(Then::Open)));
    let (name, bytes) = driver.files.pop().unwrap();
    let walked = support::render(&support::walk(&name, Source::memory(&name, bytes)));
    assert!(walked.contains("adapter_config.json") && walked.contains("truncated"), "{walked}");

    driver.act(|session| session.get_registered(&path("model_aaaa0001/sampler_weights/ghost"), Some(Then::Open)));
    assert!(driver.files.is_empty() && !driver.session.notices.is_empty());

    driver.act(|session| session.show_registered(Some(training)));
    for act in [Act::Publish, Act::Expire(Some(3600)), Act::Delete, Act::Copy("p".to_owned())] {
        let word = driver.session.delete_word();
        driver.act(|session| session.do_registered(&act, &word));
    }
    let features = &driver.session.registry.features;
    for feature in [Feature::Publish, Feature::Ttl, Feature::Delete, Feature::Copy] {
        assert!(!features.may(feature), "SkyRL 0.3.0 does not offer {}", feature.name());
    }
}
