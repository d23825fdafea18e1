//! What servers were seen to do, each at the level of the session: what the user is told, what is sent, what is not.
//! Shapes of single answers are tested beside the code that reads them.

use weighbridge::registry::tinker::{Feature, TinkerPath};
use weighbridge::session::Then;
use weighbridge::session::registry::{Act, Link, RegistrySort};

use super::driver::Driver;
use super::session::{KEY, paths, reply, server, with_checkpoints};
use crate::http::Server;

pub(super) fn path(text: &str) -> TinkerPath {
    TinkerPath::parse(&format!("tinker://m/{text}")).unwrap()
}

pub(super) fn connected(server: &Server) -> Driver {
    let mut driver = Driver::new();
    driver.connect(&server.url(), KEY);
    driver
}

#[test]
fn a_prefix_and_trailing_slashes_of_the_address_are_kept_and_dropped() {
    let server = Server::with(|asked| match asked.path() {
        "/services/prod/api/v1/get_server_capabilities" => reply(200, "", r#"{"supported_models":[]}"#),
        _ => reply(404, "", r#"{"detail":"Not Found"}"#),
    });
    for end in ["", "/", "/api/v1", "/api/v1/"] {
        let mut driver = Driver::new();
        driver.connect(&format!("{}/services/prod{end}", server.url()), KEY);
        assert_eq!(driver.session.registry.link, Link::Open, "{end}");
    }
}

#[test]
fn lists_are_read_with_a_cursor_of_any_kind() {
    for cursor in ["", r#","cursor":null"#, r#","cursor":{}"#, r#","cursor":{"offset":0,"limit":100,"total_count":1}"#]
    {
        let body = format!(r#"{{"checkpoints":[{{"tinker_path":"tinker://m/weights/a"}}]{cursor}}}"#);
        let server = server(move |what| what.starts_with("GET checkpoints?").then(|| reply(200, "", &body)));
        let driver = connected(&server);
        assert_eq!(paths(&driver), ["weights/a"], "{cursor}");
        assert!(driver.session.registry.unlisted.is_empty() && driver.session.notices.is_empty(), "{cursor}");
    }
}

#[test]
fn checkpoints_of_every_shape_are_listed_and_what_cannot_be_named_is_counted() {
    let items = r#"
        {"checkpoint_id":"final","checkpoint_type":"sampler","time":"2026-11-21T02:41:20.183007","tinker_path":"tinker://m/sampler_weights/final"},
        {"checkpoint_id":"weights/final","checkpoint_type":"training","time":"2026-11-21T02:41:20.183007Z","tinker_path":"tinker://m/weights/final","color":"red"},
        {"checkpoint_id":"e","checkpoint_type":"external","tinker_path":"tinker://m/external_weights/e","size_bytes":7},
        {"checkpoint_id":"final","checkpoint_type":"sampler","tinker_path":"tinker://79db3d29:train:0/sampler_weights/final"},
        {"checkpoint_id":"h","checkpoint_type":"hologram","tinker_path":"tinker://m/holograms/h"}, 7"#;
    let body = format!(r#"{{"checkpoints":[{items}]}}"#);
    let server = server(move |what| what.starts_with("GET checkpoints?").then(|| reply(200, "", &body)));
    let mut driver = connected(&server);
    assert_eq!(
        paths(&driver),
        ["external_weights/e", "sampler_weights/final", "sampler_weights/final", "weights/final"]
    );
    let registry = &driver.session.registry;
    assert!(registry.unlisted.iter().any(|words| words.contains('2')), "{:?}", registry.unlisted);
    let times: Vec<_> = registry.rows("final", RegistrySort::default()).iter().filter_map(|row| row.time).collect();
    assert_eq!(times, [1_795_228_880, 1_795_228_880], "without a zone is UTC");

    // One name in two kinds: what is done to one is not done to the other, whose row stays.
    driver.session.choose_registered(&path("sampler_weights/final"));
    driver.act(|session| session.do_registered(&Act::Delete, "final"));
    let deletes: Vec<_> = server.seen().into_iter().filter(|asked| asked.method() == "DELETE").collect();
    assert_eq!(deletes.len(), 1);
    assert_eq!(deletes[0].path(), "/api/v1/training_runs/m/checkpoints/sampler_weights/final");
    assert!(paths(&driver).contains(&"weights/final".to_owned()));
}

#[test]
fn done_is_done_with_204_and_with_200_and_nothing_or_null() {
    for (status, body) in [(204, ""), (200, ""), (200, "null"), (200, "{}")] {
        let server = with_checkpoints(&["weights/a"], move |what| {
            let is_deed = ["POST", "PUT", "DELETE"].iter().any(|method| what.starts_with(method));
            is_deed.then(|| reply(status, "", body))
        });
        let mut driver = connected(&server);
        for act in [Act::Publish, Act::Unpublish, Act::Expire(Some(3600)), Act::Expire(None), Act::Delete] {
            driver.session.choose_registered(&path("weights/a"));
            driver.act(|session| session.do_registered(&act, "a"));
            driver.session.registry.chosen.clear();
        }
        let said = driver.said();
        for (words, wanted) in said.iter().zip(["public now", "private now", "is set", "not expire", "deleted"]) {
            assert!(words.contains(wanted), "{status} {body:?}: {said:?}");
        }
        assert_eq!(said.len(), 5, "{status} {body:?}: {said:?}");
    }
}

#[test]
fn what_a_server_lacks_is_noted_without_a_banner() {
    for status in [404, 405, 422, 501] {
        let lacking = with_checkpoints(&["weights/a"], move |what| {
            let is_basic =
                what.starts_with("GET training_runs?") || what.starts_with("GET get_server") || what == "GET healthz";
            (!is_basic && !what.starts_with("GET checkpoints?")).then(|| reply(status, "", r#"{"detail":"Not Found"}"#))
        });
        let mut driver = connected(&lacking);
        driver.act(|session| session.show_registered(Some(path("weights/a"))));
        for act in [Act::Publish, Act::Expire(None), Act::Copy("p".to_owned()), Act::Delete] {
            driver.act(|session| session.do_registered(&act, "a"));
        }
        driver.act(|session| session.get_registered(&path("external_weights/e"), None));
        driver.act(|session| session.get_registered(&path("sampler_weights/a"), None));
        let registry = &driver.session.registry;
        for feature in [
            Feature::Whose,
            Feature::WeightsInfo,
            Feature::Publish,
            Feature::Ttl,
            Feature::Copy,
            Feature::Delete,
            Feature::FileUrls,
            Feature::Archive,
        ] {
            assert!(!registry.features.may(feature), "{status}: {}", feature.name());
        }
        assert_eq!(registry.link, Link::Open);
        assert!(driver.session.notices.is_empty(), "{status}: {:?}", driver.session.notices);
        assert!(registry.features.missing().len() >= 8, "each is said: {:?}", registry.features.missing());
    }
}

#[test]
fn every_status_has_its_own_words_and_none_of_them_repeats_the_key() {
    let mut words = Vec::new();
    for (status, body) in [
        (400, r#"{"detail":"bad"}"#),
        (401, r#"{"detail":"Missing API key"}"#),
        (402, r#"{"error":"pay"}"#),
        (403, "Invalid API key tml-secretsecretsecret"),
        (404, ""),
        (409, r#"{"detail":[{"loc":["body"],"msg":"busy"}]}"#),
        (422, r#"{"detail":[{"loc":["body","x"],"msg":"Field required"}]}"#),
        (429, ""),
        (500, "Internal Server Error"),
    ] {
        let server = server(move |what| (what == "GET get_server_capabilities").then(|| reply(status, "", body)));
        let driver = connected(&server);
        let Link::Failed(why) = driver.session.registry.link.clone() else { panic!("{status}") };
        assert!(why.contains(&status.to_string()) && !why.contains("secretsecret"), "{why}");
        assert!(!why.contains("CORS"), "an answer is no failure of the network: {why}");
        words.push(why.replace(char::is_numeric, ""));
    }
    let count = words.len();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), count, "{words:?}");
}

#[test]
fn the_server_is_given_the_time_it_asks_for_in_every_form() {
    for (headers, waits) in [
        ("Retry-After: 3\r\n", vec![3_000, 3_000]),
        ("Retry-After: 0.25\r\n", vec![250, 250]),
        ("Retry-After-Ms: 1500\r\nRetry-After: 9\r\n", vec![1_500, 1_500]),
        // The driver's clock stands at 02:40:00.
        ("Retry-After: Sat, 21 Nov 2026 02:40:05 GMT\r\n", vec![5_000, 5_000]),
        ("Retry-After: Sat, 21 Nov 2026 02:00:00 GMT\r\n", vec![500, 1_000]),
        ("", vec![500, 1_000]),
    ] {
        let server = server(move |what| (what == "GET get_server_capabilities").then(|| reply(429, headers, "")));
        let driver = connected(&server);
        assert_eq!(driver.waits, waits, "{headers:?}");
        assert!(matches!(&driver.session.registry.link, Link::Failed(why) if why.contains("429")), "{headers:?}");
    }
}

/// Retries, redirects and errors of the API itself: whatever a server answers to any request, no other host hears of it.
#[test]
fn nothing_that_a_server_answers_makes_the_session_ask_another_host_with_the_key() {
    let store = Server::with(|_| reply(200, "", "{}"));
    for status in [301, 302, 303, 307, 308, 429, 503] {
        let place = store.url();
        let server = server(move |what| {
            let is_asked = what != "GET healthz" && what != "GET get_server_capabilities";
            let head = format!("Location: {place}/x\r\nRefresh: 0; url={place}/y\r\n");
            is_asked.then(|| reply(status, &head, ""))
        });
        let mut driver = connected(&server);
        let path = path("sampler_weights/a");
        driver.act(|session| session.show_registered(Some(path.clone())));
        for act in [Act::Publish, Act::Unpublish, Act::Expire(Some(1)), Act::Delete, Act::Copy("p".to_owned())] {
            driver.act(|session| session.do_registered(&act, "a"));
        }
        for then in [None, Some(Then::Open), Some(Then::Save)] {
            driver.act(|session| session.get_registered(&path, then));
        }
        assert!(driver.session.is_idle(), "{status}");
    }
    assert!(store.seen().is_empty(), "{:?}", store.seen());
}
