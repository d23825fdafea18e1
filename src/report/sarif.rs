//! The findings as SARIF 2.1.0 (OASIS, errata 01), for the tools that collect what scanners find: a rule for each code, a
//! result for each finding and each file that is not what its manifest says, with the byte where it stands. What nobody
//! looked into is a notification, so that silence is not taken for health.
//!
//! The document is put together by hand: of the hundreds of properties that the standard has, these few are used.

use std::collections::BTreeMap;

use super::Report;
use crate::model::{Algorithm, Check, Finding, Severity, Status};

/// Where the schema of the format is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The report as UTF-8 SARIF with a line end at its end.
pub fn to_sarif(report: &Report<'_>) -> String {
    let findings: Vec<Finding> = report
        .findings
        .iter()
        .cloned()
        .chain(report.integrity.iter().flat_map(|i| &i.entries).filter_map(failed))
        .collect();
    let mut rules: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in &findings {
        let worst = rules.entry(&finding.code).or_insert(finding.severity);
        *worst = finding.severity.min(*worst);
    }
    let places: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(place, code)| (*code, place)).collect();
    let results =
        findings.iter().map(|finding| result(finding, places.get(finding.code.as_str()).copied().unwrap_or(0)));
    let results = list(results.collect());
    let rules = list(rules.iter().map(|(code, severity)| rule(code, *severity)).collect());
    let mut hashed: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for check in report.integrity.iter().flat_map(|integrity| &integrity.entries) {
        if let Some(actual) = check.actual.as_deref() {
            hashed.entry(&check.path).or_default().insert(hash_name(check.algorithm), actual);
        }
    }
    let artifacts = list(hashed.iter().map(|(path, digests)| artifact(path, digests)).collect());
    let unseen = report.not_examined.iter().map(|file| {
        let told = format!("{}: not examined: {}", file.path, file.reason);
        format!(
            "{{\"descriptor\": {{\"id\": \"not-examined\"}}, \"level\": \"note\", {}, \"locations\": [{{\"physicalLocation\": {{{}}}}}]}}",
            message(&told),
            place(file.path)
        )
    });
    let unseen = list(unseen.collect());
    let version = quoted(report.app.version);
    format!(
        "{{\n  \"$schema\": \"{SCHEMA}\",\n  \"version\": \"2.1.0\",\n  \"runs\": [{{\n    \"tool\": {{\"driver\": {{\"name\": \
         \"Weighbridge\", \"version\": {version}, \"rules\": {rules}}}}},\n    \"invocations\": [{{\"executionSuccessful\": true, \
         \"toolExecutionNotifications\": {unseen}}}],\n    \"artifacts\": {artifacts},\n    \"results\": {results}\n  }}]\n}}\n"
    )
}

/// A file that is not what a manifest says, as a finding.
fn failed(check: &Check) -> Option<Finding> {
    let manifest = check.manifest.as_deref().unwrap_or_default();
    let (algorithm, expected) = (check.algorithm.name(), check.expected.as_deref().unwrap_or_default());
    let finding = match check.status {
        Status::Mismatch => {
            let actual = check.actual.as_deref().unwrap_or_default();
            let message = format!("{manifest} says {algorithm} {expected}, the file has {actual}");
            Finding::error("digest-mismatch", message)
        }
        Status::Missing => {
            Finding::error("digest-missing-file", format!("{manifest} lists this file, it is not there"))
        }
        _ => return None,
    };
    Some(finding.in_file(&check.path))
}

fn rule(code: &str, severity: Severity) -> String {
    let words = quoted(&code.replace('-', " "));
    let level = level(severity);
    format!(
        "{{\"id\": {}, \"shortDescription\": {{\"text\": {words}}}, \"defaultConfiguration\": {{\"level\": \"{level}\"}}}}",
        quoted(code)
    )
}

fn result(finding: &Finding, rule: usize) -> String {
    let (code, level) = (quoted(&finding.code), level(finding.severity));
    let region = finding.offset.map_or_else(String::new, |at| format!(", \"region\": {{\"byteOffset\": {at}}}"));
    let entry = finding.entry.as_deref().map_or_else(String::new, |entry| {
        format!(", \"logicalLocations\": [{{\"fullyQualifiedName\": {}, \"kind\": \"member\"}}]", quoted(entry))
    });
    let location = match finding.file.is_empty() {
        true => String::new(),
        false => format!("{{\"physicalLocation\": {{{}{region}}}{entry}}}", place(&finding.file)),
    };
    let message = message(&finding.message);
    format!(
        "{{\"ruleId\": {code}, \"ruleIndex\": {rule}, \"level\": \"{level}\", {message}, \"locations\": [{location}]}}"
    )
}

/// A file, and the digests that it was found to have.
fn artifact(path: &str, digests: &BTreeMap<&str, &str>) -> String {
    let digests: Vec<String> = digests.iter().map(|(name, digest)| format!("\"{name}\": \"{digest}\"")).collect();
    format!("{{\"location\": {{\"uri\": {}}}, \"hashes\": {{{}}}}}", quoted(&uri(path)), digests.join(", "))
}

/// As IANA's registry of hash functions has it (3.24.11).
fn hash_name(algorithm: Algorithm) -> &'static str {
    match algorithm.name() {
        "sha256" => "sha-256",
        "sha512" => "sha-512",
        "sha384" => "sha-384",
        "sha1" => "sha-1",
        other => other,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A message in which nothing is taken for a placeholder or a link (3.11.5 and 3.11.6): names from files stand in it.
fn message(text: &str) -> String {
    let mut text = text.replace('{', "{{").replace('}', "}}");
    if text.contains("](") {
        text = text.replace('[', "\\[").replace(']', "\\]");
    }
    format!("\"message\": {{\"text\": {}}}", quoted(if text.is_empty() { "-" } else { &text }))
}

fn place(path: &str) -> String {
    format!("\"artifactLocation\": {{\"uri\": {}}}", quoted(&uri(path)))
}

/// The path as a relative reference (RFC 3986): everything but unreserved characters and slashes in percent signs.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn list(rows: Vec<String>) -> String {
    if rows.is_empty() { "[]".to_owned() } else { format!("[\n      {}\n    ]", rows.join(",\n      ")) }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references_and_names_from_files_stay_text() {
        assert_eq!(uri("run 1/ü:x.pt"), "run%201/%C3%BC%3Ax.pt");
        let text = message("tensor \"[a](http://x)\" {0}");
        assert_eq!(text, r#""message": {"text": "tensor \"\\[a\\](http://x)\" {{0}}"}"#);
    }
}
