//! A manifest of the OCI's image specification: each layer has a SHA-256, and what its file is called is in an annotation.
//! ModelPack (the CNCF's) and ORAS name files so; what has no name is called after its place.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use super::json::{Lines, Node};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct OciManifest;

impl OciManifest {
    /// The annotations that name a layer's file, in the order they are looked for.
    pub const NAMES: [&str; 2] = ["org.cncf.model.filepath", "org.opencontainers.image.title"];

    /// What the files of layers are called, each given by its annotation and its media type: no two the same.
    pub fn paths(layers: impl Iterator<Item = (Option<String>, String)>) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for (named, media_type) in layers {
            let number = paths.len().saturating_add(1);
            let path = layer_path(named.as_deref(), &media_type, number);
            let path = if paths.contains(&path) { format!("{number}/{path}") } else { path };
            paths.push(path);
        }
        paths
    }
}

/// What the file of one layer is called: as it is named, if that stays inside of the folder; else by its number. Archives
/// end in `.tar`, `.tar.gz` or `.tar.zst`.
pub fn layer_path(named: Option<&str>, media_type: &str, number: usize) -> String {
    let named = named.map(|path| path.trim_start_matches("./").trim_end_matches('/'));
    let is_plain =
        |path: &&str| path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains(['\\', '\0']);
    let path = named.filter(is_plain).map_or_else(|| format!("layer-{number}"), str::to_owned);
    // `…model.weight.v1.tar`, `…modelkit.model.v1.tar+gzip`, `…image.layer.v1.tar+zstd`
    let ends = match media_type.rsplit('.').next().unwrap_or_default() {
        "tar" => [".tar", ".tar"],
        "tar+gzip" => [".tar.gz", ".tgz"],
        "tar+zstd" => [".tar.zst", ".tzst"],
        _ => return path,
    };
    let [first, _] = ends;
    if ends.iter().any(|end| path.ends_with(end)) { path } else { format!("{path}{first}") }
}

impl ManifestKind for OciManifest {
    fn id(&self) -> &'static str {
        "oci_manifest"
    }

    fn name(&self) -> &'static str {
        "OCI manifest"
    }

    fn parse_json(&self, _name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        if node.get("schemaVersion")?.number() != Some(2) {
            return None;
        }
        let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
        let layers = node.get("layers")?.list()?;
        let paths = Self::paths(layers.iter().map(|layer| {
            let named = |name: &&str| layer.get("annotations").and_then(|notes| notes.word(name)).map(str::to_owned);
            (Self::NAMES.iter().find_map(named), layer.word("mediaType").unwrap_or_default().to_owned())
        }));
        for (layer, path) in layers.iter().zip(paths) {
            let digest = layer.word("digest")?;
            let sha256 = digest.strip_prefix("sha256:").filter(|digest| fits(Algorithm::Sha256, digest));
            let Some(sha256) = sha256 else {
                let message = format!("{path}: a digest that is not a SHA-256 is not understood: {digest:?}");
                claims.report(Finding::warning("manifest-line", message));
                continue;
            };
            let size = layer.get("size").and_then(Node::number);
            claims.add(Claim { size, ..Claim::new(&path, (Algorithm::Sha256, sha256), lines.next(digest)) });
        }
        claims.some(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_called_as_they_are_named_and_never_lead_out() {
        let kit = "application/vnd.kitops.modelkit.model.v1.tar+gzip";
        for (named, media_type, path) in [
            (Some("a/model.safetensors"), "application/vnd.cncf.model.weight.v1.raw", "a/model.safetensors"),
            (Some("./adapter/"), "application/vnd.cncf.model.weight.v1.tar", "adapter.tar"),
            (Some("adapter.tgz"), kit, "adapter.tgz"),
            (None, kit, "layer-7.tar.gz"),
            (None, "application/vnd.oci.image.layer.v1.tar+zstd", "layer-7.tar.zst"),
            (None, "text/plain", "layer-7"),
            (Some("../evil"), "x", "layer-7"),
            (Some("/etc/passwd"), "x", "layer-7"),
            (Some("a\\b"), "x", "layer-7"),
            (Some(""), "x", "layer-7"),
        ] {
            assert_eq!(layer_path(named, media_type, 7), path, "{named:?}");
        }
        let twice = ["a", "a"].map(|name| (Some(name.to_owned()), "x".to_owned()));
        assert_eq!(OciManifest::paths(twice.into_iter()), ["a", "2/a"]);
    }

    #[test]
    fn layers_are_claims() {
        let sha256 = "9bbcbf73561f6bc5d0a17ea6a2081feed2d1304e87602d8c502d9a5c4bd85576";
        let text = format!(
            r#"{{"schemaVersion":2,"layers":[{{"mediaType":"x.raw","digest":"sha256:{sha256}","size":16,"annotations":{{"org.cncf.model.filepath":"m.safetensors"}}}},{{"mediaType":"x","digest":"sha512:00","size":1}}]}}"#
        );
        let (manifest, findings) = OciManifest.parse_json("m.json", &Node::parse(&text).unwrap(), &text).unwrap();
        let found: Vec<_> = manifest.lines.iter().map(|line| (line.path.as_str(), line.algorithm, line.size)).collect();
        assert_eq!(found, [("m.safetensors", Algorithm::Sha256, Some(16))]);
        assert_eq!(findings.len(), 1);
    }
}
