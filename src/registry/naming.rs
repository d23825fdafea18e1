//! What an archive is called: servers send them without a name, packed in one way or another.

/// `x.tar` by what it begins with: `x.tar.gz` of a gzip stream. Other names are kept.
pub fn named_by_content(name: &str, start: &[u8]) -> String {
    const PACKED: [(&[u8], &str); 3] =
        [(b"\x1f\x8b", ".tar.gz"), (b"\x28\xb5\x2f\xfd", ".tar.zst"), (b"PK\x03\x04", ".zip")];
    let packed = PACKED.iter().find(|(magic, _)| start.starts_with(magic));
    match (name.strip_suffix(".tar"), packed) {
        (Some(stem), Some((_, extension))) => format!("{stem}{extension}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_called_what_it_is() {
        for (name, start, expected) in [
            ("a b.tar", &b"\x1f\x8b\x08\0"[..], "a b.tar.gz"),
            ("a.tar", b"PK\x03\x04", "a.zip"),
            ("a.tar", b"\x28\xb5\x2f\xfd", "a.tar.zst"),
            ("a.tar", b"adapter_config.json\0", "a.tar"),
            ("a.tar", b"\x1f", "a.tar"),
            ("a.tar", b"", "a.tar"),
            ("a.safetensors", b"\x1f\x8b\x08\0", "a.safetensors"),
        ] {
            assert_eq!(named_by_content(name, start), expected);
        }
    }
}
