//! The static server, asked over a real connection.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use xtask::serve::{Options, Server};

struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Site {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(folder.join("index.html"), "<p>weigh").unwrap();
        fs::write(folder.join("sub/index.html"), "<p>sub").unwrap();
        fs::write(folder.join("app_bg-0123456789abcdef.wasm"), "0123456789").unwrap();
        Site(folder)
    }

    fn serve(&self, change: impl FnOnce(&mut Options)) -> Server {
        let mut options = Options::new(&self.0);
        change(&mut options);
        Server::start(options).unwrap()
    }
}

fn ask(server: &Server, head: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn check(answer: &str, parts: &[&str]) {
    for part in parts {
        assert!(answer.contains(part), "{part:?} is not in {answer:?}");
    }
}

const WASM: &str = "/app_bg-0123456789abcdef.wasm";

#[test]
fn files_have_their_types_and_only_hashed_ones_are_kept() {
    let server = Site::new("types").serve(|_| ());
    check(&ask(&server, "GET / HTTP/1.1"), &["200 OK", "text/html", "Cache-Control: no-cache", "\r\n\r\n<p>weigh"]);
    let wasm = ask(&server, &format!("GET {WASM}?x HTTP/1.1"));
    check(&wasm, &["200 OK", "application/wasm", "immutable", "Content-Length: 10\r\n", "Accept-Ranges: bytes"]);
    check(&ask(&server, "GET /sub HTTP/1.1"), &["301", "Location: /sub/"]);
    check(&ask(&server, "GET /sub/ HTTP/1.1"), &["<p>sub"]);
    check(&ask(&server, "GET /none HTTP/1.1"), &["404"]);
    check(&ask(&server, "GET /../Cargo.toml HTTP/1.1"), &["400"]);
    check(&ask(&server, "POST / HTTP/1.1\r\nContent-Length: 2"), &["405"]);
}

#[test]
fn a_head_has_no_body() {
    let server = Site::new("head").serve(|_| ());
    let answer = ask(&server, &format!("HEAD {WASM} HTTP/1.1"));
    check(&answer, &["200 OK", "Content-Length: 10\r\n"]);
    assert!(answer.ends_with("\r\n\r\n"));
}

#[test]
fn ranges_are_served_unless_switched_off() {
    let site = Site::new("ranges");
    let server = site.serve(|_| ());
    let get = |range: &str| ask(&server, &format!("GET {WASM} HTTP/1.1\r\nRange: {range}"));
    check(&get("bytes=2-4"), &["206", "Content-Range: bytes 2-4/10", "Content-Length: 3\r\n", "\r\n\r\n234"]);
    check(&get("bytes=-2"), &["206", "Content-Range: bytes 8-9/10", "\r\n\r\n89"]);
    check(&get("bytes=10-"), &["416", "Content-Range: bytes */10"]);
    check(&get("bytes=0-1\r\nIf-Range: \"old\""), &["200 OK", "\r\n\r\n0123456789"]);
    let seen = server.seen();
    assert_eq!((seen[0].range.as_deref(), seen[0].status, seen[0].sent), (Some("bytes=2-4"), 206, 3));
    let plain = site.serve(|options| options.no_range = true);
    let answer = ask(&plain, &format!("GET {WASM} HTTP/1.1\r\nRange: bytes=2-4"));
    check(&answer, &["200 OK", "Accept-Ranges: none", "\r\n\r\n0123456789"]);
}

#[test]
fn an_unchanged_file_is_not_sent_again() {
    let server = Site::new("etag").serve(|_| ());
    let first = ask(&server, "GET / HTTP/1.1");
    let (_, tag) = first.split_once("ETag: ").unwrap();
    let tag = tag.lines().next().unwrap();
    check(&ask(&server, &format!("GET / HTTP/1.1\r\nIf-None-Match: {tag}")), &["304"]);
}

#[test]
fn a_site_can_be_under_a_path_with_others_beside_it() {
    let site = Site::new("mounts");
    let server = site.serve(|options| {
        options.mount = "deep/er/".into();
        options.more = vec![("/deep/er/more".into(), site.0.join("sub"))];
        options.cors = true;
    });
    assert!(server.url().ends_with("/deep/er/"));
    check(&ask(&server, "GET /deep/er/ HTTP/1.1"), &["<p>weigh", "Access-Control-Allow-Origin: *"]);
    check(&ask(&server, "GET /deep/er HTTP/1.1"), &["301", "Location: /deep/er/"]);
    check(&ask(&server, "GET /deep/er/more/ HTTP/1.1"), &["<p>sub"]);
    check(&ask(&server, "GET /deeper/ HTTP/1.1"), &["404"]);
    check(&ask(&server, "GET / HTTP/1.1"), &["404"]);
    check(&ask(&server, "OPTIONS /deep/er/ HTTP/1.1"), &["204", "Access-Control-Allow-Headers"]);
}

#[test]
fn a_connection_is_used_again_and_a_dropped_server_is_gone() {
    let server = Site::new("alive").serve(|_| ());
    let port = server.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    for _ in 0..2 {
        write!(stream, "GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"<p>weigh") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
    }
    drop(server);
    let mut rest = Vec::new();
    assert!(stream.read_to_end(&mut rest).is_err() || rest.is_empty());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
