//! `--registry URL`: what the page asks of a registry on its own origin goes to that registry, by `curl`, which every
//! machine has and which speaks TLS. Of MLflow and OCI registries, which are only read, no more than reading.
//!
//! The key goes to that server's address and nowhere else: no redirect is followed. That of a Tinker archive becomes
//! `200 {"url": …, "expires": …}`, for a browser lets no page read where one leads; that of a file is the browser's to
//! follow, which leaves `Authorization` behind; any other is an error.

use super::request::Request;
use crate::process;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

/// The paths that are forwarded to a Tinker server.
const PREFIX: &str = "/api/v1/";
/// Those of registries that are only read: MLflow's, and those of the OCI.
const READ: [&str; 4] = ["/api/2.0/", "/ajax-api/2.0/", "/get-artifact", "/v2/"];

// The longest body that the API knows is a path in JSON.
const BODY_LIMIT: u64 = 1 << 20;
const HEAD_LIMIT: u64 = 64 * 1024;

// What the registry sends is on the page's own origin here, and must never run as a page of it.
const ALWAYS: &str =
    "Connection: close\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: sandbox; default-src 'none'\r\n";

const TO_SERVER: [&str; 6] = ["x-api-key", "authorization", "content-type", "accept", "range", "if-range"];
const TO_PAGE: [&str; 16] = [
    "content-type",
    "content-length",
    "content-range",
    "content-disposition",
    "accept-ranges",
    "etag",
    "expires",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "x-deprecation-note",
    "x-deprecation-level",
    "docker-content-digest",
    "link",
    "location",
    "www-authenticate",
];

/// Whether a registry is asked, and not this server's files.
pub fn is_asked(method: &str, target: &str) -> bool {
    target.starts_with(PREFIX) || is_only_read(method, target)
}

fn is_only_read(method: &str, target: &str) -> bool {
    method == "GET" && READ.iter().any(|prefix| target.starts_with(prefix))
}

/// An address that can be forwarded to: scheme, host, and any path before `/api/v1`.
///
/// # Errors
/// When it is no such address, in words.
pub fn base(text: &str) -> process::Result<String> {
    let base = text.trim_end_matches('/');
    let base = base.strip_suffix("/api/v1").unwrap_or(base).trim_end_matches('/');
    let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://")).unwrap_or_default();
    let is_plain = host.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#\"\\{}[]".contains(&byte));
    if host.is_empty() || host.starts_with('/') || !is_plain {
        return Err("--registry needs an address such as https://host/path, without a key or a question mark".into());
    }
    Ok(base.to_owned())
}

/// Scheme, host and port.
fn origin(base: &str) -> &str {
    let host = base.find("://").map_or(0, |at| at + 3);
    base[host..].find('/').map_or(base, |end| &base[..host + end])
}

/// Forwards one request; the connection ends with the answer. Returns its status and the bytes of its body.
pub fn forward(base: &str, request: &Request, from: &mut impl Read, to: &mut impl Write) -> io::Result<(u16, u64)> {
    if let Some(why) = refusal(request) {
        return say(to, 403, &why);
    }
    let length = request.header_value("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if length > BODY_LIMIT || request.header_value("transfer-encoding").is_some() {
        return say(to, 413, "the body is longer than any of this API");
    }
    let mut body = String::new();
    from.take(length).read_to_string(&mut body)?;
    let mut curl = curl();
    let mut child = curl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // On its standard input: arguments can be seen by every user of the machine.
    let wrote = child.stdin.take().map(|mut input| input.write_all(config(base, request, &body).as_bytes()));
    let answered = match (wrote, child.stdout.take()) {
        (Some(Ok(())), Some(output)) => answer(base, request, &mut BufReader::new(output), to),
        _ => Err(io::Error::other("curl does not listen")),
    };
    // The page has had enough, or curl has.
    let _ = child.kill();
    let output = child.wait_with_output()?;
    match answered? {
        Some(answered) => Ok(answered),
        None => {
            let why = String::from_utf8_lossy(&output.stderr);
            say(to, 502, &format!("the registry does not answer: {}", why.trim()))
        }
    }
}

fn curl() -> Command {
    let mut curl = process::command("curl");
    // Without the user's own settings, which may follow redirects.
    curl.args(["-q", "-sS", "-i", "--http1.1", "--no-buffer", "--proto", "=http,https", "--max-redirs", "0"]);
    curl.args(["--suppress-connect-headers", "--noproxy", "127.0.0.1,localhost", "--connect-timeout", "30", "-K", "-"]);
    curl
}

/// Why a request is not forwarded: it is not of this page. Without this any page could have the browser send some.
fn refusal(request: &Request) -> Option<String> {
    let host = request.header_value("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost") {
        return Some("only a page of this machine is answered".to_owned());
    }
    let own = format!("http://{host}");
    let is_other = request.header_value("origin").is_some_and(|origin| origin != own);
    is_other.then(|| "only a page of this origin is answered".to_owned())
}

/// What curl is to do, in the format of its configuration files.
fn config(base: &str, request: &Request, body: &str) -> String {
    let mut config = String::new();
    let mut set = |name: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
        // Writing to a text cannot fail.
        let _ = writeln!(config, "{name} = \"{value}\"");
    };
    set("url", &format!("{base}{}", request.target));
    set("request", &request.method);
    for (name, value) in request.headers.iter().filter(|(name, _)| TO_SERVER.contains(&name.as_str())) {
        set("header", &format!("{name}: {value}"));
    }
    if !body.is_empty() {
        set("data-raw", body);
    } else if request.method != "GET" {
        set("header", "content-length: 0");
    }
    config.push_str("globoff\npath-as-is\n");
    config
}

/// Passes the answer on; `None` when there is none.
fn answer(
    base: &str,
    request: &Request,
    from: &mut impl BufRead,
    to: &mut impl Write,
) -> io::Result<Option<(u16, u64)>> {
    let Some((status, headers)) = head(from)? else { return Ok(None) };
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let is_led_on = is_only_read(&request.method, &request.target) && header("location").is_some();
    if (300..400).contains(&status) && status != 304 && !is_led_on {
        let is_archive = request.target.split('?').next().is_some_and(|path| path.ends_with("/archive"));
        let Some(place) = header("location").filter(|_| is_archive) else {
            return say(to, 502, "the registry answers with a redirect, which is not followed").map(Some);
        };
        let host = request.header_value("host").unwrap_or_default();
        let body = archive(&place_for_page(base, place, host), header("expires"));
        return send(to, 200, &[("content-type", "application/json"), ("cache-control", "no-store")], &body).map(Some);
    }
    let mut text = format!("HTTP/1.1 {status} \r\n{ALWAYS}Cache-Control: no-store\r\n");
    // Of a body that came in chunks the length is not known.
    let is_chunked = header("transfer-encoding").is_some();
    for (name, value) in &headers {
        if TO_PAGE.contains(&name.as_str()) && !(is_chunked && name == "content-length") {
            let _ = write!(text, "{name}: {value}\r\n");
        }
    }
    to.write_all(format!("{text}\r\n").as_bytes())?;
    Ok(Some((status, io::copy(from, to)?)))
}

/// Where the page finds the archive: what lies on the registry's own origin is reached through this server.
fn place_for_page(base: &str, place: &str, host: &str) -> String {
    let path = if place.starts_with('/') && !place.starts_with("//") {
        Some(place)
    } else {
        place.strip_prefix(origin(base)).filter(|rest| rest.starts_with('/'))
    };
    let prefix = base.strip_prefix(origin(base)).unwrap_or_default();
    match path.and_then(|path| path.strip_prefix(prefix)).filter(|path| path.starts_with(PREFIX)) {
        Some(path) => format!("http://{host}{path}"),
        None => match path {
            Some(path) => format!("{}{path}", origin(base)),
            None => place.to_owned(),
        },
    }
}

fn archive(url: &str, expires: Option<&str>) -> String {
    let expires = expires.and_then(iso).map_or_else(|| "null".to_owned(), |time| quoted(&time));
    format!("{{\"url\": {}, \"expires\": {expires}}}", quoted(url))
}

/// `Sat, 21 Nov 2026 04:42:42 GMT` as `2026-11-21T04:42:42Z`.
fn iso(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = date.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Some(format!("{year}-{month:02}-{day}T{time}Z"))
}

/// A JSON text.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\u{1f}' => drop(write!(out, "\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out + "\""
}

type Headers = Vec<(String, String)>;

/// Status and headers, past those of `100 Continue`.
fn head(from: &mut impl BufRead) -> io::Result<Option<(u16, Headers)>> {
    let mut from = from.take(HEAD_LIMIT);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let status = line.split(' ').nth(1).and_then(|word| word.trim().parse().ok()).unwrap_or(502);
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if from.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        if status >= 200 {
            return Ok(Some((status, headers)));
        }
    }
}

fn say(to: &mut impl Write, status: u16, words: &str) -> io::Result<(u16, u64)> {
    send(to, status, &[("content-type", "application/json")], &format!("{{\"error\": {}}}", quoted(words)))
}

fn send(to: &mut impl Write, status: u16, headers: &[(&str, &str)], body: &str) -> io::Result<(u16, u64)> {
    let mut text = format!("HTTP/1.1 {status} \r\n{ALWAYS}Content-Length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    to.write_all(format!("{text}\r\n{body}").as_bytes())?;
    Ok((status, body.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_servers_are_forwarded_to() {
        for (text, expected) in [
            ("https://x.example/services/prod/", "https://x.example/services/prod"),
            ("http://127.0.0.1:8017/api/v1/", "http://127.0.0.1:8017"),
        ] {
            assert_eq!(base(text).as_deref(), Ok(expected));
        }
        for wrong in
            ["", "x.example", "file:///etc", "https://", "https:///a", "https://u:p@x", "https://x?a", "https://x\n"]
        {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_page_is_told_where_an_archive_lies() {
        let place = |base: &str, place: &str| place_for_page(base, place, "localhost:8420");
        for (base, at, expected) in [
            ("https://x.example/p", "https://store.example/a?sig=1", "https://store.example/a?sig=1"),
            ("https://x.example/p", "https://x.example/p/api/v1/t/download", "http://localhost:8420/api/v1/t/download"),
            ("https://x.example/p", "/p/api/v1/t/download", "http://localhost:8420/api/v1/t/download"),
            ("https://x.example/p", "/files/a", "https://x.example/files/a"),
            ("https://x.example", "https://x.example.evil/api/v1/a", "https://x.example.evil/api/v1/a"),
            ("https://x.example", "file:///srv/a", "file:///srv/a"),
        ] {
            assert_eq!(place(base, at), expected, "{at}");
        }
        let until = "Sat, 21 Nov 2026 04:42:42 GMT";
        assert_eq!(archive("u", Some(until)), r#"{"url": "u", "expires": "2026-11-21T04:42:42Z"}"#);
        assert_eq!(archive("u", Some("soon")), r#"{"url": "u", "expires": null}"#);
        assert_eq!(archive("https://s/\"\\\n", None), r#"{"url": "https://s/\"\\\u000a", "expires": null}"#);
    }
}
