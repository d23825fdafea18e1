//! The opcodes, once: code, name and form of the argument (`pickletools.opcodes`).

/// How the argument of an opcode is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// There is none.
    Nothing,
    /// An unsigned number of one byte.
    U8,
    /// An unsigned little-endian number of two bytes.
    U16,
    /// An unsigned little-endian number of four bytes.
    U32,
    /// A signed little-endian number of four bytes.
    I32,
    /// An unsigned little-endian number of eight bytes.
    U64,
    /// A big-endian IEEE number of eight bytes.
    F64,
    /// Text up to a line feed.
    Line,
    /// Two such texts.
    Lines,
    /// Bytes behind their count of one byte.
    Counted1,
    /// Bytes behind their unsigned count of four bytes.
    Counted4,
    /// Bytes behind their signed count of four bytes.
    Signed4,
    /// Bytes behind their count of eight bytes.
    Counted8,
}

/// Whether an opcode has this code.
pub fn is_opcode(code: u8) -> bool {
    find(code).is_some()
}

macro_rules! opcodes {
    ($($name:ident $code:literal $form:ident),+ $(,)?) => {
        $(pub(super) const $name: u8 = $code;)+

        /// Name and form of the opcode with this code.
        pub(super) fn find(code: u8) -> Option<(&'static str, Form)> {
            match code {
                $($code => Some((stringify!($name), Form::$form)),)+
                _ => None,
            }
        }
    };
}

opcodes! {
    // Numbers, text, bytes.
    INT b'I' Line, BININT b'J' I32, BININT1 b'K' U8, BININT2 b'M' U16, LONG b'L' Line, LONG1 0x8a Counted1,
    LONG4 0x8b Signed4, FLOAT b'F' Line, BINFLOAT b'G' F64, NONE b'N' Nothing, NEWTRUE 0x88 Nothing,
    NEWFALSE 0x89 Nothing, STRING b'S' Line, BINSTRING b'T' Signed4, SHORT_BINSTRING b'U' Counted1,
    UNICODE b'V' Line, SHORT_BINUNICODE 0x8c Counted1, BINUNICODE b'X' Counted4, BINUNICODE8 0x8d Counted8,
    BINBYTES b'B' Counted4, SHORT_BINBYTES b'C' Counted1, BINBYTES8 0x8e Counted8, BYTEARRAY8 0x96 Counted8,
    NEXT_BUFFER 0x97 Nothing, READONLY_BUFFER 0x98 Nothing,
    // Containers.
    EMPTY_LIST b']' Nothing, APPEND b'a' Nothing, APPENDS b'e' Nothing, LIST b'l' Nothing, EMPTY_TUPLE b')' Nothing,
    TUPLE b't' Nothing, TUPLE1 0x85 Nothing, TUPLE2 0x86 Nothing, TUPLE3 0x87 Nothing, EMPTY_DICT b'}' Nothing,
    DICT b'd' Nothing, SETITEM b's' Nothing, SETITEMS b'u' Nothing, EMPTY_SET 0x8f Nothing, ADDITEMS 0x90 Nothing,
    FROZENSET 0x91 Nothing,
    // The stack and the memo.
    POP b'0' Nothing, DUP b'2' Nothing, MARK b'(' Nothing, POP_MARK b'1' Nothing, GET b'g' Line, BINGET b'h' U8,
    LONG_BINGET b'j' U32, PUT b'p' Line, BINPUT b'q' U8, LONG_BINPUT b'r' U32, MEMOIZE 0x94 Nothing,
    // What would run code.
    EXT1 0x82 U8, EXT2 0x83 U16, EXT4 0x84 I32, GLOBAL b'c' Lines, STACK_GLOBAL 0x93 Nothing, REDUCE b'R' Nothing,
    BUILD b'b' Nothing, INST b'i' Lines, OBJ b'o' Nothing, NEWOBJ 0x81 Nothing, NEWOBJ_EX 0x92 Nothing,
    PERSID b'P' Line, BINPERSID b'Q' Nothing,
    // The pickle itself.
    PROTO 0x80 U8, STOP b'.' Nothing, FRAME 0x95 U64,
}
