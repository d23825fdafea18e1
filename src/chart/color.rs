//! The same element type has the same colour on every page.

/// Number (1 to 8) of the series colour of a dtype.
pub fn dtype_color(dtype: &str) -> u8 {
    match dtype {
        "F32" => 1,
        "BF16" => 2,
        "F16" => 3,
        "F64" => 4,
        "I64" | "I32" | "U64" | "U32" => 5,
        "I16" | "I8" | "U16" | "U8" | "BOOL" => 7,
        float if float.starts_with('F') => 6,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_float_types_differ() {
        let mut colors = ["F32", "BF16", "F16", "F64", "I64", "F8_E4M3", "U8", "O"].map(dtype_color);
        colors.sort_unstable();
        assert_eq!(colors, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
