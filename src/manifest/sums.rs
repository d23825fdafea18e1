//! `SHA256SUMS` and its like, as `sha256sum`, `md5sum`, `b2sum` and `b3sum` write and read them (GNU coreutils 9.1, b3sum 1.8,
//! checked against them): text (`digest  name`), binary (`digest *name`) and tagged (`SHA256 (name) = digest`) lines, a
//! leading backslash for names with escapes. Lines without a tag are of the algorithm that the file's name speaks of,
//! else of the usual one of their length, and then that is said.
//!
//! Also taken: one space or a tab between digest and name (`md5 -r` style), OpenSSL's `SHA2-256(name)= digest`,
//! carriage returns, comments and a byte order mark.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits, hint};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct Sums;

impl ManifestKind for Sums {
    fn id(&self) -> &'static str {
        "checksums"
    }

    fn name(&self) -> &'static str {
        "checksum file"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let (bom, text) = text.strip_prefix(b"\xEF\xBB\xBF").map_or((0, text), |rest| (3, rest));
        let (mut claims, mut spoken, mut number, mut offset) = (Claims::default(), 0_usize, 0_u64, bom);
        let (hint, mut guessed) = (hint(name), None);
        for raw in text.split(|&byte| byte == b'\n') {
            number = number.saturating_add(1);
            let line = String::from_utf8_lossy(raw.strip_suffix(b"\r").unwrap_or(raw));
            match parse_line(&line, hint) {
                Line::Silent => {}
                Line::Claim(path, digest) => {
                    guessed = guessed.or(digest.is_guessed.then_some(digest.algorithm));
                    claims.add(Claim::new(path, (digest.algorithm, digest.digits), number));
                }
                Line::Unknown(why) => {
                    let message = format!("line {number} is not understood: {why}");
                    claims.report(Finding::warning("manifest-line", message).at(offset));
                }
            }
            spoken = spoken.saturating_add(usize::from(!is_silent(&line)));
            offset = offset.saturating_add(raw.len() as u64).saturating_add(1);
        }
        if let Some(message) = guessed.and_then(ambiguity) {
            claims.report(Finding::note("manifest-algorithm", message));
        }
        is_manifest(name, claims.len(), spoken).then(|| claims.finish(self.id()))
    }
}

/// What else digests of the length that decided may be.
fn ambiguity(taken: Algorithm) -> Option<&'static str> {
    match taken {
        Algorithm::Sha256 => Some("digests of 64 digits are taken for SHA-256; BLAKE3 has as many"),
        Algorithm::Sha512 => Some("digests of 128 digits are taken for SHA-512; BLAKE2b has as many"),
        _ => None,
    }
}

/// Most lines must be claims; one is enough when the name says what it is.
fn is_manifest(name: &str, claims: usize, spoken: usize) -> bool {
    let name = name.to_lowercase();
    let tools = ["sha256sum", "sha512sum", "sha384sum", "sha1sum", "md5sum", "b2sum", "b3sum"];
    if tools.iter().any(|tool| name.starts_with(tool)) {
        return spoken > 0;
    }
    let hinted = hint(&name).is_some() || name.contains("checksum");
    claims > 0 && (hinted || claims > spoken.saturating_sub(claims))
}

/// A digest, and whether nothing but its length tells the algorithm.
struct Spelled<'a> {
    algorithm: Algorithm,
    digits: &'a str,
    is_guessed: bool,
}

enum Line<'a> {
    /// Blank, or a comment.
    Silent,
    /// A name and its digest.
    Claim(String, Spelled<'a>),
    /// Why it is none.
    Unknown(String),
}

fn is_silent(line: &str) -> bool {
    matches!(line.trim_start().chars().next(), None | Some('#'))
}

fn parse_line(line: &str, hint: Option<Algorithm>) -> Line<'_> {
    if is_silent(line) {
        return Line::Silent;
    }
    let line = line.trim_start_matches([' ', '\t']);
    let (escaped, body) = line.strip_prefix('\\').map_or((false, line), |body| (true, body));
    let claim = tagged(body).or_else(|| plain(body, hint));
    let Some((name, digest)) = claim else { return Line::Unknown(complaint(body)) };
    match if escaped { unescape(name) } else { Some(name.to_owned()) } {
        Some(name) if name.is_empty() => Line::Unknown("it names no file".to_owned()),
        Some(name) => Line::Claim(name, digest),
        None => Line::Unknown(format!("expected \\\\, \\n or \\r after a backslash in {name}")),
    }
}

/// `digest  name`, `digest *name`, `digest name`.
fn plain(line: &str, hint: Option<Algorithm>) -> Option<(&str, Spelled<'_>)> {
    let end = line.find([' ', '\t'])?;
    let (digits, rest) = line.split_at_checked(end)?;
    let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *")).or_else(|| rest.strip_prefix([' ', '\t']));
    let told = hint.filter(|algorithm| fits(*algorithm, digits));
    let algorithm = told.or_else(|| Algorithm::of_digits(digits.len())).filter(|algorithm| fits(*algorithm, digits))?;
    Some((name?, Spelled { algorithm, digits, is_guessed: told.is_none() }))
}

/// `SHA256 (name) = digest`, `SHA2-256(name)= digest`, `BLAKE2b (name) = digest`.
fn tagged(line: &str) -> Option<(&str, Spelled<'_>)> {
    let (tag, rest) = line.split_once('(')?;
    let algorithm = Algorithm::named(tag.trim_end())?;
    let (name, spelled) = rest.rsplit_once(')')?;
    let digits = spelled.trim_start().strip_prefix('=')?.trim();
    Some((name, Spelled { algorithm, digits: fits(algorithm, digits).then_some(digits)?, is_guessed: false }))
}

fn unescape(name: &str) -> Option<String> {
    let mut chars = name.chars();
    let mut plain = String::with_capacity(name.len());
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

/// What stands where a claim was expected, without repeating a whole line of somebody's text.
fn complaint(line: &str) -> String {
    const SHOWN: usize = 40;
    let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
    if matches!(digits, 56 | 72 | 80) {
        return format!("a digest of {digits} digits, which is of no algorithm read here");
    }
    let start: String = line.chars().take(SHOWN).collect();
    let dots = if line.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("expected the digits of a digest and a name, found “{start}{dots}”")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn parse(text: &str) -> (Vec<String>, Vec<String>) {
        let (manifest, findings) = Sums.parse("SHA256SUMS", text.as_bytes()).unwrap();
        assert!(manifest.lines.iter().all(|line| line.digest == X));
        let messages = findings.into_iter().map(|finding| finding.message).collect();
        (manifest.lines.into_iter().map(|line| line.path).collect(), messages)
    }

    /// What coreutils 9.1 printed for files of these names that hold the byte `x`.
    #[test]
    fn names_come_back_as_sha256sum_wrote_them() {
        let text = "\
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881    lead
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  #hash
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  *star
\\2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  \\\\start
\\2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  bo\\\\th\\n
\\2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  car\\rret
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  naïve
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 *plain
2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 **star
SHA256 (*star) = 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
\\SHA256 (bo\\\\th\\n) = 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
";
        let expected = ["  lead", "#hash", "*star", "\\start", "bo\\th\n", "car\rret", "naïve", "plain", "*star"];
        let (paths, messages) = parse(text);
        assert_eq!(paths.get(..9).unwrap(), expected);
        assert_eq!(paths.get(9..).unwrap(), ["*star", "bo\\th\n"]);
        assert_eq!(messages.len(), 3, "three names stand twice: {messages:?}");
    }

    #[test]
    fn other_tools_lines_are_read() {
        let upper = X.to_uppercase();
        let text = format!("\u{feff}{X}  a\r\n# c\r\n\r\n{upper} b\n{X}\tc\nSHA256(d)= {X}\nSHA2-256(e (1))= {X}\n");
        let (paths, messages) = parse(&text);
        assert_eq!(paths, ["a", "b", "c", "d", "e (1)"]);
        assert_eq!(messages, [""; 0]);
    }

    #[test]
    fn a_line_that_is_no_claim_is_told_with_its_place() {
        let text = format!("{X}  a\n{}  b\n\\{X}  c\\d\n", "0".repeat(56));
        let nameless = Sums.parse("x.txt", text.as_bytes());
        assert!(nameless.is_none(), "one claim in three lines is no manifest without a name that says so");
        let (manifest, findings) = Sums.parse("x.sha256", text.as_bytes()).unwrap();
        assert_eq!(manifest.lines.len(), 1);
        assert_eq!(
            findings[0].message,
            "line 2 is not understood: a digest of 56 digits, which is of no algorithm read here"
        );
        assert_eq!(findings[0].offset, Some(68));
        assert_eq!(
            findings[1].message,
            "line 3 is not understood: expected \\\\, \\n or \\r after a backslash in c\\d"
        );
    }

    #[test]
    fn a_path_with_two_digests_is_an_error() {
        let other = "0".repeat(64);
        let (_, findings) = Sums.parse("sha256.txt", format!("{X}  a\n{other}  a\n{X}  b\n{X}  b").as_bytes()).unwrap();
        let told: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.severity)).collect();
        assert_eq!(told, [("manifest-conflict", Severity::Error), ("manifest-duplicate", Severity::Note)]);
    }

    #[test]
    fn the_tag_the_name_or_the_length_tells_the_algorithm() {
        let (md5, long) = ("0".repeat(32), "0".repeat(128));
        let algorithms = |name: &str, text: &str| {
            let (manifest, findings) = Sums.parse(name, text.as_bytes()).unwrap();
            let found: Vec<_> = manifest.lines.iter().map(|line| line.algorithm).collect();
            (found, findings.len())
        };
        let text = format!("{md5}  a\nSHA512 (b) = {long}\nBLAKE2b (c) = {long}\nBLAKE3 (d) = {X}\nMD5 (e) = {md5}\n");
        let expected = [Algorithm::Md5, Algorithm::Sha512, Algorithm::Blake2b, Algorithm::Blake3, Algorithm::Md5];
        assert_eq!(algorithms("sums.txt", &text), (expected.to_vec(), 0));
        assert_eq!(algorithms("B2SUMS", &format!("{long}  a\n")), (vec![Algorithm::Blake2b], 0));
        assert_eq!(algorithms("B3SUMS", &format!("{X}  a\n")), (vec![Algorithm::Blake3], 0));
        assert_eq!(algorithms("SHA512SUMS", &format!("{long} *a\n")), (vec![Algorithm::Sha512], 0));
        assert_eq!(algorithms("digests", &format!("{long}  a\n")), (vec![Algorithm::Sha512], 1), "it may be BLAKE2b");
    }
}
