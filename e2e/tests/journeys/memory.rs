//! What a hostile file can make a worker hold: less than 256 MB, whatever it claims and however it unfolds.

use e2e::fixtures::{Folder, fixture};
use e2e::page::Page;
use e2e::{Result, memory};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// Bytes of wasm memory.
const BUDGET: u64 = 256_000_000;
/// A debug build takes its time over forty million opcodes.
const PATIENCE: Duration = Duration::from_secs(120);

fn held(page: &Page, what: &str) -> Result<u64> {
    let bytes = memory::largest_worker(page.driver)?;
    eprintln!("{:>6.1} MB  {what}", bytes as f64 / 1e6);
    Ok(bytes)
}

/// Every fixture, healthy and bad, and every trick that scanners are known to have missed.
pub(crate) fn of_hostile_files(page: &Page) -> Result {
    let path = xtask::process::root().join("tests/expected/bypasses.json");
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&fs::read_to_string(path).map_err(|cause| cause.to_string())?)
            .map_err(|cause| cause.to_string())?;
    let folder = Folder::new()?;
    for row in &rows {
        let digits = row["bytes"].as_str().unwrap_or_default().as_bytes();
        let digit = |at: u8| char::from(at).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
        folder.write(&format!("tricks/{}", row["name"].as_str().unwrap_or_default()), &bytes)?;
    }
    for open in [fixture(""), folder.path().join("tricks")] {
        page.load()?;
        page.work_within(PATIENCE, || page.driver.find(&e2e::page::id("open-folder"))?.choose(&[&open]))?;
        let bytes = held(page, &open.display().to_string())?;
        assert!(bytes > 1_000_000 && bytes < BUDGET, "{}: {bytes} bytes", open.display());
    }
    Ok(())
}

type Writer<'a> = &'a mut dyn Write;
type Bomb = (&'static str, fn(Writer<'_>) -> std::io::Result<()>);

const MEGA: usize = 1 << 20;

/// Pickles that make a value, or something to remember, of every byte.
const PICKLES: &[Bomb] = &[
    ("line_63.pkl", |out| wrapped(out, b"\x80\x02S'", &[b'x'; MEGA], 63, b"'\n.")),
    ("line_128.pkl", |out| wrapped(out, b"\x80\x02S'", &[b'x'; MEGA], 128, b"'\n.")),
    ("numbers_in_a_line.pkl", |out| wrapped(out, b"\x80\x02(", &digits(), 32, b"l.")),
    ("memoize.pkl", |out| wrapped(out, b"\x80\x04N", &[0x94; MEGA], 38, b".")),
    ("memo_far.pkl", |out| memo_far(out)),
    ("marks.pkl", |out| wrapped(out, b"\x80\x02", &[b'('; MEGA], 38, b".")),
    ("numbers.pkl", |out| wrapped(out, b"\x80\x02](", &b"K\x01".repeat(MEGA / 2), 60, b"e.")),
    ("tuples.pkl", |out| wrapped(out, b"\x80\x02(", &b"N\x85".repeat(MEGA / 2), 30, b"l.")),
    ("dicts.pkl", |out| wrapped(out, b"\x80\x02(", &b"}NNs".repeat(MEGA / 4), 30, b"l.")),
    ("objects.pkl", |out| wrapped(out, b"\x80\x02ca\nb\nq\0(", &b"h\0)R".repeat(MEGA / 4), 40, b"l.")),
    ("states.pkl", |out| wrapped(out, b"\x80\x02ca\nb\n)R", &b"Nb".repeat(MEGA / 2), 60, b".")),
    ("texts.pkl", |out| {
        wrapped(out, b"\x80\x04(", &[b"\x8c\xf0".as_slice(), &[b'y'; 240]].concat().repeat(4000), 120, b"l.")
    }),
    ("names.pkl", |out| names(out)),
];

/// Everything else, as large as it is still read.
const OTHERS: &[Bomb] = &[
    ("config.json", |out| wrapped(out, b"", &[b'['; MEGA], 60, b"")),
    ("config.json", |out| wrapped(out, b"{\"a\": [0", &b",0".repeat(MEGA / 2), 60, b"]}")),
    ("config.json", |out| wrapped(out, b"{\"a\": [{}", &b",{}".repeat(MEGA / 3), 60, b"]}")),
    ("config.json", |out| wrapped(out, b"{\"a\": \"", &[b'x'; MEGA], 60, b"\"}")),
    ("config.json", |out| keys(out, 590_000)),
    ("SHA256SUMS", |out| wrapped(out, b"", &[b"0".repeat(64).as_slice(), b"  a\n"].concat().repeat(15_000), 16, b"")),
    ("manifest.json", |out| manifest(out)),
    ("config.yaml", |out| wrapped(out, b"a: [", &b"1, ".repeat(300_000), 1, b"1]\n")),
    ("config.toml", |out| wrapped(out, b"a = [", &b"1,".repeat(500_000), 1, b"]\n")),
    ("blank.safetensors", |out| safetensors(out, |out| wrapped(out, b"{}", &[b' '; MEGA], 95, b""))),
    ("tensors.safetensors", |out| safetensors(out, |out| many_tensors(out, 199_000, 0))),
    ("long_names.safetensors", |out| safetensors(out, |out| many_tensors(out, 199_000, 300))),
    ("more_tensors.safetensors", |out| safetensors(out, |out| many_tensors(out, 1_400_000, 0))),
    ("metadata.safetensors", |out| {
        safetensors(out, |out| wrapped(out, b"{\"__metadata__\": {\"a\": \"", &[b'x'; MEGA], 95, b"\"}}"))
    }),
    ("lists.safetensors", |out| {
        safetensors(out, |out| wrapped(out, b"{\"__metadata__\": {\"a\": [0", &b",[]".repeat(MEGA / 3), 95, b"]}}"))
    }),
    ("keys.gguf", |out| gguf(out)),
    ("header.npy", |out| wrapped(out, b"\x93NUMPY\x02\0\xff\xff\xff\x7f{'descr': '<f4', ", &[b' '; MEGA], 100, b"")),
    ("values.msgpack", |out| wrapped(out, b"\x81\xa1a\xdd\x03\xc0\0\0", &[0x80; MEGA], 60, b"")),
    ("zeros.json.gz", |out| zeros_gzipped(out, 700)),
    ("zeros.tar.gz", |out| zeros_gzipped(out, 700)),
    ("zeros.npz", |out| zipped(out, "a.npy", &npy(600), 600)),
    ("pickle.npz", |out| zipped(out, "a.pkl", b"\x80\x02B\xff\xff\xff\x7f", 600)),
    ("pickle.pt", |out| zipped(out, "x/data.pkl", b"\x80\x02(", 600)),
    ("names.zip", |out| names_zipped(out)),
    ("model.safetensors.index.json", |out| keys(out, 590_000)),
    ("model.safetensors.index.json", |out| keys(out, 1_400_000)),
    ("metrics.jsonl", |out| wrapped(out, b"", b"{\"step\": 1, \"loss\": 0.5}\n".repeat(MEGA / 25).as_slice(), 60, b"")),
    ("metrics.jsonl", |out| wrapped(out, b"", b"[1,2,3,4,5,6,7,8]\n".repeat(MEGA / 18).as_slice(), 60, b"")),
    ("metrics.csv", |out| wrapped(out, b"step,loss\n", &b"1,2\n".repeat(MEGA / 4), 63, b"")),
];

/// Each in a page of its own, so that no other has made the memory what it is.
pub(crate) fn of_bombs(page: &Page) -> Result {
    let folder = Folder::new()?;
    let mut large = Vec::new();
    for &(name, write) in PICKLES.iter().chain(OTHERS) {
        let path = folder.path().join(name);
        let written = File::create(&path).and_then(|file| {
            let mut out = BufWriter::with_capacity(MEGA, file);
            write(&mut out)?;
            out.flush()
        });
        written.map_err(|cause| format!("{name}: {cause}"))?;
        let bytes = held_of(page, &path, name)?;
        if bytes >= BUDGET {
            large.push(format!("{name}: {bytes} bytes"));
        }
        fs::remove_file(&path).map_err(|cause| format!("{name}: {cause}"))?;
    }
    if large.is_empty() { Ok(()) } else { Err(format!("more than {BUDGET} bytes of a worker: {}", large.join(", "))) }
}

fn held_of(page: &Page, path: &Path, name: &str) -> Result<u64> {
    page.load()?;
    let start = std::time::Instant::now();
    let open = || page.driver.find(&e2e::page::id("open-files"))?.choose(&[path]);
    page.work_within(PATIENCE, open).map_err(|why| format!("{name}: {why}"))?;
    let what = format!("{name}, {:.1} s", start.elapsed().as_secs_f64());
    // A worker that died would have been replaced by a small one.
    let is_dead = page.driver.run("return document.body.innerText.includes('worker stopped')", &[])?;
    if is_dead == true { Err(format!("{name}: its worker died")) } else { held(page, &what) }
}

fn wrapped(out: Writer<'_>, head: &[u8], piece: &[u8], times: usize, tail: &[u8]) -> std::io::Result<()> {
    out.write_all(head)?;
    for _ in 0..times {
        out.write_all(piece)?;
    }
    out.write_all(tail)
}

fn digits() -> Vec<u8> {
    [b"I".as_slice(), &[b'7'; 1022], b"\n"].concat().repeat(1024)
}

fn memo_far(out: Writer<'_>) -> std::io::Result<()> {
    out.write_all(b"\x80\x02N")?;
    (0..15_000_000_u32)
        .rev()
        .try_for_each(|at| out.write_all(&[b"r".as_slice(), &(at | 1 << 31).to_le_bytes()].concat()))?;
    out.write_all(b".")
}

fn names(out: Writer<'_>) -> std::io::Result<()> {
    let long = "n".repeat(60_000);
    out.write_all(b"\x80\x02")?;
    (0..2000).try_for_each(|at| write!(out, "cm{at}\n{long}\n0"))?;
    out.write_all(b"N.")
}

fn keys(out: Writer<'_>, count: u32) -> std::io::Result<()> {
    out.write_all(b"{\"weight_map\": {\"a\": 1")?;
    (0..count).try_for_each(|at| write!(out, ",\"layers.{at:020}.w\": \"{at}\""))?;
    out.write_all(b"}}")
}

/// Digests of files by their names, as JSON.
fn manifest(out: Writer<'_>) -> std::io::Result<()> {
    let digest = "0".repeat(64);
    write!(out, "{{\"a\": \"{digest}\"")?;
    (0..200_000).try_for_each(|at| write!(out, ",\"{at}\":\"{digest}\""))?;
    out.write_all(b"}")
}

/// A header whose length is not known before it is made.
fn safetensors(out: Writer<'_>, header: fn(Writer<'_>) -> std::io::Result<()>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    header(&mut bytes)?;
    bytes.truncate(100_000_000);
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(&bytes)
}

fn many_tensors(out: Writer<'_>, count: u32, width: usize) -> std::io::Result<()> {
    out.write_all(b"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}")?;
    (1..count).try_for_each(|at| {
        write!(out, ",\"{at:0width$}\":{{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[{at},{}]}}", at + 1)
    })?;
    out.write_all(b"}")
}

/// A list of two million texts, and two hundred thousand tensors.
fn gguf(out: Writer<'_>) -> std::io::Result<()> {
    out.write_all(b"GGUF\x03\0\0\0")?;
    out.write_all(&199_000_u64.to_le_bytes())?;
    out.write_all(&1_u64.to_le_bytes())?;
    let text = |out: Writer<'_>, text: &[u8]| {
        out.write_all(&(text.len() as u64).to_le_bytes())?;
        out.write_all(text)
    };
    text(out, b"tokenizer.ggml.tokens")?;
    out.write_all(&[9, 0, 0, 0, 8, 0, 0, 0])?;
    out.write_all(&2_000_000_u64.to_le_bytes())?;
    (0..2_000_000).try_for_each(|at| text(out, format!("token {at}").as_bytes()))?;
    (0..199_000_u64).try_for_each(|at| {
        text(out, format!("blk.{at}").as_bytes())?;
        out.write_all(&[1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
        out.write_all(&(at * 32).to_le_bytes())
    })
}

fn zeros_gzipped(out: Writer<'_>, mega: usize) -> std::io::Result<()> {
    let mut encoder = GzEncoder::new(out, Compression::fast());
    wrapped(&mut encoder, b"", &[0; MEGA], mega, b"")?;
    encoder.finish().map(drop)
}

fn npy(mega: usize) -> Vec<u8> {
    let mut dict = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({},), }}", mega * MEGA);
    dict.push_str(&" ".repeat(117 - dict.len()));
    [b"\x93NUMPY\x01\0\x76\0".as_slice(), dict.as_bytes(), b"\n"].concat()
}

/// A zip of one deflated member: some bytes, and then zeros that a few kilobytes unfold to.
fn zipped(out: Writer<'_>, name: &str, head: &[u8], mega: usize) -> std::io::Result<()> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    wrapped(&mut encoder, head, &[0; MEGA], mega, b"")?;
    let (packed, size) = (encoder.finish()?, (head.len() + mega * MEGA) as u32);
    let names = [member(name, 8, packed.len() as u32, size)];
    out.write_all(&local(&names[0]))?;
    out.write_all(&packed)?;
    directory(out, &names, packed.len() + 30 + name.len())
}

/// Fifty thousand empty members with long names.
fn names_zipped(out: Writer<'_>) -> std::io::Result<()> {
    let all: Vec<Member> = (0..50_000).map(|at| member(&format!("{at:0100}"), 0, 0, 0)).collect();
    for member in &all {
        out.write_all(&local(member))?;
    }
    let end = all.len() * 130;
    directory(out, &all, end)
}

struct Member {
    name: String,
    method: u16,
    packed: u32,
    size: u32,
}

fn member(name: &str, method: u16, packed: u32, size: u32) -> Member {
    Member { name: name.to_owned(), method, packed, size }
}

/// Version, flags, method, time, CRC-32 (not looked at when it is opened), sizes, length of the name, no extra field.
fn fields(member: &Member) -> Vec<u8> {
    let numbers = [20_u16, 0, member.method, 0, 33].map(u16::to_le_bytes).concat();
    let sizes = [0, member.packed, member.size].map(u32::to_le_bytes).concat();
    let lengths = [member.name.len() as u16, 0].map(u16::to_le_bytes).concat();
    [numbers, sizes, lengths].concat()
}

fn local(member: &Member) -> Vec<u8> {
    [b"PK\x03\x04".as_slice(), &fields(member), member.name.as_bytes()].concat()
}

/// With the 64-bit end record, since a 16-bit one cannot count so many.
fn directory(out: Writer<'_>, members: &[Member], start: usize) -> std::io::Result<()> {
    let (mut offset, mut len) = (0_u32, 0_u64);
    for member in members {
        let row =
            [b"PK\x01\x02\x14\0".as_slice(), &fields(member), &[0; 10], &offset.to_le_bytes(), member.name.as_bytes()]
                .concat();
        out.write_all(&row)?;
        offset += (30 + member.name.len()) as u32 + member.packed;
        len += row.len() as u64;
    }
    let (start, count) = (start as u64, members.len() as u64);
    let mut record =
        [b"PK\x06\x06".as_slice(), &44_u64.to_le_bytes(), &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    [count, count, len, start].iter().for_each(|number| record.extend(number.to_le_bytes()));
    record.extend(b"PK\x06\x07\0\0\0\0");
    record.extend((start + len).to_le_bytes());
    record.extend(1_u32.to_le_bytes());
    record.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    out.write_all(&record)
}
