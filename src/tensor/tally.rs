//! Statistics of elements whose bytes come in blocks.

use super::decode::{self, Extremes};
use super::histogram::{Filling, Histogram};
use super::kind::{Code, Kind};
use super::moments::{CHUNK, Moments};
use super::number::Number;
use super::patterns::{self, Patterns};
use super::singles::{self, Singles};
use super::statistics::Statistics;
use crate::model::Endian;

/// The first pass.
#[derive(Debug)]
pub struct Tally {
    code: Code,
    endian: Endian,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Narrow(Patterns),
    /// The parts of each place, so that the sums do not depend on which place was ready first.
    Wide(Vec<Vec<Moments>>, Extremes),
}

/// The second pass, for numbers of more than 16 bits.
#[derive(Debug)]
pub struct Binning {
    code: Code,
    endian: Endian,
    parts: Vec<Option<Filling>>,
    /// The short way, where there is one.
    singles: Option<Box<Singles>>,
}

impl Tally {
    /// Nothing yet of numbers kept like this.
    pub fn new(code: Code, endian: Endian) -> Self {
        let kept =
            if code.is_narrow() { Kept::Narrow(Patterns::new()) } else { Kept::Wide(Vec::new(), Extremes::NONE) };
        Self { code, endian, kept }
    }

    /// Takes in whole elements, which come in their order from each of some places.
    pub fn add(&mut self, place: usize, bytes: &[u8]) {
        match &mut self.kept {
            Kept::Narrow(patterns) => patterns.add(place, bytes),
            Kept::Wide(places, extremes) => {
                let none = vec![Moments::new(self.code); self.code.parts()];
                places.resize(places.len().max(place.saturating_add(1)), none);
                let Some(parts) = places.get_mut(place) else { return };
                let is_single = singles::is_plain(self.code, self.endian);
                for block in bytes.chunks(self.code.width().unwrap_or(1).saturating_mul(CHUNK)) {
                    if let ([moments], true, (rows, [])) = (parts.as_mut_slice(), is_single, block.as_chunks::<16>())
                        && moments.add_singles(rows)
                    {
                        continue;
                    }
                    each_chunk(self.code, self.endian, block, extremes, &mut |part, chunk| {
                        if let Some(moments) = parts.get_mut(part) {
                            moments.add(chunk);
                        }
                    });
                }
            }
        }
    }

    /// The statistics of each part of the elements, and their histograms where they need no second pass. `count` is how
    /// many elements came, of which each counts `times` times.
    pub fn finish(&mut self, count: u64, times: u64) -> (Vec<Statistics>, Option<Vec<Option<Histogram>>>) {
        let code = self.code;
        match &mut self.kept {
            Kept::Wide(places, extremes) => {
                let number = |value: f64| as_number(code, value);
                let exact = extremes.of(code);
                let mut found = vec![Statistics::default(); code.parts()];
                for parts in places {
                    for (found, part) in found.iter_mut().zip(parts) {
                        *found = found.joined(&part.finish(&number, exact));
                    }
                }
                (found.into_iter().map(|part| part.repeated(times)).collect(), None)
            }
            Kept::Narrow(patterns) => {
                let parts = patterns.counts(code, self.endian, count);
                let found: Vec<Statistics> = parts.iter().map(|counts| patterns::statistics(code, counts)).collect();
                let histograms = parts.iter().zip(&found).map(|(counts, found)| {
                    let mut filling = Filling::new(found.finite.as_ref()?);
                    patterns::fill(code, counts, &mut filling);
                    Some(filling.finish(times))
                });
                let histograms = histograms.collect();
                (found.into_iter().map(|found| found.repeated(times)).collect(), Some(histograms))
            }
        }
    }
}

impl Binning {
    /// Empty histograms for the ranges that the first pass found.
    pub fn new(code: Code, endian: Endian, statistics: &[Statistics]) -> Self {
        let parts: Vec<_> = statistics.iter().map(|found| found.finite.as_ref().map(Filling::new)).collect();
        let singles = match (statistics, parts.as_slice()) {
            ([found], [Some(filling)]) => Singles::new(code, endian, found, filling).map(Box::new),
            _ => None,
        };
        Self { code, endian, parts, singles }
    }

    /// Takes in whole elements.
    pub fn add(&mut self, bytes: &[u8]) {
        if let (Some(singles), [Some(filling)]) = (&mut self.singles, self.parts.as_mut_slice()) {
            return singles.fill(bytes, filling);
        }
        each_chunk(self.code, self.endian, bytes, &mut Extremes::NONE.clone(), &mut |part, chunk| {
            if let Some(Some(filling)) = self.parts.get_mut(part) {
                chunk.iter().for_each(|value| filling.add(*value, 1));
            }
        });
    }

    /// The histograms, every number counted `times` times.
    pub fn finish(&mut self, times: u64) -> Vec<Option<Histogram>> {
        if let (Some(singles), [Some(filling)]) = (&mut self.singles, self.parts.as_mut_slice()) {
            singles.finish(filling);
        }
        self.parts.iter().map(|part| part.as_ref().map(|filling| filling.finish(times))).collect()
    }
}

/// Decodes wide numbers chunk by chunk; the parts of complex ones apart.
fn each_chunk(
    code: Code,
    endian: Endian,
    bytes: &[u8],
    extremes: &mut Extremes,
    take: &mut dyn FnMut(usize, &mut [f64]),
) {
    let width = if code.stored == 64 { 8_usize } else { 4 };
    let mut values = [0.0; CHUNK];
    for block in bytes.chunks(CHUNK.saturating_mul(width)) {
        let count = decode::decode(code, endian, block, &mut values, extremes);
        let Some(chunk) = values.get_mut(..count) else { continue };
        if code.parts() == 1 {
            take(0, chunk);
            continue;
        }
        for part in 0..code.parts() {
            let mut one: Vec<f64> = chunk.iter().skip(part).step_by(code.parts()).copied().collect();
            take(part, &mut one);
        }
    }
}

/// A 64-bit float as the number of the type it was decoded from.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was one of these before")]
fn as_number(code: Code, value: f64) -> Number {
    match code.kind {
        Kind::Float(_) if code.used == 64 => Number::Double(value),
        Kind::Float(_) => Number::Single(value as f32),
        Kind::Signed => Number::Int(value as i64),
        _ => Number::Uint(value as u64),
    }
}
