//! A registry on the site's own origin: what is passed on, where to, and what is not.

mod upstream;

use std::io::{Read, Write};
use std::net::TcpStream;
use upstream::{Upstream, ok};
use xtask::serve::{Options, Server};

const KEY: &str = "tml-secretsecretsecret";

fn site(upstream: &str) -> Server {
    let root = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("registry-site");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("index.html"), "<p>weigh").unwrap();
    Server::start(Options { registry: Some(upstream.to_owned()), ..Options::new(root) }).unwrap()
}

/// What comes back to a request with the key and these header lines.
fn ask(server: &Server, line: &str, headers: &str, body: &str) -> String {
    let port = server.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let host = if headers.contains("Host: ") { String::new() } else { format!("Host: 127.0.0.1:{port}\r\n") };
    write!(stream, "{line} HTTP/1.1\r\n{host}X-API-Key: {KEY}\r\n{headers}\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_reach_the_registry_with_key_and_body_and_nothing_of_the_browser() {
    let upstream = Upstream::start(vec![
        (
            "/p/api/v1/training_runs?limit=2",
            ok("Set-Cookie: a=b\r\nServer: x\r\nContent-Type: application/json\r\n", "{\"a\":1}"),
        ),
        ("/p/api/v1/weights_info", ok("Retry-After: 3\r\n", "{}")),
        ("/p/api/v1/t/m/checkpoints/weights/a", "HTTP/1.1 204 No Content\r\n\r\n".to_owned()),
        (
            "/p/api/v1/long",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".to_owned(),
        ),
    ]);
    let server = site(&format!("http://127.0.0.1:{}/p", upstream.port));
    let answer = ask(
        &server,
        "GET /api/v1/training_runs?limit=2",
        "Cookie: c=d\r\nReferer: http://x/\r\nRange: bytes=0-1\r\n",
        "",
    );
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n{\"a\":1}"), "{answer}");
    assert!(
        answer.contains("application/json") && answer.contains("no-store") && answer.contains("sandbox"),
        "{answer}"
    );
    assert!(!answer.to_lowercase().contains("set-cookie"), "{answer}");
    let body = "{\"tinker_path\":\"tinker://m/weights/a\\n\"}";
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    let answer = ask(&server, "POST /api/v1/weights_info", &headers, body);
    assert!(answer.contains("retry-after: 3\r\n"), "{answer}");
    let answer = ask(&server, "DELETE /api/v1/t/m/checkpoints/weights/a", "", "");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(ask(&server, "GET /api/v1/long", "", "").ends_with("\r\n\r\nabcde"));
    assert!(ask(&server, "GET /", "Connection: close\r\n", "").ends_with("<p>weigh"), "the site is still there");

    let seen = upstream.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|asked| asked.contains(&format!("x-api-key: {KEY}\r\n"))), "{seen:?}");
    assert!(seen.iter().all(|asked| !asked.contains("cookie") && !asked.contains("referer")), "{seen:?}");
    assert!(seen[0].contains("range: bytes=0-1\r\n"));
    assert!(seen[1].starts_with("post ") && seen[1].ends_with(&format!("\r\n\r\n{body}")), "{}", seen[1]);
    assert!(seen[2].starts_with("delete "));
}

#[test]
fn the_redirect_of_an_archive_becomes_json_and_no_redirect_is_followed() {
    let store = Upstream::start(Vec::new());
    let moved = |place: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {place}\r\nExpires: Sat, 21 Nov 2026 04:42:42 GMT\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let signed = format!("http://127.0.0.1:{}/a?sig=1", store.port);
    let upstream = Upstream::start(vec![
        ("/api/v1/t/m/checkpoints/weights/a/archive", moved(&signed)),
        ("/api/v1/t/m/checkpoints/final/archive", moved("/api/v1/t/m/checkpoints/final/download")),
        ("/api/v1/t/m/checkpoints/final/download", ok("", "bytes")),
        ("/api/v1/training_runs", moved(&signed)),
    ]);
    let server = site(&format!("http://127.0.0.1:{}", upstream.port));
    let answer = ask(&server, "GET /api/v1/t/m/checkpoints/weights/a/archive", "", "");
    let expected = format!("{{\"url\": \"{signed}\", \"expires\": \"2026-11-21T04:42:42Z\"}}");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&expected), "{answer}");
    let answer = ask(&server, "GET /api/v1/t/m/checkpoints/final/archive", "", "");
    let own = format!("http://127.0.0.1:{}/api/v1/t/m/checkpoints/final/download", server.port());
    assert!(answer.contains(&own), "{answer}");
    assert!(ask(&server, "GET /api/v1/t/m/checkpoints/final/download", "", "").ends_with("bytes"));
    let answer = ask(&server, "GET /api/v1/training_runs", "", "");
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("not followed"), "{answer}");
    assert!(store.seen().is_empty(), "{:?}", store.seen());
}

#[test]
fn registries_that_are_only_read_are_read_and_nothing_else() {
    let store = Upstream::start(Vec::new());
    let blob = format!("http://127.0.0.1:{}/blob?sig=1", store.port);
    let challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"https://auth.example/token\"\r\nContent-Length: 0\r\n\r\n";
    let upstream = Upstream::start(vec![
        ("/v2/_catalog?n=100", ok("Link: </v2/_catalog?last=a>; rel=\"next\"\r\n", "{}")),
        ("/v2/a/manifests/v1", ok("Docker-Content-Digest: sha256:0\r\n", "{}")),
        ("/v2/a/tags/list", challenge.to_owned()),
        ("/v2/a/blobs/sha256:0", format!("HTTP/1.1 307 X\r\nLocation: {blob}\r\nContent-Length: 0\r\n\r\n")),
        ("/api/2.0/mlflow/registered-models/search", ok("", "{\"m\":1}")),
        ("/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files", ok("", "part")),
        ("/get-artifact?run_uuid=r&path=a", ok("", "part")),
    ]);
    let server = site(&format!("http://127.0.0.1:{}", upstream.port));
    for (path, expected) in [
        ("/v2/_catalog?n=100", "link: </v2/_catalog?last=a>; rel=\"next\"\r\n"),
        ("/v2/a/manifests/v1", "docker-content-digest: sha256:0\r\n"),
        ("/v2/a/tags/list", "www-authenticate: Bearer realm=\"https://auth.example/token\"\r\n"),
        ("/v2/a/blobs/sha256:0", &format!("location: {blob}\r\n")),
        ("/api/2.0/mlflow/registered-models/search", "{\"m\":1}"),
        ("/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files", "part"),
        ("/get-artifact?run_uuid=r&path=a", "part"),
    ] {
        let answer = ask(&server, &format!("GET {path}"), "Authorization: Bearer t0ken\r\n", "");
        assert!(answer.contains(expected), "{path}: {answer}");
    }
    let seen = upstream.seen();
    assert!(seen.iter().all(|asked| asked.contains("authorization: bearer t0ken\r\n")), "{seen:?}");
    assert!(store.seen().is_empty(), "{:?}", store.seen());
    for line in ["DELETE /v2/a/manifests/v1", "PUT /v2/a/manifests/v1", "POST /api/2.0/mlflow/registered-models/search"]
    {
        let answer = ask(&server, line, "Connection: close\r\nContent-Length: 0\r\n", "");
        assert!(!answer.starts_with("HTTP/1.1 2"), "{line}: {answer}");
    }
    assert_eq!(upstream.seen().len(), seen.len());
}

#[test]
fn other_sites_cannot_use_it_and_a_registry_that_is_down_is_said() {
    let upstream = Upstream::start(vec![("/api/v1/healthz", ok("", "{}"))]);
    let server = site(&format!("http://127.0.0.1:{}", upstream.port));
    let own = format!("Origin: http://127.0.0.1:{}\r\n", server.port());
    for (headers, status) in [
        (own.as_str(), 200),
        ("Origin: https://evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Host: evil.example\r\n", 403),
        ("Host: evil.example:8420\r\n", 403),
    ] {
        let answer = ask(&server, "GET /api/v1/healthz", headers, "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control"), "{answer}");
    }
    assert_eq!(upstream.seen().len(), 1);
    for line in ["GET /api/v1/../x", "GET /api/v1/%2e%2e/x", "GET /api/v1x"] {
        let answer = ask(&server, line, "Connection: close\r\n", "");
        assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 404"), "{line}: {answer}");
    }
    let closed = site("http://127.0.0.1:1");
    let answer = ask(&closed, "GET /api/v1/healthz", "", "");
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("does not answer"), "{answer}");
    assert!(!answer.contains(KEY));
}
