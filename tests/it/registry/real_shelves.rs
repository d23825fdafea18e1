//! Against real servers: `cargo xtask peer mlflow -- cargo test --test it -- --ignored real_mlflow` starts MLflow from PyPI with
//! the models of `tests/peers/mlflow/seed.py`, and `oci` Debian's docker-registry with those of `tests/peers/oci/seed.py`.

use weighbridge::model::{IntegrityVerdict, Status};
use weighbridge::registry::Wanted;
use weighbridge::session::registry::{Link, RegistrySort};

use super::driver::Driver;
use crate::http::exchange;

fn peer(variable: &str) -> String {
    let Ok(url) = std::env::var(variable) else { panic!("{variable} is not set: run it with cargo xtask peer") };
    url
}

fn connected(service: &str, address: &str) -> Driver {
    let mut driver = Driver::working();
    driver.connect_to(service, address, "");
    let registry = &driver.session.registry;
    assert_eq!((registry.link.clone(), registry.is_listing), (Link::Open, false));
    driver
}

/// Whether pages of another origin may read an answer.
fn allows(url: &str, origin: &str) -> bool {
    let (_, headers, _) = exchange("GET", url, &[("Origin".to_owned(), origin.to_owned())], &[]).unwrap();
    headers.iter().any(|(name, value)| name == "access-control-allow-origin" && (value == "*" || value == origin))
}

fn formats(driver: &Driver) -> Vec<String> {
    let pick = driver.session.picks.last().unwrap();
    let contents = pick.opened.entries.iter().zip(&pick.opened.contents);
    contents
        .map(|(entry, found)| format!("{} {}", entry.path, found.as_ref().map_or(0, |found| found.tensors.len())))
        .collect()
}

/// Opens both and compares them.
fn differing(driver: &mut Driver) -> usize {
    driver.act(weighbridge::session::Session::compare_registered);
    let shown = driver.session.comparing.result.as_ref().unwrap_or_else(|| panic!("{:?}", driver.problems()));
    assert!(shown.a < shown.b, "{} and {}", shown.a, shown.b);
    let weighing = driver.session.comparing.weighing.as_ref();
    assert!(weighing.is_some(), "the values were compared");
    shown.weights.as_ref().unwrap().len()
}

#[test]
#[ignore = "needs a server: cargo xtask peer mlflow"]
fn real_mlflow_models_are_listed_opened_by_ranges_and_compared() {
    let base = peer("MLFLOW_PEER");
    let mut driver = connected("mlflow", &base);
    assert_eq!(driver.rows(), ["elsewhere 1", "large 1", "tiny-lora 1", "tiny-lora 2", "tiny-torch 1"]);
    assert!(driver.session.registry.items.contains_key("empty") && driver.session.registry.unlisted.is_empty());
    let champion = &driver.session.registry.items["tiny-lora\n2"];
    assert_eq!(champion.notes, "@champion · the second one");
    assert_eq!(driver.session.registry.rows("champion", RegistrySort::default()).len(), 1);

    driver.choose("large", &["1"]);
    driver.act(|session| session.open_items(Wanted::Files));
    assert_eq!(formats(&driver), ["large 1/config.json 0", "large 1/model.safetensors 6"], "{:?}", driver.problems());
    let size = driver.session.picks[0].opened.sources[0].size_bytes;
    assert!(size > 12_000_000 && driver.came() < 200_000, "{} of {size} bytes came", driver.came());

    driver.act(|session| session.open_item("tiny-torch\n1"));
    assert_eq!(formats(&driver)[0], "tiny-torch 1/MLmodel 0");
    assert!(
        formats(&driver).iter().any(|line| line.starts_with("tiny-torch 1/data/model.pt") && !line.ends_with(" 0"))
    );

    driver.act(|session| session.open_item("elsewhere\n1"));
    assert!(driver.problems()[0].contains("lie elsewhere"), "{:?}", driver.problems());

    driver.session.choose_item("large\n1");
    driver.choose("tiny-lora", &["1", "2"]);
    assert_eq!(differing(&mut driver), 12);
}

#[test]
#[ignore = "needs a server: cargo xtask peer mlflow"]
fn real_mlflow_lets_pages_read_it_only_as_it_is_told() {
    let path = "/api/2.0/mlflow/registered-models/search?max_results=1";
    let (bare, open) = (peer("MLFLOW_PEER"), std::env::var("MLFLOW_PEER_CORS"));
    assert!(!allows(&format!("{bare}{path}"), "http://127.0.0.1:1") || open.is_err());
    if let Ok(open) = open {
        assert!(allows(&format!("{open}{path}"), "http://127.0.0.1:1"));
        assert!(!allows(&format!("{open}{path}"), "https://other.example"));
    }
}

#[test]
#[ignore = "needs a server: cargo xtask peer oci"]
fn real_oci_artifacts_are_listed_opened_by_ranges_and_verified() {
    let base = peer("OCI_PEER");
    let driver = connected("oci", &base);
    let index_names = |rows: &[String]| rows.iter().filter(|row| row.starts_with("models/tiny both sha256:")).count();
    let rows = driver.rows();
    assert_eq!(index_names(&rows), 2, "{rows:?}");
    for row in ["models/large latest", "models/tiny kit", "models/tiny packed", "models/tiny v1", "models/tiny v2"] {
        assert!(rows.iter().any(|found| found == row), "{row}: {rows:?}");
    }
    let kind = |driver: &Driver, name: &str| driver.session.registry.items[&format!("models/tiny\n{name}")].kind;
    assert_eq!((kind(&driver, "v1"), kind(&driver, "kit"), kind(&driver, "both")), ("ModelPack", "KitOps", "index"));
    assert_eq!(driver.session.registry.items["tools/none\nv1"].place, None, "nothing in it");

    let mut large = connected("oci", &format!("{base}/models/large:latest"));
    large.choose("models/large", &["latest"]);
    large.act(|session| session.open_items(Wanted::Files));
    assert_eq!(formats(&large), ["large latest/config.json 0", "large latest/model.safetensors 6"]);
    assert!(large.came() < 200_000, "{} bytes came", large.came());

    // What is in the layers' archives.
    let mut tiny = connected("oci", &format!("{base}/models/tiny"));
    for (name, path) in [("packed", "tiny packed/adapter.tar/"), ("kit", "tiny kit/layer-1.tar.gz/")] {
        tiny.act(|session| session.open_item(&format!("models/tiny\n{name}")));
        let found = formats(&tiny);
        let model = |line: &&String| line.starts_with(path) && line.ends_with("adapter_model.safetensors 12");
        assert!(found.iter().any(|line| model(&line)), "{name}: {found:?}");
    }

    // The digests of the manifest, against the bytes as they come from the registry.
    let mut verified = connected("oci", &format!("{base}/models/tiny:v1"));
    verified.choose("models/tiny", &["v1"]);
    verified.act(|session| session.open_items(Wanted::Files));
    verified.act(|session| session.open_items(Wanted::Digests));
    verified.take_files();
    verified.act(weighbridge::session::Session::verify);
    let integrity = &verified.session.verification.as_ref().unwrap().integrity;
    let rows: Vec<_> = integrity.entries.iter().map(|row| (row.path.as_str(), row.status)).collect();
    let expected = ["tiny v1/adapter_config.json", "tiny v1/adapter_model.safetensors"].map(|path| (path, Status::Ok));
    assert_eq!((rows.as_slice(), integrity.verdict), (&expected[..], IntegrityVerdict::Verified));

    tiny.choose("models/tiny", &["v1", "v2"]);
    assert_eq!(differing(&mut tiny), 12);
    let nope = |what: &str| {
        let mut driver = Driver::new();
        driver.connect_to("oci", &format!("{base}{what}"), "");
        driver.session.registry.link.clone()
    };
    assert!(matches!(nope("/models/nope"), Link::Failed(why) if why.contains("404") && why.contains("not known")));
}

#[test]
#[ignore = "needs a server: cargo xtask peer oci"]
fn real_oci_lets_pages_read_it_only_as_it_is_told() {
    let (bare, open) = (peer("OCI_PEER"), std::env::var("OCI_PEER_CORS"));
    assert!(!allows(&format!("{bare}/v2/models/tiny/tags/list"), "https://other.example") || open.is_err());
    if let Ok(open) = open {
        assert!(allows(&format!("{open}/v2/models/tiny/tags/list"), "https://other.example"));
    }
}
