//! The `Range` header (RFC 9110, section 14): single ranges of bytes.

/// What a range asks of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything: no range, several, or one that is not understood, which a server is free to ignore.
    Whole,
    /// From `start` up to but not including `end`.
    Bytes {
        /// The first byte.
        start: u64,
        /// One past the last.
        end: u64,
    },
    /// Nothing that the file has.
    None,
}

/// Reads a `Range` header for a file of `length` bytes.
pub fn part(header: Option<&str>, length: u64) -> Part {
    let Some(spec) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else { return Part::Whole };
    let Some((from, to)) = spec.split_once('-') else { return Part::Whole };
    let (start, end) = match (from.trim(), to.trim()) {
        ("", count) => match count.parse::<u64>() {
            Ok(count) => (length.saturating_sub(count), length),
            Err(_) => return Part::Whole,
        },
        (from, "") => match from.parse() {
            Ok(start) => (start, length),
            Err(_) => return Part::Whole,
        },
        (from, to) => match (from.parse(), to.parse::<u64>()) {
            (Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(length)),
            _ => return Part::Whole,
        },
    };
    if start < end { Part::Bytes { start, end } } else { Part::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let bytes = |start, end| Part::Bytes { start, end };
        for (header, expected) in [
            ("bytes=0-499", bytes(0, 500)),
            ("bytes=500-999", bytes(500, 1000)),
            ("bytes=-500", bytes(500, 1000)),
            ("bytes=9500-", Part::None),
            ("bytes=900-5000", bytes(900, 1000)),
            ("bytes=-5000", bytes(0, 1000)),
            ("bytes=0-0", bytes(0, 1)),
            ("bytes=-0", Part::None),
            ("bytes=1000-1000", Part::None),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-0,-1", Part::Whole),
            ("items=0-1", Part::Whole),
            ("bytes=x-", Part::Whole),
        ] {
            assert_eq!(part(Some(header), 1000), expected, "{header}");
        }
        assert_eq!(part(None, 1000), Part::Whole);
        assert_eq!(part(Some("bytes=0-0"), 0), Part::None);
    }
}
