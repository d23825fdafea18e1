//! The worker's entry point.

fn main() {
    console_error_panic_hook::set_once();
    if let Err(cause) = weighbridge::worker::serve::serve() {
        wasm_bindgen::throw_val(cause);
    }
}
