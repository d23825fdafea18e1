//! Files behind URLs, from servers that do it well and servers that do not.

use std::rc::Rc;

use weighbridge::error::Result;
use weighbridge::model::{SourceId, SourceKind};
use weighbridge::protocol::{Address, FileBytes, FileSpec, SourceSpec, TaskSpec};
use weighbridge::source::http::{Facts, HttpReader, Probe, Probed, Stream};
use weighbridge::source::{Cached, ReadAt, Source};
use weighbridge::task::{Outcome, Part, run_to_end};
use weighbridge::worker::assemble;

use crate::http::{Manners, Native, Server, download};
use crate::support;

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

/// Asks until the questions are answered.
fn probe(url: &str) -> Result<Probed> {
    let mut probe = Probe::First;
    loop {
        let (head, _unread) = Native(url.to_owned()).ask(Some(probe.range()), None).unwrap();
        match probe.answered(url, &head)? {
            Probed::Again(next) => probe = next,
            probed => return Ok(probed),
        }
    }
}

fn reader(url: &str, facts: Facts) -> Source {
    Source::new("x", Rc::new(HttpReader::new(Native(url.to_owned()), facts)) as Rc<dyn ReadAt>)
}

fn facts(url: &str) -> Facts {
    match probe(url).unwrap() {
        Probed::Ranges(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_length_is_learnt_however_it_is_told() {
    for (manners, requests) in [
        (Manners::default(), 1),
        (Manners { hides_range: true, ..Manners::default() }, 2),
        (Manners { star: true, ..Manners::default() }, 2),
    ] {
        let server = Server::file(bytes(100_000), manners);
        assert_eq!(facts(&server.url()).len, 100_000, "{manners:?}");
        assert_eq!(server.seen().len(), requests, "{manners:?}");
    }
    assert_eq!(facts(&Server::file(Vec::new(), Manners::default()).url()).len, 0);
}

#[test]
fn a_host_that_ignores_ranges_is_noticed_by_the_head_alone() {
    let server = Server::file(bytes(5_000_000), Manners { ignores_ranges: true, ..Manners::default() });
    assert_eq!(probe(&server.url()).unwrap(), Probed::Whole(Some(5_000_000)));
    let all = download(&server.url(), Stream::whole(Some(5_000_000))).unwrap();
    assert!(all == bytes(5_000_000));
    assert!(server.seen()[1].header("range").is_none());
}

#[test]
fn connections_that_break_cost_no_bytes_and_no_doubt() {
    let server = Server::file(bytes(300_000), Manners { breaks_at: Some(7_001), ..Manners::default() });
    let facts = facts(&server.url());
    let source = reader(&server.url(), facts.clone());
    assert!(source.bytes_at(1_000, 200_000).unwrap() == bytes(300_000)[1_000..201_000]);
    let all = download(&server.url(), Stream::ranges(facts, 0, 300_000)).unwrap();
    assert!(all == bytes(300_000));
    let seen = server.seen();
    let last = seen.last().unwrap();
    assert_eq!(last.header("if-range"), Some("\"v1\""), "a resumed request says which version it is about");
    assert!(seen.iter().all(|asked| asked.line.starts_with("GET / ")));
    assert!(seen.iter().all(|asked| !asked.header("range").unwrap().contains(',')), "single ranges only");
}

#[test]
fn a_host_without_ranges_that_breaks_is_told_of() {
    let manners = Manners { ignores_ranges: true, breaks_at: Some(1_000), ..Manners::default() };
    let server = Server::file(bytes(5_000), manners);
    let why = download(&server.url(), Stream::whole(Some(5_000))).unwrap_err();
    assert!(why.contains("broke at byte 1000"), "{why}");
}

#[test]
fn a_server_that_fails_now_and_then_is_asked_again() {
    let server = Server::file(bytes(50_000), Manners { fails: Some(503), ..Manners::default() });
    let facts = Facts { len: 50_000, etag: None };
    let source = reader(&server.url(), facts.clone());
    for at in [0, 10_000, 40_000] {
        assert!(source.bytes_at(at, 5_000).unwrap() == bytes(50_000)[at as usize..at as usize + 5_000]);
    }
    assert!(download(&server.url(), Stream::ranges(facts, 0, 50_000)).unwrap() == bytes(50_000));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told_of() {
    let server = Server::file(bytes(50_000), Manners { changes: true, ..Manners::default() });
    let facts = facts(&server.url());
    let error = reader(&server.url(), facts.clone()).bytes_at(0, 100).unwrap_err().to_string();
    assert!(error.contains("ETag changed"), "{error}");
    let why = download(&server.url(), Stream::ranges(facts, 100, 1_000)).unwrap_err();
    assert!(why.contains("changed while it was read") || why.contains("ETag changed"), "{why}");
}

#[test]
fn a_length_that_is_a_lie_is_found_out_at_the_end_of_the_file() {
    let server = Server::file(bytes(50_000), Manners { lie: 1_000_000, ..Manners::default() });
    let facts = facts(&server.url());
    assert_eq!(facts.len, 1_050_000);
    let source = reader(&server.url(), facts.clone());
    assert_eq!(source.bytes_at(49_000, 1_000).unwrap().len(), 1_000);
    let error = source.bytes_at(900_000, 10).unwrap_err().to_string();
    assert!(error.contains("file ends before this byte"), "{error}");
    let why = download(&server.url(), Stream::ranges(facts, 0, 1_050_000)).unwrap_err();
    assert!(why.contains("ends before byte 50000"), "{why}");
}

#[test]
fn the_cache_turns_small_reads_into_few_requests() {
    let all = bytes(3_000_000);
    let server = Server::file(all.clone(), Manners::default());
    let far = Rc::new(HttpReader::new(Native(server.url()), facts(&server.url())));
    let source = Source::new("x", Rc::new(Cached::new(far)));
    for at in (1_000_000..1_400_000_u64).step_by(500) {
        assert!(source.bytes_at(at, 100).unwrap() == all[at as usize..at as usize + 100]);
    }
    let requests = server.seen().len();
    assert!(requests < 12, "{requests} requests for 400 kB read in 800 pieces");
}

/// Whatever opens from a disk opens from a URL, and gives the same.
#[test]
fn an_inspection_over_http_finds_what_one_in_memory_finds() {
    for name in ["archives/linearnexus_run.zip", "archives/slash_run.tar", "safetensors/small.safetensors"] {
        let bytes = std::fs::read(support::root().join(name)).unwrap();
        let server = Server::file(bytes.clone(), Manners { breaks_at: Some(9_000), ..Manners::default() });
        let facts = facts(&server.url());
        let spec = |url| {
            let address = Address { etag: facts.etag.clone(), ..Address::open(url) };
            let file = FileSpec { path: name.to_owned(), size: facts.len, bytes: FileBytes::Url(address) };
            TaskSpec::Inspect(vec![SourceSpec {
                id: SourceId(1),
                name: name.to_owned(),
                kind: SourceKind::Url,
                files: vec![file],
            }])
        };
        let inspect = |open: &dyn Fn(&FileSpec) -> Result<Rc<dyn ReadAt>>| {
            let mut task = assemble(spec(server.url()), open).unwrap();
            let (parts, outcome) = run_to_end(&mut *task).unwrap();
            let Outcome::Inspect { runs, findings, .. } = outcome else { panic!("{outcome:?}") };
            let parts: Vec<Part> = parts;
            (format!("{parts:?}"), runs, findings)
        };
        let over_http = inspect(&|file| {
            let facts = Facts { len: file.size, etag: facts.etag.clone() };
            Ok(Rc::new(HttpReader::new(Native(server.url()), facts)))
        });
        let in_memory = inspect(&|_| Ok(Rc::new(weighbridge::source::Memory::new(bytes.clone()))));
        assert!(over_http == in_memory, "{name}");
        assert!(!over_http.0.is_empty());
    }
}
