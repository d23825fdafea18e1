//! As much of DER (X.690) as keys, certificates and signatures of elliptic curves need: elements one after another, with a
//! length that is written in the one way it may be.

/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;
/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BITS: u8 = 0x03;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT: u8 = 0x06;
/// `[0]`, constructed: the version of a certificate.
pub(super) const VERSION: u8 = 0xa0;

/// An element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// What is in it.
    pub(super) inside: &'a [u8],
    /// The same with its tag and length.
    pub(super) whole: &'a [u8],
}

/// The elements of some bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next element, when it has this tag.
    pub(super) fn tagged(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut after = *self;
        let element = after.next()?;
        (element.tag == tag).then(|| {
            *self = after;
            element
        })
    }

    /// The only element, when it has this tag.
    pub(super) fn only(mut self, tag: u8) -> Option<Element<'a>> {
        self.tagged(tag).filter(|_| self.0.is_empty())
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (len, inside) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 3))?;
                let len = digits.iter().fold(0_usize, |len, digit| len << 8 | usize::from(*digit));
                let is_short = len < 0x80 || digits.first() == Some(&0);
                (if is_short { None } else { Some(len) }?, rest)
            }
            _ => return None,
        };
        let (inside, after) = inside.split_at_checked(len)?;
        let whole = self.0.get(..self.0.len().checked_sub(after.len())?)?;
        self.0 = after;
        Some(Element { tag, inside, whole })
    }
}

/// The two numbers of an ECDSA signature (RFC 3279), each with `width` bytes, as IEEE P1363 and WebCrypto write them.
pub(super) fn ecdsa(signature: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut numbers = Elements(Elements(signature).only(SEQUENCE)?.inside);
    let mut raw = Vec::with_capacity(width.saturating_mul(2));
    for _ in 0..2 {
        let number = match numbers.tagged(INTEGER)?.inside {
            // A zero in front keeps the number from being negative, and stands there for nothing else.
            [0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => rest,
            [first, ..] if first & 0x80 != 0 || *first == 0 => return None,
            number => number,
        };
        let filling = width.checked_sub(number.len()).filter(|_| !number.is_empty())?;
        raw.extend(std::iter::repeat_n(0, filling));
        raw.extend(number);
    }
    numbers.0.is_empty().then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_to_their_width() {
        assert_eq!(ecdsa(&[0x30, 6, 2, 1, 5, 2, 1, 7], 2), Some(vec![0, 5, 0, 7]));
        assert_eq!(ecdsa(&[0x30, 7, 2, 2, 0, 0x85, 2, 1, 7], 1), Some(vec![0x85, 7]));
        for bad in [
            &[0x30_u8, 6, 2, 1, 0x85, 2, 1, 7][..],
            &[0x30, 7, 2, 2, 0, 5, 2, 1, 7],
            &[0x30, 6, 2, 1, 5, 2, 1, 7, 0],
            &[0x30, 8, 2, 1, 5, 2, 1, 7, 5, 0],
            &[0x30, 0x81, 6, 2, 1, 5, 2, 1, 7],
            &[0x30, 3, 2, 1, 5],
            &[0x30, 5, 2, 0, 2, 1, 7],
            &[],
        ] {
            assert_eq!(ecdsa(bad, 2), None, "{bad:?}");
        }
        assert_eq!(ecdsa(&[0x30, 8, 2, 3, 1, 1, 1, 2, 1, 7], 2), None, "longer than the curve");
    }

    #[test]
    fn lengths_are_written_in_one_way() {
        let long = [&[4_u8, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(Elements(&long).only(4).map(|element| element.inside.len()), Some(0x80));
        assert_eq!(Elements(&[4, 0x81, 1, 7]).next(), None);
        assert_eq!(Elements(&[4, 0x80, 7, 0, 0]).next(), None);
        assert_eq!(Elements(&[4, 2, 7]).next(), None);
    }
}
