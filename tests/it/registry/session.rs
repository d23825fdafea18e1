//! The registry page's session against servers on this machine: recorded ones, and ones that misbehave.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use weighbridge::registry::tinker::cleanup::Policy;
use weighbridge::registry::tinker::{Feature, TinkerPath};
use weighbridge::session::Then;
use weighbridge::session::registry::{Act, Link, RegistrySort};

use super::driver::Driver;
use super::recorded::exchanges;
use crate::http::{Asked, Reply, Server};

pub(super) const KEY: &str = "tml-secretsecretsecret";

pub(super) fn reply(status: u16, headers: &str, body: &str) -> Reply {
    (format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n", body.len()), body.as_bytes().to_vec())
}

/// A server that answers what `routes` say, and 404 to everything else. `{me}` in a body is its own address.
pub(super) fn server(routes: impl FnMut(&str) -> Option<Reply> + Send + 'static) -> Server {
    let mut routes = routes;
    Server::with(move |asked: &Asked| {
        let what = format!("{} {}", asked.method(), asked.path().trim_start_matches("/api/v1/"));
        routes(&what).unwrap_or_else(|| match what.as_str() {
            "GET healthz" => reply(200, "", r#"{"status":"ok"}"#),
            "GET get_server_capabilities" => reply(200, "", r#"{"supported_models":[{"model_name":"b"}]}"#),
            "GET training_runs?limit=100&offset=0" => {
                reply(200, "", r#"{"training_runs":[{"training_run_id":"m"}],"cursor":null}"#)
            }
            _ => reply(404, "", r#"{"detail":"Not Found"}"#),
        })
    })
}

pub(super) fn paths(driver: &Driver) -> Vec<String> {
    let rows = driver.session.registry.rows("", RegistrySort::default());
    let mut paths: Vec<String> = rows.iter().filter_map(|row| row.path.as_ref()).map(TinkerPath::id).collect();
    paths.sort();
    paths
}

/// Plays the recorded answers of a server, by method and path.
pub(super) fn replayed(name: &str) -> Server {
    let all = exchanges(name);
    Server::with(move |asked: &Asked| {
        // Lists were recorded with other page lengths.
        let without_query = |path: &str| path.split('?').next().unwrap().to_owned();
        let found = all.iter().find(|exchange| {
            let path = exchange.url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
            exchange.method == asked.method() && without_query(&path) == without_query(asked.path())
        });
        match found {
            Some(exchange) => {
                let mut head = String::new();
                for (name, value) in exchange.answer.headers.iter().filter(|(name, _)| name != "content-length") {
                    write!(head, "{name}: {value}\r\n").unwrap();
                }
                reply(exchange.answer.status, &head, std::str::from_utf8(&exchange.answer.body).unwrap())
            }
            None => reply(404, "", r#"{"detail":"Not Found"}"#),
        }
    })
}

#[test]
fn recorded_servers_are_listed_whole() {
    for (name, missing) in [
        ("skyrl-0.3.0-jax", Feature::AllCheckpoints),
        ("skyrl-head-a956457-jax", Feature::AllCheckpoints),
        ("tuft-0.2.2-cputest", Feature::Whose),
    ] {
        let server = replayed(name);
        let mut driver = Driver::new();
        driver.connect(&server.url(), "tml-dummy");
        let registry = &driver.session.registry;
        assert_eq!(registry.link, Link::Open, "{name}");
        assert_eq!(registry.models, ["weighbridge/tiny-qwen3"], "{name}");
        assert!(!registry.features.may(missing), "{name}");
        assert!(!registry.is_listing && driver.session.is_idle(), "{name}");
        assert_eq!(registry.runs.len(), 1, "{name}");
        let sampler = paths(&driver).into_iter().filter(|path| path.starts_with("sampler")).count();
        assert_eq!(sampler, 1, "{name}: TuFT's one list leaves it out");
        assert!(driver.waits.len() <= 1, "{name}: {:?}", driver.waits);
    }
}

#[test]
fn all_pages_are_read_and_a_server_that_pages_for_ever_is_not() {
    let server = server(|what| {
        let offset: u64 = what.strip_prefix("GET checkpoints?limit=100&offset=")?.parse().ok()?;
        let items: Vec<String> = (offset..(offset + 100).min(250))
            .map(|n| format!(r#"{{"tinker_path":"tinker://m/weights/s{n}"}}"#))
            .collect();
        let cursor = format!(r#"{{"offset":{offset},"limit":100,"total_count":250}}"#);
        Some(reply(200, "", &format!(r#"{{"checkpoints":[{}],"cursor":{cursor}}}"#, items.join(","))))
    });
    let mut driver = Driver::new();
    driver.connect(&server.url(), "");
    assert_eq!((paths(&driver).len(), driver.session.registry.unlisted.len()), (250, 0));

    let endless = self::server(move |what| {
        what.strip_prefix("GET training_runs?limit=100&offset=")?;
        // The same page again and again, of ever more.
        Some(reply(
            200,
            "",
            r#"{"training_runs":[{"training_run_id":"m"}],"cursor":{"offset":0,"limit":100,"total_count":9999999}}"#,
        ))
    });
    let mut driver = Driver::new();
    driver.connect(&endless.url(), "");
    assert!(!driver.session.registry.is_listing);
    let pages = endless.seen().iter().filter(|asked| asked.path().contains("training_runs?")).count();
    assert!(pages <= 3, "{pages} pages");
}

#[test]
fn what_cannot_be_reached_is_said_in_words() {
    let failed = |base: &str| {
        let mut driver = Driver::new();
        driver.connect(base, KEY);
        assert!(driver.session.is_idle());
        match driver.session.registry.link.clone() {
            Link::Failed(why) => why,
            other => panic!("{base}: {other:?}"),
        }
    };
    assert!(failed("http://127.0.0.1:1").contains("CORS"));
    assert!(failed("nonsense").contains("not the address of a server"));
    let page = server(|what| (what == "GET get_server_capabilities").then(|| reply(200, "", "<html>hello</html>")));
    assert!(failed(&page.url()).contains("not JSON"));
    let other = server(|what| (what == "GET get_server_capabilities").then(|| reply(404, "", "")));
    assert!(failed(&other.url()).contains("404"));
    let denied = server(|what| {
        (what == "GET get_server_capabilities")
            .then(|| reply(401, "", &format!(r#"{{"detail":"key {KEY} is not known"}}"#)))
    });
    let why = failed(&denied.url());
    assert!(why.contains("401") && !why.contains("secretsecret"), "{why}");
}

#[test]
fn a_key_that_a_server_repeats_is_not_shown() {
    let echo = server(|what| {
        (what == "GET auth/apikey/me").then(|| reply(200, "", &format!(r#"{{"name":"owner of {KEY}"}}"#)))
    });
    let mut driver = Driver::new();
    driver.connect(&echo.url(), KEY);
    let whose = driver.session.registry.whose.clone().unwrap();
    assert!(whose.starts_with("owner of tml-se") && !whose.contains(KEY), "{whose}");
}

#[test]
fn requests_are_repeated_as_the_server_asks_and_no_more() {
    let mut count = 0;
    let busy = server(move |what| {
        (what == "GET get_server_capabilities").then_some(())?;
        count += 1;
        (count < 3).then(|| reply(429, "retry-after-ms: 1500\r\n", ""))
    });
    let mut driver = Driver::new();
    driver.connect(&busy.url(), "");
    assert_eq!((driver.session.registry.link.clone(), driver.waits.clone()), (Link::Open, vec![1500, 1500]));
    let always = server(|what| (what == "GET get_server_capabilities").then(|| reply(503, "retry-after: 2\r\n", "")));
    let mut driver = Driver::new();
    driver.connect(&always.url(), "");
    assert!(matches!(&driver.session.registry.link, Link::Failed(why) if why.contains("503")));
    assert_eq!(driver.waits, [2000, 2000]);
}

pub(super) fn with_checkpoints(names: &[&str], routes: impl FnMut(&str) -> Option<Reply> + Send + 'static) -> Server {
    let item =
        |name: &&str| format!(r#"{{"tinker_path":"tinker://m/{name}","time":"2026-01-02T03:04:05","public":false}}"#);
    let items = names.iter().map(item).collect::<Vec<_>>().join(",");
    let mut routes = routes;
    server(move |what| {
        let list =
            || what.starts_with("GET checkpoints?").then(|| reply(200, "", &format!(r#"{{"checkpoints":[{items}]}}"#)));
        routes(what).or_else(list)
    })
}

#[test]
fn deleting_needs_the_typed_word_and_goes_one_by_one_with_a_result_each() {
    let server = with_checkpoints(&["weights/a", "weights/b", "weights/c"], |what| match what {
        "DELETE training_runs/m/checkpoints/weights/a" => Some(reply(204, "", "")),
        "DELETE training_runs/m/checkpoints/weights/b" => Some(reply(403, "", r#"{"detail":"not yours"}"#)),
        "DELETE training_runs/m/checkpoints/weights/c" => Some(reply(200, "", "")),
        _ => None,
    });
    let mut driver = Driver::new();
    driver.connect(&server.url(), KEY);
    for name in ["a", "b", "c"] {
        driver.session.choose_registered(&TinkerPath::parse(&format!("tinker://m/weights/{name}")).unwrap());
    }
    driver.act(|session| session.do_registered(&Act::Delete, "yes"));
    assert!(driver.said().is_empty() && driver.session.delete_word() == "delete 3");
    driver.act(|session| session.do_registered(&Act::Delete, " delete 3 "));
    assert_eq!(
        driver.said()[..2],
        [
            "weights/a: deleted".to_owned(),
            "weights/b: the server answered 403: this key may not do that (\"not yours\")".to_owned()
        ]
    );
    assert_eq!((driver.said().len(), paths(&driver)), (3, vec!["weights/b".to_owned()]));
    let deletes = server.seen().iter().filter(|asked| asked.method() == "DELETE").count();
    assert_eq!(deletes, 3, "none is repeated");
}

#[test]
fn a_publication_is_taken_back_only_where_publishing_is_known() {
    // On a server without the route the request would delete.
    let old = with_checkpoints(&["weights/a"], |what| what.starts_with("DELETE").then(|| reply(204, "", "")));
    let mut driver = Driver::new();
    driver.connect(&old.url(), KEY);
    driver.session.choose_registered(&TinkerPath::parse("tinker://m/weights/a").unwrap());
    driver.act(|session| session.do_registered(&Act::Unpublish, ""));
    assert!(old.seen().iter().all(|asked| asked.method() != "DELETE"), "nothing was deleted");
    assert!(!driver.session.registry.features.may(Feature::Publish));
    // One that says that it is public already can take it back.
    let new = with_checkpoints(&["weights/a"], |what| match what {
        "POST training_runs/m/checkpoints/weights/a/publish" => {
            Some(reply(409, "retry-after: 1\r\n", r#"{"detail":"already public"}"#))
        }
        "DELETE training_runs/m/checkpoints/weights/a/publish" => Some(reply(204, "", "")),
        _ => None,
    });
    let mut driver = Driver::new();
    driver.connect(&new.url(), KEY);
    driver.session.choose_registered(&TinkerPath::parse("tinker://m/weights/a").unwrap());
    driver.act(|session| session.do_registered(&Act::Unpublish, ""));
    assert_eq!(driver.said(), ["weights/a: private now"]);
    driver.act(|session| session.do_registered(&Act::Publish, ""));
    assert_eq!(driver.said()[1], "weights/a: was so already: public now");
    assert_eq!(new.seen().iter().filter(|asked| asked.method() == "POST").count(), 2, "409 is not repeated");
    driver.act(|session| session.do_registered(&Act::Expire(Some(3600)), ""));
    assert!(!driver.session.registry.features.may(Feature::Ttl) && driver.said()[2].contains("404"));
}

#[test]
fn a_clean_up_is_planned_first_and_done_only_with_the_word() {
    let server = with_checkpoints(&["weights/a", "weights/b", "sampler_weights/a"], |what| {
        what.starts_with("DELETE").then(|| reply(204, "", ""))
    });
    let mut driver = Driver::new();
    driver.connect(&server.url(), KEY);
    driver.session.plan_registry(Policy { newest: 1, ..Policy::default() });
    assert_eq!((paths(&driver).len(), driver.session.clean_word()), (3, "b".to_owned()));
    driver.act(|session| session.clean_registry("a"));
    assert_eq!(paths(&driver).len(), 3);
    driver.act(|session| session.clean_registry("b"));
    assert_eq!(paths(&driver), ["sampler_weights/a", "weights/a"]);
}

/// Two origins: whatever way a server has of telling where the bytes lie, the other one never sees the key.
#[test]
fn no_request_to_another_origin_carries_the_key() {
    let store = Server::with(|asked| {
        let is_range = asked.header("range").is_some();
        reply(if is_range { 206 } else { 200 }, if is_range { "Content-Range: bytes 0-3/4\r\n" } else { "" }, "data")
    });
    let place = store.url();
    let tries: Arc<Mutex<u32>> = Arc::default();
    let (counted, at) = (Arc::clone(&tries), place.clone());
    let names = ["weights/json", "weights/redirect", "weights/busy", "external_weights/e"];
    let server = with_checkpoints(&names, move |what| match what {
        "GET training_runs/m/checkpoints/weights/json/archive" => {
            Some(reply(200, "", &format!(r#"{{"url":"{at}/signed?sig=1"}}"#)))
        }
        "GET training_runs/m/checkpoints/weights/redirect/archive" => {
            Some(reply(302, &format!("Location: {at}/redirected\r\n"), ""))
        }
        "GET training_runs/m/checkpoints/redirect/download" => {
            Some(reply(302, &format!("Location: {at}/again\r\n"), ""))
        }
        "GET training_runs/m/checkpoints/weights/busy/archive" => {
            let mut tries = counted.lock().unwrap();
            *tries += 1;
            Some(if *tries < 3 { reply(503, "", "") } else { reply(200, "", &format!(r#"{{"url":"{at}/late"}}"#)) })
        }
        "GET training_runs/m/checkpoints/external_weights/e/external_weights_urls" => {
            Some(reply(200, "", &format!(r#"{{"urls":{{"a.json":"{at}/a","b.safetensors.age":"{at}/b"}}}}"#)))
        }
        _ => None,
    });
    let mut driver = Driver::new();
    driver.connect(&server.url(), KEY);
    for name in names {
        let path = TinkerPath::parse(&format!("tinker://m/{name}")).unwrap();
        for then in [None, Some(Then::Open), Some(Then::Save)] {
            driver.act(|session| session.get_registered(&path, then));
        }
    }
    let (to_store, to_server) = (store.seen(), server.seen());
    assert!(to_store.len() >= 6, "{}", to_store.len());
    for asked in &to_store {
        assert!(!format!("{asked:?}").contains("secret"), "{asked:?}");
        assert!(asked.header("x-api-key").is_none());
    }
    let with_key = to_server.iter().filter(|asked| asked.header("x-api-key") == Some(KEY)).count();
    assert_eq!(with_key, to_server.len() - 1, "all but the first question");
    assert!(to_server.iter().all(|asked| !asked.path().contains("secret")));
    assert!(driver.waits.iter().all(|wait| *wait == 30_000) && driver.waits.len() == 2, "{:?}", driver.waits);
    assert!(driver.said().iter().any(|words| words.contains("encrypted for its owner")), "{:?}", driver.said());
    // The redirect leads nowhere, and the ways out are said.
    let problems: Vec<String> = driver.session.notices.iter().map(|notice| notice.problem.detail.clone()).collect();
    assert!(problems.iter().any(|words| words.contains("Three ways out")), "{problems:?}");
    let json = String::from_utf8(driver.session.report_json()).unwrap();
    let everything = format!("{:?}{json}{}", driver.session, driver.session.report_markdown());
    assert!(!everything.contains("secretsecret") && !everything.contains("sig=1"));
}
