//! Elements of any two types, decoded and looked at one by one.

use super::CHUNK;
use super::decoder::Decoder;
use super::same::unlike;
use super::totals::{Found, Totals};
use super::{Code, Specials};

/// Compares numbers of these types.
#[derive(Debug)]
pub(super) struct General {
    a: Decoder,
    b: Decoder,
    is_same_type: bool,
    rounding: Option<(f64, f64)>,
    /// Whether b's type has the longer numbers.
    b_is_wider: bool,
}

impl General {
    pub(super) fn new(a: Decoder, b: Decoder, is_same_type: bool) -> Self {
        let of = |code: Code| code.rounding().filter(|_| code.parts() == 1);
        let both = of(a.code).zip(of(b.code)).filter(|_| a.code != b.code);
        let b_is_wider = both.is_some_and(|(a, b)| b.0 < a.0);
        let rounding = both.map(|(a, b)| if b_is_wider { a } else { b });
        Self { a, b, is_same_type, rounding, b_is_wider }
    }

    pub(super) fn is_complex(&self) -> bool {
        self.a.code.parts() > 1 || self.b.code.parts() > 1
    }

    /// What rounding to the shorter of two float types does: relative, and absolute near zero.
    pub(super) fn rounding(&self) -> Option<(f64, f64)> {
        self.rounding
    }

    /// Whether two elements share a byte.
    pub(super) fn is_packed(&self) -> bool {
        self.a.code.width().is_none()
    }

    /// Takes in `count` elements of both, whose bytes may be known to be the same.
    pub(super) fn add(&self, a: &[u8], b: &[u8], count: u64, is_same: bool, totals: &mut Totals) {
        let elements = if self.is_complex() { CHUNK / 2 } else { CHUNK };
        let bytes = |decoder: &Decoder| decoder.bytes(elements.saturating_mul(decoder.code.parts())).max(1);
        let mut left = usize::try_from(count).unwrap_or(usize::MAX);
        for (a, b) in a.chunks(bytes(&self.a)).zip(b.chunks(bytes(&self.b))) {
            let now = left.min(elements);
            left = left.saturating_sub(now);
            if !(is_same && self.same(a, now, totals)) {
                self.chunk(a, b, now, totals);
            }
        }
    }

    /// The norm of what both have; false, and nothing was taken, when something is not finite.
    fn same(&self, bytes: &[u8], count: usize, totals: &mut Totals) -> bool {
        let mut numbers = [0.0; CHUNK];
        self.a.decode(bytes, &mut numbers);
        let used = numbers.iter().take(count.saturating_mul(self.a.code.parts()));
        let squares = used.map(|number| number * number).sum::<f64>();
        if squares.is_finite() {
            totals.join(&Found::same(squares, count as u64));
        }
        squares.is_finite()
    }

    fn chunk(&self, a: &[u8], b: &[u8], count: usize, totals: &mut Totals) {
        let (mut of_a, mut of_b) = ([0.0; CHUNK], [0.0; CHUNK]);
        self.a.decode(a, &mut of_a);
        self.b.decode(b, &mut of_b);
        let mut found = Found::default();
        if self.is_complex() {
            let (one, two) = (pairs(&of_a, self.a.code.parts()), pairs(&of_b, self.b.code.parts()));
            one.zip(two).take(count).for_each(|(a, b)| self.complex(a, b, &mut found, totals));
        } else {
            of_a.iter().zip(&of_b).take(count).for_each(|(a, b)| self.real(*a, *b, &mut found, totals));
        }
        if self.is_same_type
            && let Some(width) = self.a.code.width()
        {
            found.changed = unlike(a, b, width);
        }
        totals.join(&found);
    }

    fn real(&self, a: f64, b: f64, found: &mut Found, totals: &mut Totals) {
        found.changed = found.changed.saturating_add(u64::from(differ(a, b)));
        if !(a.is_finite() && b.is_finite()) {
            count(&[a], &mut totals.a);
            count(&[b], &mut totals.b);
            return;
        }
        let difference = b - a;
        found.squares += difference * difference;
        found.squares_a += a * a;
        found.squares_b += b * b;
        found.products += a * b;
        found.shift += difference;
        found.max = found.max.max(difference.abs());
        found.compared = found.compared.saturating_add(1);
        let is_flip = (a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0);
        found.flips = found.flips.saturating_add(u64::from(is_flip));
        if let Some((relative, absolute)) = self.rounding {
            let wide = if self.b_is_wider { b } else { a };
            let is_beyond = difference.abs() > (wide.abs() * relative).max(absolute);
            found.beyond = found.beyond.saturating_add(u64::from(is_beyond));
        }
    }

    fn complex(&self, a: [f64; 2], b: [f64; 2], found: &mut Found, totals: &mut Totals) {
        let is_unlike = a.into_iter().zip(b).any(|(a, b)| differ(a, b));
        found.changed = found.changed.saturating_add(u64::from(is_unlike));
        if !a.into_iter().chain(b).all(f64::is_finite) {
            count(&a, &mut totals.a);
            count(&b, &mut totals.b);
            return;
        }
        let ([a, c], [b, d]) = (a, b);
        let (real, imaginary) = (b - a, d - c);
        found.squares += real * real + imaginary * imaginary;
        found.squares_a += a * a + c * c;
        found.squares_b += b * b + d * d;
        found.products += a * b + c * d;
        found.max = found.max.max(real.hypot(imaginary));
        found.compared = found.compared.saturating_add(1);
    }
}

/// Two by two; numbers without an imaginary part have 0 there.
fn pairs(numbers: &[f64; CHUNK], parts: usize) -> impl Iterator<Item = [f64; 2]> {
    let pair = move |piece: &[f64]| match piece {
        [real, imaginary, ..] => [*real, *imaginary],
        [real] => [*real, 0.0],
        [] => [0.0, 0.0],
    };
    numbers.chunks_exact(parts.clamp(1, 2)).map(pair)
}

fn differ(a: f64, b: f64) -> bool {
    a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan())
}

fn count(parts: &[f64], specials: &mut Specials) {
    let is_nan = parts.iter().any(|part| part.is_nan());
    let is_infinite = parts.iter().any(|part| part.is_infinite());
    specials.nan = specials.nan.saturating_add(u64::from(is_nan));
    specials.infinite = specials.infinite.saturating_add(u64::from(is_infinite));
}
