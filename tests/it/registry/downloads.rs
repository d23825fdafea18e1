//! How checkpoints are got from servers of every kind, and what comes of it.

use std::io::Write;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use weighbridge::session::Then;
use weighbridge::source::Source;

use super::conformance::{connected, path};
use super::session::{reply, with_checkpoints};
use crate::http::Server;
use crate::support;

#[test]
fn an_archive_is_waited_for_while_it_is_built_and_then_got() {
    for status in [425, 503] {
        let store = Server::with(|_| reply(200, "", "bytes"));
        let place = format!(r#"{{"url":"{}/a"}}"#, store.url());
        let mut count = 0;
        let server = with_checkpoints(&["sampler_weights/a"], move |what| {
            (what == "GET training_runs/m/checkpoints/sampler_weights/a/archive").then_some(())?;
            count += 1;
            Some(if count < 4 { reply(status, "", r#"{"detail":"being created"}"#) } else { reply(200, "", &place) })
        });
        let mut driver = connected(&server);
        driver.act(|session| session.get_registered(&path("sampler_weights/a"), Some(Then::Save)));
        assert_eq!((driver.waits.clone(), driver.files.len()), (vec![30_000; 3], 1), "{status}");
    }
}

#[test]
fn an_archive_that_cannot_be_had_is_a_sentence_and_is_not_asked_for_for_ever() {
    for (status, headers, body, words) in [
        (500, "", r#"{"detail":"Checkpoint creation failed: disk full"}"#, "disk full"),
        (500, "", "Internal Server Error", "Internal Server Error"),
        (200, "", r#"{"url":"file:///srv/a"}"#, "refused"),
        (200, "", r#"{"url":"https://s.example/a","expires":"2026-01-01T00:00:00Z"}"#, "expired already"),
        (200, "Content-Type: text/html\r\n", "<html>", "neither with an address"),
        (404, "", r#"{"detail":"Model not found"}"#, "Model not found"),
    ] {
        let server = with_checkpoints(&["weights/a"], move |what| {
            what.ends_with("/archive").then(|| reply(status, headers, body))
        });
        let mut driver = connected(&server);
        driver.act(|session| session.get_registered(&path("weights/a"), Some(Then::Open)));
        assert!(driver.said().last().unwrap().contains(words), "{words}: {:?}", driver.said());
        assert!(driver.session.is_idle() && driver.files.is_empty(), "{words}");
        assert!(server.seen().iter().filter(|asked| asked.path().ends_with("/archive")).count() <= 2, "{words}");
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut block = bytes.to_vec();
    block.resize(bytes.len().next_multiple_of(512), 0);
    block
}

/// One member: name, kind and bytes.
fn member(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut head = [0_u8; 512];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[100..108].copy_from_slice(b"0000644\0");
    head[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    head[148..156].fill(b' ');
    head[156] = kind;
    head[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    [head.to_vec(), padded(bytes)].concat()
}

/// A gzip stream of stored blocks, with a name, as SkyRL's.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let packed = GzBuilder::new().filename("final.tar").write(Vec::new(), Compression::none());
    let mut packed: GzEncoder<Vec<u8>> = packed;
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn archives_of_every_kind_come_through_and_what_is_whole_of_one_cut_short_is_shown() {
    let config = br#"{"peft_type":"LORA","r":8,"lora_alpha":32}"#;
    let config = member("adapter_config.json", b'0', config);
    let root = member("/", b'5', b"");
    let pax = member("PaxHeader", b'x', b"20 mtime=1767323225\n");
    let (done, end) = (member("checkpoint_complete", b'0', b""), vec![0; 1024]);
    let long = member("adapter_model.safetensors", b'0', &[7; 4000]);
    let plain = [&config[..], &end].concat();
    for (what, bytes, shows) in [
        ("tar", plain.clone(), "adapter_config.json"),
        ("root member", [&root[..], &plain].concat(), "adapter_config.json"),
        ("PAX", [&pax[..], &plain].concat(), "adapter_config.json"),
        ("complete", [&config[..], &done, &end].concat(), "checkpoint_complete"),
        ("link", [&member("l", b'2', b"")[..], &plain].concat(), "tar-link"),
        ("leads out", [&member("../../evil", b'0', b"x")[..], &plain].concat(), "adapter_config.json"),
        ("cut", [&config[..], &long[..2000]].concat(), "tar-truncated"),
        ("gzip", stored(&plain), "adapter_config.json"),
    ] {
        let copy = bytes.clone();
        let server = with_checkpoints(&["weights/a"], move |asked| {
            let head =
                format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\nContent-Type: application/x-tar\r\n\r\n", copy.len());
            asked.ends_with("/archive").then(|| (head, copy.clone()))
        });
        let mut driver = connected(&server);
        driver.act(|session| session.get_registered(&path("weights/a"), Some(Then::Open)));
        let (name, got) = driver.files.pop().unwrap();
        assert!(got == bytes, "{what}");
        assert_eq!(name.ends_with(" a.tar.gz"), what == "gzip", "{name}");
        let walked = support::render(&support::walk(&name, Source::memory(&name, got)));
        assert!(walked.contains(shows) && walked.contains("adapter_config.json"), "{what}: {walked}");
    }
}

#[test]
fn files_by_their_addresses_keep_their_places_and_encrypted_ones_are_named() {
    let store = Server::with(|asked| {
        let is_range = asked.header("range").is_some();
        reply(if is_range { 206 } else { 200 }, if is_range { "Content-Range: bytes 0-3/4\r\n" } else { "" }, "data")
    });
    let at = store.url();
    for (urls, started, words) in [
        (format!(r#"{{"a/b/w.safetensors":"{at}/1","c.json":"{at}/2"}}"#), 1, ""),
        (format!(r#"{{"w.safetensors.age":"{at}/1"}}"#), 0, "encrypted"),
        (format!(r#"{{"../w":"{at}/1"}}"#), 0, "leads out"),
        ("{}".to_owned(), 0, "lists no files"),
    ] {
        let body = format!(r#"{{"urls":{urls},"expires":"2026-11-21T04:00:00Z"}}"#);
        let server = with_checkpoints(&["external_weights/e"], move |what| {
            what.ends_with("/external_weights_urls").then(|| reply(200, "", &body))
        });
        let mut driver = connected(&server);
        driver.act(|session| session.get_registered(&path("external_weights/e"), Some(Then::Open)));
        assert_eq!(!driver.tasks.is_empty(), started > 0, "{urls}: {:?}", driver.said());
        let said = driver.said().concat();
        assert!(said.contains(words), "{urls}: {said}");
    }
    assert!(store.seen().iter().all(|asked| asked.header("x-api-key").is_none()));
}
