//! Safetensors files: one large, two with very many tensors.

use super::random::Random;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use xtask::process::Result;

struct Tensor {
    name: String,
    /// Element type and the bytes of one.
    dtype: (&'static str, u64),
    shape: Vec<u64>,
}

impl Tensor {
    fn new(name: impl Into<String>, shape: &[u64]) -> Tensor {
        Tensor { name: name.into(), dtype: ("BF16", 2), shape: shape.to_vec() }
    }

    fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.dtype.1
    }
}

/// One tensor of 2²⁹ BF16.
pub fn one_bf16(path: &Path) -> Result {
    write(path, &[Tensor::new("weight", &[1 << 29])])
}

/// One tensor of 2²⁸ F32, none of which has a short significand.
pub fn one_f32(path: &Path) -> Result {
    write(path, &[Tensor { dtype: ("F32", 4), ..Tensor::new("weight", &[1 << 28]) }])
}

/// 32 layers of nine tensors and three around them.
pub fn llama(path: &Path) -> Result {
    const HIDDEN: u64 = 2048;
    const KEYS: u64 = 256;
    const INNER: u64 = 5632;
    const WORDS: u64 = 32_000;
    let mut tensors = vec![Tensor::new("lm_head.weight", &[WORDS, HIDDEN])];
    tensors.push(Tensor::new("model.embed_tokens.weight", &[WORDS, HIDDEN]));
    for layer in 0..32 {
        let mut add = |name: &str, shape: &[u64]| {
            tensors.push(Tensor::new(format!("model.layers.{layer}.{name}.weight"), shape));
        };
        add("input_layernorm", &[HIDDEN]);
        add("mlp.down_proj", &[HIDDEN, INNER]);
        add("mlp.gate_proj", &[INNER, HIDDEN]);
        add("mlp.up_proj", &[INNER, HIDDEN]);
        add("post_attention_layernorm", &[HIDDEN]);
        add("self_attn.k_proj", &[KEYS, HIDDEN]);
        add("self_attn.o_proj", &[HIDDEN, HIDDEN]);
        add("self_attn.q_proj", &[HIDDEN, HIDDEN]);
        add("self_attn.v_proj", &[KEYS, HIDDEN]);
    }
    tensors.push(Tensor::new("model.norm.weight", &[HIDDEN]));
    write(path, &tensors)
}

/// 64 layers of 256 experts of three projections.
pub fn experts(path: &Path) -> Result {
    write(path, &mixture(64, 256, &["down_proj", "gate_proj", "up_proj"]))
}

/// [`experts`] with a few tensors renamed, of another shape, of another type.
pub fn experts_changed(path: &Path) -> Result {
    let mut tensors = mixture(64, 256, &["down_proj", "gate_proj", "up_proj"]);
    for (at, tensor) in tensors.iter_mut().enumerate() {
        match at % 40 {
            0 => tensor.name.push_str("_scale"),
            10 => tensor.shape = vec![8, 4],
            20 => tensor.dtype = ("F32", 4),
            _ => {}
        }
    }
    write(path, &tensors)
}

/// 50 tensors of F32, 1 GiB together.
pub fn before(path: &Path) -> Result {
    write_moved(path, |_| false)
}

/// [`before`], every tensor moved.
pub fn after(path: &Path) -> Result {
    write_moved(path, |_| true)
}

/// [`before`], every tenth tensor moved.
pub fn after_little(path: &Path) -> Result {
    write_moved(path, |at| at % 10 == 0)
}

/// Of tensors that moved the lower half of every significand is another.
fn write_moved(path: &Path, is_moved: impl Fn(usize) -> bool) -> Result {
    const FLIP: u64 = 0x0000_1234_0000_4321;
    let tensor = |at| Tensor { dtype: ("F32", 4), ..Tensor::new(format!("layers.{at}.weight"), &[5243, 1024]) };
    let tensors: Vec<Tensor> = (0..50).map(tensor).collect();
    let write = || -> io::Result<()> {
        let mut file = begin(path, &header(&tensors).0)?;
        for (at, tensor) in tensors.iter().enumerate() {
            let flip = if is_moved(at) { FLIP } else { 0 };
            Random::near(at as u64, flip).write_bf16(tensor.bytes(), &mut file)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    };
    write().map_err(|cause| format!("{}: {cause}", path.display()))
}

/// 50 layers of 1,000 experts of two projections.
pub fn more_experts(path: &Path) -> Result {
    write(path, &mixture(50, 1000, &["down_proj", "up_proj"]))
}

fn mixture(layers: u64, experts: u64, projections: &[&str]) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    for layer in 0..layers {
        for expert in 0..experts {
            for projection in projections {
                let name = format!("model.layers.{layer}.mlp.experts.{expert}.{projection}.weight");
                tensors.push(Tensor::new(name, &[4, 4]));
            }
        }
    }
    tensors
}

fn write(path: &Path, tensors: &[Tensor]) -> Result {
    write_to(path, tensors).map_err(|cause| format!("{}: {cause}", path.display()))
}

fn write_to(path: &Path, tensors: &[Tensor]) -> io::Result<()> {
    let (header, data_bytes) = header(tensors);
    let mut file = begin(path, &header)?;
    Random::new(data_bytes).write_bf16(data_bytes, &mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// A file with its header.
fn begin(path: &Path, header: &str) -> io::Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    Ok(file)
}

/// The JSON of the header, padded to eight bytes as the reference writer does, and the length of the data.
fn header(tensors: &[Tensor]) -> (String, u64) {
    let mut text = String::from(r#"{"__metadata__":{"format":"pt"}"#);
    let mut offset = 0;
    for tensor in tensors {
        let end = offset + tensor.bytes();
        let shape: Vec<String> = tensor.shape.iter().map(u64::to_string).collect();
        let (name, dtype, shape) = (&tensor.name, tensor.dtype.0, shape.join(","));
        // Writing to a string cannot fail.
        let _ = write!(text, r#","{name}":{{"dtype":"{dtype}","shape":[{shape}],"data_offsets":[{offset},{end}]}}"#);
        offset = end;
    }
    text.push('}');
    text.push_str(&" ".repeat(text.len().next_multiple_of(8) - text.len()));
    (text, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_json_that_covers_the_data() {
        let tensors = mixture(2, 3, &["down_proj", "up_proj"]);
        let (text, bytes) = header(&tensors);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 1 + 12);
        assert_eq!(json["model.layers.1.mlp.experts.2.up_proj.weight"]["data_offsets"][1], bytes);
        assert_eq!(text.len() % 8, 0);
    }
}
