//! `Content-Range` (RFC 9110, section 14.4): `bytes 0-99/1234`, `bytes 0-99/*`, `bytes */1234`.

/// Which bytes an answer holds, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// First and last byte; `None` when no range was satisfied.
    pub span: Option<(u64, u64)>,
    /// Length of the whole; `None` when the server does not know it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads the header's value; `None` for anything that contradicts itself.
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.trim().split_once(' ')?;
        let (span, total) = rest.trim().split_once('/')?;
        let total = number(total)?;
        let span = match span.trim() {
            "*" => None,
            span => {
                let (first, last) = span.split_once('-')?;
                let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
                (first <= last && total.is_none_or(|total| last < total)).then_some(())?;
                Some((first, last))
            }
        };
        unit.eq_ignore_ascii_case("bytes").then_some(Self { span, total })
    }
}

#[expect(clippy::option_option, reason = "a star is a number that is not known, nonsense is neither")]
fn number(text: &str) -> Option<Option<u64>> {
    match text.trim() {
        "*" => Some(None),
        digits => digits.parse().ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_are_read_and_lies_are_not() {
        let range = |first, last, total| Some(ContentRange { span: Some((first, last)), total });
        assert_eq!(ContentRange::parse("bytes 0-0/1234"), range(0, 0, Some(1234)));
        assert_eq!(ContentRange::parse("Bytes 5-9/*"), range(5, 9, None));
        assert_eq!(ContentRange::parse("bytes */0"), Some(ContentRange { span: None, total: Some(0) }));
        for wrong in
            ["", "bytes", "bytes 0-0", "bytes 9-5/20", "bytes 0-20/20", "lines 0-1/2", "bytes a-b/c", "bytes -1-2/3"]
        {
            assert_eq!(ContentRange::parse(wrong), None, "{wrong}");
        }
    }
}
