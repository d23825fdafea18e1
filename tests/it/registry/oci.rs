//! The client of OCI registries against recorded answers of distribution 2.8.2, and against servers that misbehave.

use sha2::{Digest, Sha256};
use weighbridge::protocol::{FileBytes, TaskSpec};
use weighbridge::registry::Wanted;
use weighbridge::session::registry::Link;

use super::driver::Driver;
use super::recorded::recorded;
use super::session::reply;
use crate::http::{Asked, Reply, Server};

const RECORDED: &str = "oci-distribution-2.8.2";
const LAYER: &str = "sha256:9bbcbf73561f6bc5d0a17ea6a2081feed2d1304e87602d8c502d9a5c4bd85576";
const DIGEST: &str = "sha256:4bc4f811a8229fa8402dde5e4e7ec2a208e9a1e08b75b7bc7e0073b96d34b275";

fn play(file: &str) -> Reply {
    let answer = recorded(RECORDED, file);
    let digest = answer.header("docker-content-digest").map(|digest| format!("Docker-Content-Digest: {digest}\r\n"));
    reply(answer.status, &digest.unwrap_or_default(), std::str::from_utf8(&answer.body).unwrap())
}

fn replayed(asked: &Asked) -> Reply {
    match asked.path() {
        "/v2/models/tiny/tags/list?n=100" => play("01-"),
        "/v2/models/tiny/manifests/v1" => play("02-"),
        path if path == format!("/v2/models/tiny/manifests/{DIGEST}") => play("02-"),
        _ => play("05-"),
    }
}

fn connected(server: &Server, what: &str, key: &str) -> Driver {
    let mut driver = Driver::new();
    driver.connect_to("oci", &format!("{}{what}", server.url()), key);
    driver
}

fn failed(driver: &Driver) -> String {
    match driver.session.registry.link.clone() {
        Link::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_recorded_artifact_is_listed_opened_and_its_digests_are_a_manifest() {
    let server = Server::with(replayed);
    for what in ["/models/tiny", "/models/tiny:v1", &format!("/models/tiny@{DIGEST}")] {
        let mut driver = connected(&server, what, "");
        assert_eq!(driver.session.registry.link, Link::Open, "{what}");
        let item = driver.session.registry.items.values().next().unwrap().clone();
        assert_eq!((item.kind, item.size, item.place.as_deref()), ("ModelPack", Some(16), Some(DIGEST)), "{what}");
        assert!(item.notes.contains("sha256:4bc4f811a822"), "{}", item.notes);
        driver.act(|session| session.open_item(&item.id));
        let [TaskSpec::Inspect(sources)] = &driver.tasks[..] else { panic!("{:?}", driver.problems()) };
        let file = &sources[0].files[0];
        assert!(file.path.ends_with("/adapter_model.safetensors") && file.size == 16, "{}", file.path);
        let FileBytes::Url(address) = &file.bytes else { panic!() };
        assert_eq!(address.url, format!("{}/v2/models/tiny/blobs/{LAYER}", server.url()));
        driver.session.choose_item(&item.id);
        driver.act(|session| session.open_items(Wanted::Digests));
        let (name, text) = driver.files.pop().unwrap();
        let (manifest, _) = weighbridge::manifest::parse(&name, &text).unwrap();
        assert_eq!(manifest.kind, "oci_manifest");
        assert_eq!(manifest.lines[0].path, "adapter_model.safetensors");
        assert!(LAYER.ends_with(&manifest.lines[0].digest.to_string()));
    }
    let accepted = server.seen().iter().filter_map(|asked| asked.header("accept").map(str::len)).max();
    assert!(accepted.is_some_and(|len| len <= 128), "browsers would ask first: {accepted:?}");
    let why = failed(&connected(&server, "/models/nope", ""));
    assert!(why.contains("404") && why.contains("manifest unknown"), "{why}");
    assert!(!connected(&server, "/models/nope", "").session.registry.is_silent, "it answered");
    let mut nobody = Driver::new();
    nobody.connect_to("oci", "http://127.0.0.1:1/models/tiny", "");
    assert!(nobody.session.registry.is_silent && failed(&nobody).contains("CORS"));
}

/// The manifest that the registry sends is another than its digest says; an index in an index in an index; tags for ever.
#[test]
fn a_registry_that_lies_or_never_ends_is_found_out() {
    let lying = Server::with(|asked| {
        let answer = recorded(RECORDED, "02-");
        let body = String::from_utf8(answer.body).unwrap().replace("\"size\":16", "\"size\":61");
        if asked.path().contains("tags") { play("01-") } else { reply(200, "", &body) }
    });
    let why = failed(&connected(&lying, &format!("/models/tiny@{DIGEST}"), ""));
    assert!(why.contains("not the one it should be") && why.contains(DIGEST), "{why}");

    let endless = Server::with(|asked| {
        if asked.path().contains("/tags/list") {
            let tags: Vec<String> = (0..500).map(|n| format!("\"t{n}\"")).collect();
            let link = "Link: </v2/a/tags/list?n=100&last=x>; rel=\"next\"\r\n";
            return reply(200, link, &format!(r#"{{"name":"a","tags":[{}]}}"#, tags.join(",")));
        }
        reply(404, "", "")
    });
    let driver = connected(&endless, "/a", "");
    assert!(driver.session.is_idle() && endless.seen().len() < 100, "{}", endless.seen().len());

    let nested = Server::with(|asked| {
        if asked.path().contains("/tags/list") {
            return reply(200, "", r#"{"name":"a","tags":["t","../evil"]}"#);
        }
        // Each index names another, made up of where it was asked for.
        let inner = Sha256::digest(asked.path()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        reply(200, "", &format!(r#"{{"schemaVersion":2,"manifests":[{{"digest":"sha256:{inner}"}}]}}"#))
    });
    let driver = connected(&nested, "/a", "");
    assert_eq!(nested.seen().len(), 3, "the tags, the index, and the one that it names");
    assert!(driver.session.registry.unlisted[0].contains("not the one"), "{:?}", driver.session.registry.unlisted);

    for (body, words) in [("<html>", "not as an OCI registry does"), ("[]", "not as an OCI registry does")] {
        let other = Server::with(move |_| reply(200, "", body));
        let why = failed(&connected(&other, "/a", ""));
        assert!(why.contains(words), "{why}");
    }
}

/// A registry that wants a token from a service at another origin, and a store that it leads to at a third: the user's
/// password is seen by none of them but the registry, and the token by it alone.
#[test]
fn tokens_go_to_the_registry_and_nowhere_else() {
    let service = Server::with(|_| reply(200, "", r#"{"token":"tokentokentoken"}"#));
    let realm = format!("{}/token", service.url());
    let registry = Server::with(move |asked| match asked.header("authorization") {
        Some("Bearer tokentokentoken") => replayed(asked),
        _ => {
            let scope = "scope=\"repository:models/tiny:pull\"";
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"r\",{scope}\r\n");
            reply(401, &challenge, r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#)
        }
    });
    let mut driver = connected(&registry, "/models/tiny", "ann:secretsecret");
    assert_eq!(driver.rows(), ["models/tiny v1"], "{:?}", driver.session.registry.link);
    driver.choose("models/tiny", &["v1"]);
    driver.act(|session| session.open_items(Wanted::Files));
    let [TaskSpec::Inspect(sources)] = &driver.tasks[..] else { panic!("{:?}", driver.problems()) };
    let FileBytes::Url(address) = &sources[0].files[0].bytes else { panic!() };
    let key = address.key.as_ref().unwrap();
    assert_eq!(key.for_url(&address.url), Some("tokentokentoken"), "ranges are asked for with the token");
    assert_eq!((key.for_url(&service.url()), key.for_url("https://store.example/")), (None, None));
    assert_eq!(service.seen()[0].path(), "/token?service=r&scope=repository:models%2Ftiny:pull");
    for asked in service.seen() {
        assert!(asked.header("authorization").is_none(), "{asked:?}");
    }
    assert!(registry.seen().iter().all(|asked| !asked.path().contains("secret") && !asked.path().contains("token")));
    let everything = format!("{:?}{}", driver.session, String::from_utf8(driver.session.report_json()).unwrap());
    assert!(!everything.contains("secretsecret") && !everything.contains("tokentoken"));
    assert_eq!(driver.session.registry_key().as_deref(), Some("…"));

    // The same service at the registry's own origin may see it; one that gives nothing is said.
    let own = Server::with(|asked| match asked.path() {
        "/token" => {
            assert_eq!(asked.header("authorization"), Some("Basic YW5uOnNlY3JldHNlY3JldA=="));
            reply(403, "", r#"{"errors":[{"code":"DENIED","message":"ann:secretsecret may not"}]}"#)
        }
        _ => {
            let realm = format!("http://{}/token", asked.header("host").unwrap());
            reply(401, &format!("WWW-Authenticate: Bearer realm=\"{realm}\"\r\n"), "")
        }
    });
    let why = failed(&connected(&own, "/models/tiny", "ann:secretsecret"));
    assert!(why.contains("token service") && why.contains("may not") && !why.contains("secretsecret"), "{why}");
    assert_eq!(own.seen().len(), 2);
}
