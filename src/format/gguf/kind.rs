//! Element types of ggml (`ggml_type` in ggml.h, block sizes in ggml-common.h).

use crate::model::DType;

/// A type: how many elements are packed into how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    number: u32,
    name: &'static str,
    /// Elements of a block.
    pub(super) block: u64,
    /// Bytes of a block.
    pub(super) bytes: u64,
}

const fn kind(number: u32, name: &'static str, block: u64, bytes: u64) -> Kind {
    Kind { number, name, block, bytes }
}

/// Types 4 and 5 were gone before the first GGUF; 31 to 33 and 36 to 38 are rearranged twins of earlier types, which
/// older files have.
const KINDS: [Kind; 38] = [
    kind(0, "F32", 1, 4),
    kind(1, "F16", 1, 2),
    kind(2, "Q4_0", 32, 18),
    kind(3, "Q4_1", 32, 20),
    kind(6, "Q5_0", 32, 22),
    kind(7, "Q5_1", 32, 24),
    kind(8, "Q8_0", 32, 34),
    kind(9, "Q8_1", 32, 36),
    kind(10, "Q2_K", 256, 84),
    kind(11, "Q3_K", 256, 110),
    kind(12, "Q4_K", 256, 144),
    kind(13, "Q5_K", 256, 176),
    kind(14, "Q6_K", 256, 210),
    kind(15, "Q8_K", 256, 292),
    kind(16, "IQ2_XXS", 256, 66),
    kind(17, "IQ2_XS", 256, 74),
    kind(18, "IQ3_XXS", 256, 98),
    kind(19, "IQ1_S", 256, 50),
    kind(20, "IQ4_NL", 32, 18),
    kind(21, "IQ3_S", 256, 110),
    kind(22, "IQ2_S", 256, 82),
    kind(23, "IQ4_XS", 256, 136),
    kind(24, "I8", 1, 1),
    kind(25, "I16", 1, 2),
    kind(26, "I32", 1, 4),
    kind(27, "I64", 1, 8),
    kind(28, "F64", 1, 8),
    kind(29, "IQ1_M", 256, 56),
    kind(30, "BF16", 1, 2),
    kind(31, "Q4_0_4_4", 32, 18),
    kind(32, "Q4_0_4_8", 32, 18),
    kind(33, "Q4_0_8_8", 32, 18),
    kind(34, "TQ1_0", 256, 54),
    kind(35, "TQ2_0", 256, 66),
    kind(36, "IQ4_NL_4_4", 32, 18),
    kind(39, "MXFP4", 32, 17),
    kind(40, "NVFP4", 64, 36),
    kind(41, "Q1_0", 128, 18),
];

impl Kind {
    /// The type with this number.
    pub(super) fn of(number: u32) -> Option<Self> {
        KINDS.iter().copied().find(|kind| kind.number == number)
    }

    /// As the report spells it: plain numbers as safetensors does, packed ones as ggml does.
    pub(super) fn dtype(self) -> DType {
        DType::from_name(self.name)
    }

    /// Bytes of a tensor with rows of `row` elements; `None` when the rows do not divide into blocks, or on overflow.
    pub(super) fn bytes_for(self, row: u64, elements: u64) -> Option<u64> {
        let whole = row.checked_rem(self.block)? == 0;
        elements.checked_div(self.block).filter(|_| whole)?.checked_mul(self.bytes)
    }
}
