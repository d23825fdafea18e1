//! How fast the elements of a tensor are gone through, in memory, natively, to be held against NumPy on the same machine:
//! `cargo test --release --test it -- --ignored --nocapture statistics_in_memory`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_sign_loss,
    reason = "it measures and tells; nothing depends on it"
)]

use std::time::Instant;

use weighbridge::model::{DType, Endian};
use weighbridge::tensor::{Binning, Code, Tally};

#[test]
#[ignore = "measures"]
fn statistics_in_memory() {
    let bytes = 256 << 20;
    for (name, dtype) in [("F32", DType::F32), ("BF16", DType::BF16), ("F64", DType::F64), ("F8_E4M3", DType::F8E4M3)] {
        let width = dtype.bits() as usize / 8;
        let count = bytes / width;
        // Sums of uniform numbers: near enough to what weights look like.
        let mut state = 1_u64;
        let mut next = || {
            let mut sum = -6.0;
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                sum += (state >> 40) as f64 / (1 << 24) as f64 * 3.0;
            }
            sum * 0.02
        };
        let mut data = Vec::with_capacity(bytes);
        for _ in 0..count.min(1 << 20) {
            match width {
                8 => data.extend(next().to_le_bytes()),
                4 => data.extend((next() as f32).to_le_bytes()),
                2 => data.extend(&(next() as f32).to_le_bytes()[2..]),
                _ => data.push((next() * 500.0) as i8 as u8),
            }
        }
        let code = Code::of(&dtype).unwrap();
        let mut tally = Tally::new(code, Endian::Little);
        let begun = Instant::now();
        let mut done = 0;
        while done < bytes {
            tally.add(0, &data);
            done += data.len();
        }
        let (found, histograms) = tally.finish((done / width) as u64, 1);
        let first = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        if histograms.is_none() {
            let mut binning = Binning::new(code, Endian::Little, &found);
            (0..bytes).step_by(data.len()).for_each(|_| binning.add(&data));
            assert!(binning.finish(1)[0].is_some());
        }
        let second = begun.elapsed().as_secs_f64();
        let rate = |seconds: f64| done as f64 / seconds / 1e9;
        let again = if width > 2 { format!("{:.2} GB/s", rate(second)) } else { "with it".to_owned() };
        println!("{name}: {:.2} GB/s, histogram {}", rate(first), again);
    }
}
