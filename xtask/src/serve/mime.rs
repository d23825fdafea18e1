//! Content types by file name; browsers insist on the right ones for modules and wasm.

/// The content type of a file.
pub fn of(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "zip" => "application/zip",
        "txt" | "md" | "sha256" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
