//! The Hub's client against a server on this machine that answers the endpoints it uses, in the shapes that the Hub's own
//! clients are tested with, over two files whose digests `git hash-object` and `sha256sum` tell.

use std::fs;
use std::path::PathBuf;

use weighbridge::model::Status;
use weighbridge::protocol::{FileBytes, TaskSpec};
use weighbridge::registry::Wanted;
use weighbridge::source::http::{Facts, Stream};

use super::driver::Driver;
use super::session::reply;
use crate::http::{Asked, Reply, Server, download};
use crate::opening::open_but;
use crate::{manifests, support};

const COMMIT: &str = "dd4bc8b21efa05ec961e3efc4ee5e3832a3679c7";
const TOKEN: &str = "hf_secretsecretsecret";
const CONFIG: &[u8] = b"{}\n";
const CONFIG_OID: &str = "0967ef424bce6791893e9a57bb952f80fd536e93";
const MODEL_SHA256: &str = "3a7f250b892d3aee61e83d3f49101c495c76db318a7c8e6948d59238f551a857";

fn model() -> Vec<u8> {
    fs::read(support::root().join("safetensors/small.safetensors")).unwrap()
}

fn file(path: &str, oid: &str, more: &str, size: usize) -> String {
    format!(r#"{{"type":"file","oid":"{oid}","size":{size}{more},"path":"{path}"}}"#)
}

fn items() -> [String; 3] {
    let pointer = "f".repeat(40);
    let lfs =
        format!(r#","lfs":{{"oid":"{MODEL_SHA256}","size":260,"pointerSize":128}},"xetHash":"{}""#, "0".repeat(64));
    [
        file("config.json", CONFIG_OID, "", CONFIG.len()),
        r#"{"type":"directory","oid":"eeee","size":0,"path":"deep"}"#.to_owned(),
        file("deep/model 1.safetensors", &pointer, &lfs, 260),
    ]
}

/// The list one item a page, after the commit; and the bytes, by ranges.
fn hub(kind: &'static str) -> Server {
    let mut own = None;
    Server::with(move |asked: &Asked| {
        let host = own.get_or_insert_with(|| asked.header("host").unwrap().to_owned()).clone();
        let api = format!("/api/{kind}/owner/name");
        let path = asked.path();
        if path == format!("{api}/revision/main?expand=sha") {
            return reply(200, "", &format!(r#"{{"_id":"1","id":"owner/name","sha":"{COMMIT}"}}"#));
        }
        if let Some(rest) = path.strip_prefix(&format!("{api}/tree/{COMMIT}?recursive=true&expand=false")) {
            let at = rest.strip_prefix("&cursor=").map_or(0, |cursor| cursor.parse::<usize>().unwrap());
            let next = format!("http://{host}{api}/tree/{COMMIT}?recursive=true&expand=false&cursor={}", at + 1);
            let link = if at < 2 { format!("Link: <{next}>; rel=\"next\"\r\n") } else { String::new() };
            return reply(200, &link, &format!("[{}]", items()[at]));
        }
        let prefix = if kind == "models" { String::new() } else { format!("/{kind}") };
        let bytes = match path.strip_prefix(&format!("{prefix}/owner/name/resolve/{COMMIT}/")) {
            Some("config.json") => CONFIG.to_vec(),
            Some("deep/model%201.safetensors") => model(),
            _ => return reply(404, "X-Error-Code: EntryNotFound\r\n", r#"{"error":"Entry not found"}"#),
        };
        ranged(asked, &bytes)
    })
}

fn ranged(asked: &Asked, bytes: &[u8]) -> Reply {
    let range = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-')).unwrap();
    let (first, last): (usize, usize) = (range.0.parse().unwrap(), range.1.parse().unwrap_or(usize::MAX));
    let part = &bytes[first..=last.min(bytes.len() - 1)];
    let range = format!("Content-Range: bytes {first}-{}/{}", first + part.len() - 1, bytes.len());
    (format!("HTTP/1.1 206 X\r\n{range}\r\nContent-Length: {}\r\n\r\n", part.len()), part.to_vec())
}

/// A private repository that leads to a store at another origin for its files, as the Hub does for large ones. The store
/// answers ranges; what both were asked is seen.
fn private(files: Vec<(&'static str, Vec<u8>)>) -> (Server, Server) {
    let held = files.clone();
    let store = Server::with(move |asked| {
        let found = held.iter().find(|(path, _)| asked.path() == format!("/signed/{path}"));
        found.map_or_else(|| reply(404, "", ""), |(_, bytes)| ranged(asked, bytes))
    });
    let place = store.url();
    let hub = Server::with(move |asked| {
        if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return reply(401, "X-Error-Code: GatedRepo\r\n", r#"{"error":"Access to this is restricted"}"#);
        }
        let path = asked.path().to_owned();
        if path.contains("/revision/") {
            return reply(200, "", &format!(r#"{{"sha":"{COMMIT}"}}"#));
        }
        if path.contains("/tree/") {
            let item = |(path, bytes): &(&str, Vec<u8>)| file(path, &"f".repeat(40), "", bytes.len());
            return reply(200, "", &format!("[{}]", files.iter().map(item).collect::<Vec<_>>().join(",")));
        }
        let name = path.rsplit('/').next().unwrap();
        reply(302, &format!("Location: {place}/signed/{name}\r\n"), "")
    });
    (hub, store)
}

fn problems(driver: &Driver) -> Vec<String> {
    driver.session.notices.iter().map(|notice| notice.problem.detail.clone()).collect()
}

#[test]
fn a_repository_is_listed_page_by_page_and_opened_at_its_commit() {
    for kind in ["models", "datasets", "spaces"] {
        let hub = hub(kind);
        let mut driver = Driver::new();
        driver.act(|session| session.open_url(&format!("{}/api/{kind}/owner/name", hub.url())));
        let [TaskSpec::Inspect(sources)] = &driver.tasks[..] else { panic!("{:?}", problems(&driver)) };
        assert_eq!((sources[0].name.as_str(), hub.seen().len()), ("name", 4), "{kind}: no request for a file's length");
        let files: Vec<_> = sources[0].files.iter().map(|file| (file.path.as_str(), file.size)).collect();
        assert_eq!(files, [("name/config.json", 3), ("name/deep/model 1.safetensors", 260)], "{kind}");
        for (file, expected) in sources[0].files.iter().zip([CONFIG.to_vec(), model()]) {
            let FileBytes::Url(address) = &file.bytes else { panic!() };
            let facts = Facts { len: file.size, etag: None };
            assert!(
                download(&address.url, Stream::ranges(facts, 0, file.size)).unwrap() == expected,
                "{}",
                address.url
            );
        }
    }
}

/// A folder with the repository's files, one of them changed, one not there, and one more.
#[test]
fn a_local_folder_is_verified_against_what_the_hub_says() {
    let hub = hub("models");
    let mut driver = Driver::new();
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name/tree/main", hub.url())));
    let (name, listing) = driver.files.pop().unwrap_or_else(|| panic!("{:?}", problems(&driver)));
    assert_eq!((name.as_str(), driver.tasks.len()), ("name at dd4bc8b.json", 0));

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hub");
    let statuses = |config: &[u8], has_model: bool, has_more: bool| {
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("local/deep")).unwrap();
        fs::write(folder.join(&name), &listing).unwrap();
        fs::write(folder.join("local/config.json"), config).unwrap();
        if has_model {
            fs::write(folder.join("local/deep/model 1.safetensors"), model()).unwrap();
        }
        if has_more {
            fs::write(folder.join("local/deep/notes.txt"), "x").unwrap();
        }
        let opened = open_but(&[&folder.join("local"), &folder.join(&name)], |_| true);
        let integrity = manifests::verify(&opened, &folder);
        integrity.entries.into_iter().map(|row| (row.path, row.status)).collect::<Vec<_>>()
    };
    let (config, model) = ("local/config.json".to_owned(), "local/deep/model 1.safetensors".to_owned());
    assert_eq!(statuses(CONFIG, true, false), [(config.clone(), Status::Ok), (model.clone(), Status::Ok)]);
    let changed = statuses(b"{ }", true, false);
    assert_eq!(changed, [(config.clone(), Status::Mismatch), (model.clone(), Status::Ok)]);
    assert_eq!(statuses(CONFIG, false, false), [(config.clone(), Status::Ok), (model.clone(), Status::Missing)]);
    let more = statuses(CONFIG, true, true);
    assert!(more.iter().any(|(path, status)| path.ends_with("notes.txt") && *status == Status::Unlisted), "{more:?}");
}

#[test]
fn what_the_hub_refuses_is_said_and_asked_for_again_only_where_that_helps() {
    let ok = format!(r#"{{"sha":"{COMMIT}"}}"#);
    for (status, headers, body, words, asked) in [
        (401, "X-Error-Code: GatedRepo\r\n", r#"{"error":"gated"}"#, "asked", 1),
        (401, "X-Error-Code: RepoNotFound\r\n", r#"{"error":"x"}"#, "private", 1),
        (404, "X-Error-Code: RevisionNotFound\r\n", r#"{"error":"x"}"#, "no such revision", 1),
        (429, "Retry-After: 2\r\n", "", "five minutes", 3),
        (200, "", "<html>", "no commit", 1),
    ] {
        let server = Server::with(move |_| reply(status, headers, body));
        let mut driver = Driver::new();
        driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", server.url())));
        assert!(problems(&driver)[0].contains(words), "{:?}", problems(&driver));
        assert_eq!((server.seen().len(), driver.session.is_idle(), driver.tasks.len()), (asked, true, 0), "{words}");
    }
    // Lists that are none, that go on elsewhere, or for ever.
    for (headers, body, words) in [
        ("", "{}", "not a list of files"),
        ("", "[]", "no files"),
        (
            "Link: <https://evil.example/x>; rel=\"next\"\r\n",
            r#"[{"type":"file","oid":"x","size":1,"path":"a"}]"#,
            "another host",
        ),
    ] {
        let ok = ok.clone();
        let server = Server::with(move |asked| {
            if asked.path().contains("/revision/") { reply(200, "", &ok) } else { reply(200, headers, body) }
        });
        let mut driver = Driver::new();
        driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", server.url())));
        assert!(problems(&driver)[0].contains(words), "{:?}", problems(&driver));
        assert!(driver.session.is_idle() && driver.tasks.is_empty());
    }
    let page = format!("[{}]", vec![file("a", "x", "", 1); 1_000].join(","));
    let endless = Server::with(move |asked| {
        let link = format!("Link: <http://{}/again>; rel=\"next\"\r\n", asked.header("host").unwrap());
        if asked.path().contains("/revision/") { reply(200, "", &ok) } else { reply(200, &link, &page) }
    });
    let mut driver = Driver::new();
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", endless.url())));
    assert!(problems(&driver)[0].contains("more than 10000 files"), "{:?}", problems(&driver));
    assert_eq!(endless.seen().len(), 11);
}

#[test]
fn a_token_opens_what_is_gated_and_no_other_origin_sees_it() {
    let (hub, store) = private(vec![("model.safetensors", model())]);
    let mut driver = Driver::working();
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", hub.url())));
    assert!(
        problems(&driver)[0].contains("gated") && problems(&driver)[0].contains("token"),
        "{:?}",
        problems(&driver)
    );

    driver.connect_to("hub", &format!("{}/api/models/owner/name", hub.url()), TOKEN);
    assert_eq!(
        (driver.rows(), driver.session.registry_key().as_deref()),
        (vec![" model.safetensors".to_owned()], Some("hf_sec…"))
    );
    driver.act(|session| session.open_items(Wanted::Files));
    // What is opened by its address has the key too, once the Hub is connected to.
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", hub.url())));
    for pick in &driver.session.picks {
        assert!(
            pick.opened.contents.iter().flatten().any(|found| !found.tensors.is_empty()),
            "{:?}",
            problems(&driver)
        );
    }
    assert_eq!(driver.session.picks.len(), 2);
    let other = Server::with(|_| reply(404, "", ""));
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", other.url())));
    driver.act(|session| session.open_url(&format!("{}/file.safetensors", other.url())));
    for asked in store.seen().iter().chain(&other.seen()) {
        assert!(asked.header("authorization").is_none() && !format!("{asked:?}").contains("secret"), "{asked:?}");
    }
    assert!(store.seen().len() >= 2 && other.seen().len() >= 2);
    assert!(hub.seen().iter().all(|asked| !asked.path().contains("secret")));
    let everything = format!("{:?}{}", driver.session, String::from_utf8(driver.session.report_json()).unwrap());
    assert!(!everything.contains("secretsecret") && !driver.session.report_markdown().contains("secretsecret"));
    driver.act(weighbridge::session::Session::disconnect);
    driver.act(|session| session.open_url(&format!("{}/api/models/owner/name", hub.url())));
    assert!(problems(&driver).last().unwrap().contains("gated"), "a key that is forgotten is not sent");
}

/// Formats whose headers say it all: of what is behind them nothing is read.
#[test]
fn headers_of_gguf_and_torch_files_are_read_by_ranges() {
    let read = |path: &str| fs::read(support::root().join(path)).unwrap();
    // https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: one tensor of 2²⁰ floats, padded to 32 bytes.
    let mut gguf = b"GGUF".to_vec();
    gguf.extend(3_u32.to_le_bytes());
    gguf.extend([1_u64, 0, 1].iter().flat_map(|number| number.to_le_bytes()));
    gguf.push(b'w');
    gguf.extend(1_u32.to_le_bytes());
    gguf.extend((1_u64 << 20).to_le_bytes());
    gguf.extend([0; 4 + 8]);
    gguf.resize(gguf.len().next_multiple_of(32) + (4 << 20), 0);
    let files = vec![("large.gguf", gguf), ("tied.pt", read("torch/tied.pt")), ("legacy.pt", read("torch/legacy.pt"))];
    let (hub, _store) = private(files);
    let mut driver = Driver::working();
    driver.connect_to("hub", &format!("{}/api/models/owner/name", hub.url()), TOKEN);
    driver.act(|session| session.open_items(Wanted::Files));
    let opened = &driver.session.picks[0].opened;
    for name in ["large.gguf", "tied.pt", "legacy.pt"] {
        let found = opened.entries.iter().zip(&opened.contents).filter(|(entry, _)| entry.path.contains(name));
        let tensors: usize = found.filter_map(|(_, contents)| Some(contents.as_ref()?.tensors.len())).sum();
        assert!(tensors > 0, "{name}");
    }
    assert!(driver.came() < 1 << 20, "{} bytes came", driver.came());
}

/// A checkpoint on a disk and one on the Hub are both opened sources: the values of the second come by ranges.
#[test]
fn a_local_checkpoint_is_compared_with_one_on_the_hub() {
    let local = fs::read(support::root().join("safetensors/small.safetensors")).unwrap();
    let mut far = local.clone();
    let last = far.len() - 1;
    far[last] ^= 0x40;
    let (hub, _store) = private(vec![("model.safetensors", far)]);
    let mut driver = Driver::working();
    driver.give("local", vec![("model.safetensors".to_owned(), local)]);
    driver.connect_to("hub", &format!("{}/api/models/owner/name", hub.url()), TOKEN);
    driver.act(|session| session.open_items(Wanted::Files));
    let paths: Vec<String> = driver.session.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
    let [a, b] = &paths[..] else { panic!("{paths:?}") };
    driver.act(|session| session.choose_comparison(Some(a.clone()), Some(b.clone())));
    driver.act(weighbridge::session::Session::compare);
    let shown = driver.session.comparing.result.as_ref().unwrap();
    let weights = shown.weights.as_ref().expect("the values were compared");
    let differing = weights.iter().filter(|row| !row.equal).count();
    assert_eq!((differing, weights.len() > 1), (1, true), "{weights:?}");
}
