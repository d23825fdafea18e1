//! `SHA256SUMS` as `sha256sum` writes and reads it (GNU coreutils 9.1, checked against it): text (`digest  name`),
//! binary (`digest *name`) and tagged (`SHA256 (name) = digest`) lines, a leading backslash for names with escapes.
//!
//! Also taken: one space or a tab between digest and name (`md5 -r` style), OpenSSL's `SHA2-256(name)= digest`,
//! carriage returns, comments and a byte order mark. Other digests than SHA-256 are not read.

use super::ManifestKind;
use super::claims::{Claims, digest};
use crate::model::{Finding, Manifest};

/// The kind.
pub struct Sha256Sums;

impl ManifestKind for Sha256Sums {
    fn id(&self) -> &'static str {
        "sha256sums"
    }

    fn name(&self) -> &'static str {
        "SHA256SUMS"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let (bom, text) = text.strip_prefix(b"\xEF\xBB\xBF").map_or((0, text), |rest| (3, rest));
        let (mut claims, mut spoken, mut number, mut offset) = (Claims::default(), 0_usize, 0_u64, bom);
        for raw in text.split(|&byte| byte == b'\n') {
            number = number.saturating_add(1);
            let line = String::from_utf8_lossy(raw.strip_suffix(b"\r").unwrap_or(raw));
            match parse_line(&line) {
                Line::Silent => {}
                Line::Claim(path, digest) => claims.add(path, digest, number),
                Line::Unknown(why) => {
                    let message = format!("line {number} is not understood: {why}");
                    claims.report(Finding::warning("manifest-line", message).at(offset));
                }
            }
            spoken = spoken.saturating_add(usize::from(!is_silent(&line)));
            offset = offset.saturating_add(raw.len() as u64).saturating_add(1);
        }
        is_manifest(name, claims.len(), spoken).then(|| claims.finish(self.id()))
    }
}

/// Most lines must be claims; one is enough when the name says what it is.
fn is_manifest(name: &str, claims: usize, spoken: usize) -> bool {
    let name = name.to_lowercase();
    if name.starts_with("sha256sum") {
        return spoken > 0;
    }
    let hinted = name.contains("sha256") || name.contains("checksum");
    claims > 0 && (hinted || claims > spoken.saturating_sub(claims))
}

enum Line {
    /// Blank, or a comment.
    Silent,
    /// A name and its digest.
    Claim(String, String),
    /// Why it is none.
    Unknown(String),
}

fn is_silent(line: &str) -> bool {
    matches!(line.trim_start().chars().next(), None | Some('#'))
}

fn parse_line(line: &str) -> Line {
    if is_silent(line) {
        return Line::Silent;
    }
    let line = line.trim_start_matches([' ', '\t']);
    let (escaped, body) = line.strip_prefix('\\').map_or((false, line), |body| (true, body));
    let claim = tagged(body).or_else(|| plain(body));
    let Some((name, digest)) = claim else { return Line::Unknown(complaint(body)) };
    match if escaped { unescape(name) } else { Some(name.to_owned()) } {
        Some(name) if name.is_empty() => Line::Unknown("it names no file".to_owned()),
        Some(name) => Line::Claim(name, digest),
        None => Line::Unknown(format!("expected \\\\, \\n or \\r after a backslash in {name}")),
    }
}

/// `digest  name`, `digest *name`, `digest name`.
fn plain(line: &str) -> Option<(&str, String)> {
    let end = line.find([' ', '\t'])?;
    let (spelled, rest) = line.split_at_checked(end)?;
    let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *")).or_else(|| rest.strip_prefix([' ', '\t']));
    Some((name?, digest(spelled)?))
}

/// `SHA256 (name) = digest`, `SHA2-256(name)= digest`.
fn tagged(line: &str) -> Option<(&str, String)> {
    let rest = line.strip_prefix("SHA256").or_else(|| line.strip_prefix("SHA2-256"))?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix('(')?;
    let (name, spelled) = rest.rsplit_once(')')?;
    Some((name, digest(spelled.trim_start().strip_prefix('=')?.trim())?))
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
    if matches!(digits, 32 | 40 | 56 | 96 | 128) {
        return format!("a digest of {digits} digits, where SHA-256 has 64");
    }
    let start: String = line.chars().take(SHOWN).collect();
    let dots = if line.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("expected 64 hexadecimal digits and a name, found “{start}{dots}”")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn parse(text: &str) -> (Vec<String>, Vec<String>) {
        let (manifest, findings) = Sha256Sums.parse("SHA256SUMS", text.as_bytes()).unwrap();
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
        let text = format!("{X}  a\nd41d8cd98f00b204e9800998ecf8427e  b\n\\{X}  c\\d\n");
        let nameless = Sha256Sums.parse("x.txt", text.as_bytes());
        assert!(nameless.is_none(), "one claim in three lines is no manifest without a name that says so");
        let (manifest, findings) = Sha256Sums.parse("x.sha256", text.as_bytes()).unwrap();
        assert_eq!(manifest.lines.len(), 1);
        assert_eq!(findings[0].message, "line 2 is not understood: a digest of 32 digits, where SHA-256 has 64");
        assert_eq!(findings[0].offset, Some(68));
        assert_eq!(
            findings[1].message,
            "line 3 is not understood: expected \\\\, \\n or \\r after a backslash in c\\d"
        );
    }

    #[test]
    fn a_path_with_two_digests_is_an_error() {
        let other = "0".repeat(64);
        let (_, findings) = Sha256Sums.parse("s", format!("{X}  a\n{other}  a\n{X}  b\n{X}  b").as_bytes()).unwrap();
        let told: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.severity)).collect();
        assert_eq!(told, [("manifest-conflict", Severity::Error), ("manifest-duplicate", Severity::Note)]);
    }
}
