//! MLflow's client against recorded answers of MLflow 3.17.2, and against servers that misbehave.

use weighbridge::protocol::{FileBytes, TaskSpec};
use weighbridge::registry::Wanted;
use weighbridge::session::registry::Link;

use super::driver::Driver;
use super::recorded::{exchanges, recorded};
use super::session::reply;
use crate::http::{Asked, Reply, Server};

const RECORDED: &str = "mlflow-3.17.2";
const RUN: &str = "edb82a83994b462fa429491377d2dda4";

/// A recorded answer, by the start of its file's name.
fn play(file: &str) -> Reply {
    let answer = recorded(RECORDED, file);
    reply(answer.status, "", std::str::from_utf8(&answer.body).unwrap())
}

/// The recorded server, asked as we ask it.
fn replayed(what: &str) -> Option<Reply> {
    Some(play(match what {
        "registered-models/search?max_results=200" => "01-",
        "model-versions/search?max_results=200" => "02-",
        what if what == format!("artifacts/list?run_id={RUN}&path=adapter") => "05-",
        _ => return None,
    }))
}

fn server(routes: impl Fn(&str) -> Option<Reply> + Send + 'static) -> Server {
    Server::with(move |asked: &Asked| {
        let what = asked.path().trim_start_matches("/prefix/api/2.0/mlflow/").to_owned();
        routes(&what).unwrap_or_else(|| play("11-"))
    })
}

fn connected(server: &Server) -> Driver {
    let mut driver = Driver::new();
    driver.connect_to("mlflow", &format!("{}/prefix/", server.url()), "");
    driver
}

fn failed(server: &Server) -> String {
    match connected(server).session.registry.link.clone() {
        Link::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn recorded_models_are_listed_and_their_files_found() {
    let server = server(replayed);
    let mut driver = connected(&server);
    let registry = &driver.session.registry;
    assert_eq!((registry.link.clone(), registry.is_listing, registry.unlisted.len()), (Link::Open, false, 0));
    assert_eq!(driver.rows(), ["tiny-lora 1"]);
    let version = &registry.items["tiny-lora\n1"];
    assert_eq!((version.kind, version.time, version.notes.as_str()), ("version", Some(1_795_231_422), "@champion"));
    assert_eq!(registry.items["tiny-lora"].place, None, "a model has no files, its versions have");
    driver.choose("tiny-lora", &["1"]);
    driver.act(|session| session.open_items(Wanted::Files));
    let [TaskSpec::Inspect(sources)] = &driver.tasks[..] else { panic!("{:?}", driver.problems()) };
    let files: Vec<_> = sources[0].files.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(
        files,
        [("tiny-lora 1/adapter_config.json", 7), ("tiny-lora 1/adapter_model.safetensors", 16)],
        "told by the list alone"
    );
    // The address that was recorded to answer ranges.
    let FileBytes::Url(address) = &sources[0].files[1].bytes else { panic!() };
    let all = exchanges(RECORDED);
    let expected = all.iter().find(|exchange| exchange.file.starts_with("09-")).unwrap();
    assert!(expected.url.contains(&format!("path=0/{RUN}/artifacts/adapter")));
    let path =
        format!("/prefix/api/2.0/mlflow-artifacts/artifacts/0/{RUN}/artifacts/adapter/adapter_model.safetensors");
    assert_eq!(address.url, format!("{}{path}", server.url()));
    let seen = server.seen();
    assert!(seen.len() == 3 && seen.iter().all(|asked| asked.header("cookie").is_none() && asked.method() == "GET"));
    driver.act(|session| session.open_items(Wanted::Digests));
    assert_eq!((driver.tasks.len(), server.seen().len()), (1, 3), "MLflow tells no digests");
}

#[test]
fn recorded_refusals_are_said_in_words() {
    for (file, words) in [
        ("11-", "not found"),
        ("14-", "Cross-origin request blocked"),
        ("16-", "--allowed-hosts"),
        ("07-", "tracking URI"),
    ] {
        let why = failed(&server(move |_| Some(play(file))));
        assert!(why.contains(words), "{file}: {why}");
    }
    assert!(failed(&server(|_| Some(reply(200, "", "<html>hello</html>")))).contains("not as MLflow does"));
    assert!(failed(&server(|_| Some(reply(200, "", "[]")))).contains("not as MLflow does"));
    // What is empty is left out of answers.
    let empty = server(|_| Some(play("18-")));
    let driver = connected(&empty);
    assert_eq!((driver.session.registry.link.clone(), driver.rows().len()), (Link::Open, 0));
}

#[test]
fn pages_are_read_to_the_end_and_a_server_that_pages_for_ever_is_left() {
    let paged = server(|what| {
        let token = what.split("page_token=").nth(1).unwrap_or("0").parse::<u32>().ok()?;
        let next = if token < 2 { format!(r#","next_page_token":"{}""#, token + 1) } else { String::new() };
        let (list, item) = match what.starts_with("registered") {
            true => ("registered_models", format!(r#"{{"name":"m{token}"}}"#)),
            false => ("model_versions", format!(r#"{{"name":"m{token}","version":"{token}","source":"runs:/r/a"}}"#)),
        };
        Some(reply(200, "", &format!(r#"{{"{list}":[{item}]{next}}}"#)))
    });
    assert_eq!(connected(&paged).rows(), ["m0 0", "m1 1", "m2 2"]);
    let endless = server(|_| Some(reply(200, "", r#"{"registered_models":[{"name":"m"}],"next_page_token":"same"}"#)));
    let driver = connected(&endless);
    assert!(endless.seen().len() <= 4 && !driver.session.registry.is_listing && driver.session.is_idle());
}

/// Versions whose files lie at many places, or nowhere.
fn scattered() -> Server {
    let listed = |files: &str| reply(200, "", &format!(r#"{{"root_uri":"s3://b/r","files":[{files}]}}"#));
    server(move |what| {
        let version =
            |name: &str, source: &str| format!(r#"{{"name":"{name}","version":"1","source":"{source}","run_id":""}}"#);
        let versions = [
            version("deep", "runs:/r/model"),
            version("one", "runs:/r/model/a.pt"),
            version("s3", "s3://bucket/secret"),
            version("loop", "models:/loop/1"),
            version("logged", "models:/m-1"),
            version("evil", "runs:/r/evil"),
        ];
        Some(match what {
            "registered-models/search?max_results=200" => reply(200, "", "{}"),
            "registered-models/search?max_results=1" => reply(200, "", "{}"),
            "model-versions/search?max_results=200" => {
                reply(200, "", &format!(r#"{{"model_versions":[{}]}}"#, versions.join(",")))
            }
            "artifacts/list?run_id=r&path=model" => listed(
                r#"{"path":"model/a.pt","is_dir":false,"file_size":5},{"path":"model/x","is_dir":true},{"path":"model/none"}"#,
            ),
            "artifacts/list?run_id=r&path=model/x" => listed(r#"{"path":"model/x/b c.pt","file_size":"7"}"#),
            "artifacts/list?run_id=r&path=model/a.pt" => reply(200, "", r#"{"root_uri":"s3://b/r"}"#),
            "artifacts/list?run_id=r&path=evil" => listed(r#"{"path":"evil/../../etc","file_size":1}"#),
            "artifacts/list?run_id=r" => reply(200, "", "{}"),
            "model-versions/get?name=loop&version=1" => {
                reply(200, "", &format!(r#"{{"model_version":{}}}"#, version("loop", "models:/loop/1")))
            }
            "logged-models/m-1/artifacts/directories" => listed(r#"{"path":"c.pt","file_size":9}"#),
            _ => return None,
        })
    })
}

#[test]
fn folders_are_walked_and_sources_that_are_elsewhere_said() {
    let server = scattered();
    let open = |name: &str| {
        let mut driver = connected(&server);
        driver.choose(name, &["1"]);
        driver.act(|session| session.open_items(Wanted::Files));
        assert!(driver.session.registry.link == Link::Open);
        let base = server.url();
        let files = driver.tasks.iter().flat_map(|task| match task {
            TaskSpec::Inspect(sources) => sources[0].files.clone(),
            _ => Vec::new(),
        });
        let files: Vec<String> = files
            .map(|file| match &file.bytes {
                FileBytes::Url(address) => format!("{} {} {}", file.path, file.size, address.url.replace(&base, "")),
                FileBytes::Attached(_) => panic!(),
            })
            .collect();
        (files, driver.problems().join("; "))
    };
    let at = "/prefix/get-artifact?run_uuid=r&path=model";
    assert_eq!(
        open("deep").0,
        [
            format!("deep 1/a.pt 5 {at}/a.pt"),
            format!("deep 1/none 0 {at}/none"),
            format!("deep 1/x/b c.pt 7 {at}/x/b%20c.pt")
        ]
    );
    assert_eq!(open("one").0, [format!("one 1/a.pt 5 {at}/a.pt")], "a version that is a file");
    let logged = "/prefix/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=c.pt";
    assert_eq!(open("logged").0, [format!("logged 1/c.pt 9 {logged}")]);
    assert!(open("s3").1.contains("its files lie elsewhere"), "{}", open("s3").1);
    assert!(open("loop").1.contains("copy of a copy"), "{}", open("loop").1);
    assert!(open("evil").1.contains("no files"), "{}", open("evil").1);
}
