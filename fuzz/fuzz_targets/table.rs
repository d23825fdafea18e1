#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    weighbridge_fuzz::look("metrics.csv", bytes);
    weighbridge_fuzz::look("metrics.jsonl", bytes);
    weighbridge_fuzz::look("args.txt", bytes);
});
