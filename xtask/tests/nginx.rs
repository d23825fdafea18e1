//! `docs/registry-nginx.conf`, with addresses of this machine in place of the example's, in a real nginx.

mod upstream;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;
use upstream::{Upstream, ok};

struct Nginx {
    child: Child,
    port: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian puts it where only root's PATH looks.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|file| file.is_file())
}

impl Nginx {
    fn start(program: &Path, upstream: u16) -> Nginx {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nginx");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/registry-nginx.conf");
        let mut text = fs::read_to_string(example).unwrap();
        for (from, to) in [
            ("registry.example:443", format!("127.0.0.1:{upstream}")),
            ("127.0.0.1:8080", format!("127.0.0.1:{port}")),
            ("https://registry/", "http://registry/".to_owned()),
        ] {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text = text.replace(from, &to);
        }
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {name};"));
        let main = "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}";
        let whole = format!("{main}\nhttp {{ access_log off; {}\n{text} }}", temporary.concat());
        fs::write(folder.join("nginx.conf"), whole).unwrap();
        let child = Command::new(program).arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "stderr"]).spawn();
        let nginx = Nginx { child: child.unwrap(), port };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return nginx;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("nginx does not listen");
    }

    fn ask(&self, line: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let origin = "Origin: https://weighbridge.example\r\n";
        write!(stream, "{line} HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n{origin}{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn the_example_for_nginx_keeps_the_contract() {
    let Some(program) = installed() else {
        eprintln!("skipped: nginx is not installed (on Debian: apt-get install nginx-light)");
        return;
    };
    let store = Upstream::start(Vec::new());
    let signed = format!("http://127.0.0.1:{}/a?sig=1&b=2", store.port);
    let moved = format!(
        "HTTP/1.1 302 X\r\nLocation: {signed}\r\nExpires: Sat, 21 Nov 2026 04:42:42 GMT\r\nContent-Length: 0\r\n\r\n"
    );
    let denied = "HTTP/1.1 429 X\r\nRetry-After: 3\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\n{}";
    let upstream = Upstream::start(vec![
        ("/services/prod/api/v1/training_runs?limit=2", ok("Set-Cookie: a=b\r\n", "{\"a\":1}")),
        ("/services/prod/api/v1/busy", denied.to_owned()),
        ("/services/prod/api/v1/training_runs/m:train:0/checkpoints/weights/a%20b/archive", moved.clone()),
        ("/services/prod/api/v1/moved", moved),
    ]);
    let nginx = Nginx::start(&program, upstream.port);
    let key = "X-API-Key: tml-secretsecretsecret\r\nCookie: c=d\r\nReferer: https://x/\r\n";
    let allowed = "Access-Control-Allow-Origin: https://weighbridge.example\r\n";

    let preflight = nginx.ask("OPTIONS /api/v1/training_runs", "Access-Control-Request-Headers: x-api-key\r\n");
    assert!(preflight.starts_with("HTTP/1.1 204") && preflight.contains(allowed), "{preflight}");
    for needed in [
        "Access-Control-Allow-Methods: GET, POST, PUT, DELETE\r\n",
        "Access-Control-Allow-Headers: x-api-key, content-type\r\n",
    ] {
        assert!(preflight.contains(needed), "{preflight}");
    }
    let list = nginx.ask("GET /api/v1/training_runs?limit=2", key);
    assert!(list.starts_with("HTTP/1.1 200") && list.contains("{\"a\":1}") && list.contains(allowed), "{list}");
    assert!(list.contains("Access-Control-Expose-Headers: retry-after, ") && !list.contains("Set-Cookie"), "{list}");
    let busy = nginx.ask("GET /api/v1/busy", key);
    assert!(busy.starts_with("HTTP/1.1 429") && busy.contains("Retry-After: 3\r\n"), "{busy}");
    assert_eq!(busy.matches("Access-Control-Allow-Origin").count(), 1, "two are none: {busy}");
    let archive = nginx.ask("GET /api/v1/training_runs/m:train:0/checkpoints/weights/a%20b/archive", key);
    let expected = format!("{{\"url\": \"{signed}\", \"expires\": \"Sat, 21 Nov 2026 04:42:42 GMT\"}}");
    assert!(archive.starts_with("HTTP/1.1 200") && archive.ends_with(&expected), "{archive}");
    assert!(archive.contains("Content-Type: application/json\r\n") && archive.contains(allowed), "{archive}");
    assert!(archive.contains("Cache-Control: no-store\r\n") && !archive.contains("Location:"), "{archive}");
    let other = nginx.ask("GET /api/v1/moved", key);
    assert!(other.starts_with("HTTP/1.1 502") && !other.contains("sig=1"), "{other}");
    assert!(nginx.ask("GET /elsewhere", key).starts_with("HTTP/1.1 404"));

    assert!(store.seen().is_empty(), "{:?}", store.seen());
    let seen = upstream.seen();
    assert_eq!(seen.len(), 4, "{seen:?}");
    for asked in seen {
        assert!(
            asked.contains("x-api-key: tml-secretsecretsecret\r\n") && asked.contains("host: registry.example\r\n"),
            "{asked}"
        );
        assert!(!asked.contains("cookie") && !asked.contains("referer"), "{asked}");
    }
}
