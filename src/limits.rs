//! Every cap, with its reason. Nothing else in the crate decides how much is too much.

use crate::error::{Error, Result};

/// Longest safetensors header read: the format's own cap.
pub const SAFETENSORS_HEADER: u64 = 100_000_000;
/// Longest `.npy` header read: NumPy itself refuses more than 10,000 bytes unless asked; structured types need more.
pub const NPY_HEADER: u64 = 1 << 20;
/// Largest text file parsed as a document (JSON): a 500,000-entry shard index is about 60 MB.
pub const DOCUMENT: u64 = 64 << 20;
/// Largest JSON file looked into without being named as configuration, metrics or an index: datasets are JSON too.
pub const DOCUMENT_UNNAMED: u64 = 4 << 20;
/// Nesting of a document: deeper is an attack on the stack, not a configuration.
pub const DOCUMENT_DEPTH: usize = 96;
/// Values and keys of one JSON document: those of a shard index of half a million tensors, some 90 bytes each with their texts.
pub const JSON_VALUES: u64 = 1_200_000;
/// Values kept of one document: enough for a large shard index, bounded in memory.
pub const DOCUMENT_VALUES: u64 = 2_000_000;
/// Largest configuration in YAML, TOML or plain lines: real ones have some kilobytes.
pub const CONFIGURATION: u64 = 1 << 20;
/// Values of a configuration: lists of class names are the longest things in them.
pub const CONFIGURATION_VALUES: u64 = 50_000;
/// Largest log that is read, one value or row a line: ten seconds of a worker.
pub const LOG: u64 = 512 << 20;
/// Bytes that the rows of one log take in memory, about half a million of them; of more, evenly many are kept.
pub const LOG_MEMORY: u64 = 80 << 20;
/// Bytes that one row of a log takes in memory: a larger one is data, and none of its kinds of rows could be thinned away.
pub const LOG_ROW: u64 = 256 << 10;
/// Kinds of rows of one log, each thinned by itself: training, evaluation, and what else a program reports.
pub const LOG_KINDS: usize = 64;
/// Largest checksum manifest: about two hundred thousand lines, each three times as long in memory.
pub const MANIFEST: u64 = 16 << 20;
/// Longest statement whose signature is checked: one of 100,000 files is about that size.
pub const SIGNED: usize = 16 << 20;
/// Longest file taken as a key or a certificate: a chain of several has some kilobytes.
pub const KEY: u64 = 64 << 10;
/// Values of one document that cross to the page: a tree view of more is of no use, and copying it takes seconds.
pub const DOCUMENT_VALUES_SHOWN: u64 = 100_000;
/// Bytes of a document that cross to the page: a text of megabytes is not read in a tree.
pub const DOCUMENT_BYTES_SHOWN: u64 = 16 << 20;
/// Bytes in which a manifest shows what it is: longer text without a digest in them is not read to the end.
pub const MANIFEST_HEAD: u64 = 64 << 10;
/// Longest text file that is kept as it is: a pointer is a path, a tag a word, a digest 64 characters.
pub const SHORT_TEXT: u64 = 4096;
/// Claims looked at to find out which folder a manifest that lies elsewhere is about.
pub const MANIFEST_SAMPLE: usize = 256;
/// Files of one name looked at for one such claim: a tree can hold a million `config.json`.
pub const MANIFEST_CANDIDATES: usize = 1000;
/// Metrics kept of one checkpoint: writers log dozens; a file of thousands of numbers is not a metrics file.
pub const METRICS: usize = 1000;
/// Entries of one opened tree: the page lists them all.
pub const ENTRIES: u64 = 2_000_000;
/// Archives inside archives.
pub const ARCHIVE_DEPTH: usize = 4;
/// Longest extension header of a tar (a long name, PAX records): real ones are a few hundred bytes.
pub const TAR_EXTENSION: u64 = 1 << 20;
/// Zeros behind the end of a tar that are looked through for more: writers fill up to 10 KiB, some to a megabyte.
pub const TAR_ZEROS: u64 = 1 << 20;
/// Zeros at the end of a broken file that are looked through for where they begin: a few milliseconds.
pub const ZEROS_LOOKED_AT: u64 = 16 << 20;
/// Members of a zip whose local headers are read and compared when it is listed; of more, the rest is left.
pub const LOCAL_HEADERS: usize = 1000;
/// Longest path of an entry, in bytes: longer is not a file name.
pub const PATH: usize = 4096;
/// Inflated bytes kept in memory for random access to one compressed member; beyond, it is re-read from its start.
pub const INFLATE_IN_MEMORY: u64 = 64 << 20;
/// Inflated bytes of one member against its stored bytes: deflate cannot do better than 1032 : 1.
pub const EXPANSION_RATIO: u64 = 1100;
/// Inflated bytes of a gzip stream from which on it may not inflate more than [`GUNZIP_RATIO`] : 1; and that ratio. Weights
/// reach 2 : 1, logs 20 : 1, an optimizer full of zeros 1000 : 1, but not for gigabytes beside its weights.
pub const GUNZIP: u64 = 1 << 30;
/// See [`GUNZIP`].
pub const GUNZIP_RATIO: u64 = 200;
/// Tensors listed of one file: four times those of the largest models in a single one, each some 400 bytes in a worker.
pub const TENSORS: u64 = 200_000;
/// Bytes of the texts that a safetensors header carries beside its tensors: real ones have some kilobytes.
pub const METADATA: usize = 4 << 20;
/// Longest text inside a binary header (a key, a chat template): a larger one is data, or a lie.
pub const HEADER_TEXT: u64 = 16 << 20;
/// Longest GGUF header: the tokens and merges of the largest vocabularies take about 20 MB.
pub const GGUF_HEADER: u64 = 256 << 20;
/// Messages of one HDF5 object, and objects of one of its heaps: an object with thousands of attributes is a lie.
pub const HDF5_MESSAGES: u64 = 100_000;
/// Dimensions of a tensor: NumPy stops at 64, PyTorch at 64.
pub const DIMENSIONS: usize = 64;
/// Opcodes of one pickle: half a million tensors take about 20 million.
pub const PICKLE_OPCODES: u64 = 40_000_000;
/// Bytes that reading one pickle takes, its values, stack and memo: a hundred thousand tensors make about 1.6 million values,
/// of 32 bytes each and what they hold.
pub const PICKLE_MEMORY: u64 = 80 << 20;
/// Longest text of a pickle that is kept; names and settings are shorter, longer ones are data.
pub const PICKLE_TEXT: u64 = 1 << 20;
/// All kept texts of one pickle.
pub const PICKLE_TEXTS: u64 = 48 << 20;
/// Longest line of a pickle of protocol 0, data written as text included: finding the end of one is one step.
pub const PICKLE_LINE: u64 = 64 << 20;
/// Longest line that is held in memory: the longest text that is kept, each byte of it as an escape of four.
pub const PICKLE_LINE_KEPT: usize = 4 << 20;
/// Opcodes of a pickle that stands where none is expected: enough to see what it imports.
pub const PICKLE_HIDDEN_OPCODES: u64 = 200_000;
/// Places of one file where pickles are looked for beside those its loader reads: bytes, texts, members, gaps.
pub const PICKLE_HIDDEN: usize = 4096;
/// Pickles in pickles, and bytes of one place that are unpacked to be looked into (base64, zlib).
pub const PICKLE_HIDDEN_DEPTH: usize = 4;
/// Bytes of one place that are searched, or unpacked: an attack is a few hundred.
pub const PICKLE_HIDDEN_BYTES: u64 = 1 << 20;
/// Inflated bytes of a compressed pickle that are kept in memory.
pub const PICKLE_PACKED: u64 = 64 << 20;
/// Longest whole number of a pickle shown in decimal, in bytes: the conversion takes quadratic time.
pub const PICKLE_NUMBER: u64 = 256;
/// Different imports of one pickle, and different things done with them: real ones have dozens.
pub const PICKLE_IMPORTS: usize = 10_000;
/// Longest module or name of an import that is kept whole: real ones have dozens of characters, and none of a list has more.
pub const PICKLE_NAME: usize = 512;
/// Characters of the arguments of a call shown: a command or an address fits.
pub const PICKLE_ARGUMENTS: usize = 300;
/// Elements of a small array that is read with the document: a value for each step of a run.
pub const ARRAY_VALUES: u64 = 4096;
/// Bytes of all such arrays of one file: reading headers stays fast.
pub const ARRAY_VALUES_BYTES: u64 = 64 << 10;
/// Bytes of a text file shown at once: the viewer pages through the rest.
pub const TEXT_WINDOW: u64 = 64 << 10;
/// Elements of a tensor shown at once: the viewer pages through the rest.
pub const VALUES_WINDOW: u64 = 4096;
/// Rows and columns of such a window: a square of them.
pub const VALUES_SIDE: u64 = 64;
/// Bytes of a tensor that are brought into another order at a time, when two are compared whose orders differ: few passes
/// over its file, and both sides fit in a worker.
pub const WEIGHTS_BAND: u64 = 16 << 20;
/// Tensors and configuration values of a run whose checkpoints are compared, each with the one before, when its sheet is
/// shown: a second of the page's own time.
pub const SHEET_WORK: usize = 1_000_000;
/// Differences told of each two neighbours of a run: what changes between them is a few values; a comparison tells all.
pub const SHEET_ROWS: usize = 100;
/// Rank of two adapters together whose updates are compared: a million products a row of theirs; real ranks end at 256.
pub const LORA_RANKS: u64 = 1024;
/// Bytes of a checkpoint behind a URL that are read to compare its values without being asked once more.
pub const WEIGHED_FROM_AFAR: u64 = 64 << 20;
/// Bytes of a tensor that is looked at without being asked: fast enough to be there when the eye is.
pub const EXAMINED_AT_ONCE: u64 = 16 << 20;
/// Fewest bytes of a tensor that are worth a worker of their own: starting one costs about what reading them does.
pub const SHARE: u64 = 32 << 20;
/// Findings kept for one file: a damaged file can break in every entry; the rest is counted.
pub const FINDINGS: usize = 1000;
/// Differences told of two configurations: a longer list is two different files, not two versions of one.
pub const CONFIG_ROWS: usize = 10_000;
/// Metrics of the history of a checkpoint, and positions of each that are told: a screen has not more pixels.
pub const HISTORY_SERIES: usize = 64;
/// See [`HISTORY_SERIES`].
pub const HISTORY_POINTS: usize = 4096;
/// Steps of finding which elements of the lists of two configurations belong together, over all lists: two of 2,000 that have
/// nothing in common take them all, in a tenth of a second. What is left is compared by position.
pub const CONFIG_ALIGNING: usize = 4_000_000;
/// Runs told in the Markdown report: a folder of thousands is read as data, and the JSON report is.
pub const MARKDOWN_RUNS: usize = 50;
/// Rows of one table of the Markdown report: longer ones are read as data too.
pub const MARKDOWN_ROWS: u64 = 100;
/// Characters of one text in the Markdown report: a name of a megabyte is not read by anyone.
pub const MARKDOWN_TEXT: usize = 300;
/// Times that one request to a URL is sent before it has failed: more is not patience but load on a server in trouble.
pub const URL_TRIES: u32 = 3;
/// Longest answer of a registry that is read: a page of a thousand checkpoints takes half a megabyte.
pub const ANSWER: u64 = 16 << 20;
/// Runs, or checkpoints, listed of one registry: a server may page for ever.
pub const REGISTRY_ITEMS: usize = 100_000;
/// Files and folders of one repository of the Hub: each becomes a row, and one file of weights a request.
pub const HUB_ITEMS: usize = 10_000;
/// One read from a source while streaming: measured fastest for files in browsers.
pub const BLOCK: usize = 8 << 20;

/// Checks a claim against a cap before anything is allocated for it.
///
/// # Errors
/// [`Error::Limit`] when `asked` is above `cap`.
pub fn check(limit: &'static str, cap: u64, asked: u64) -> Result<()> {
    if asked > cap { Err(Error::Limit { limit, cap, asked }) } else { Ok(()) }
}
