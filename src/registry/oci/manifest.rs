//! Manifests: what kind of artifact one is, its layers as files, and what an index names.

use serde_json::Value;

use super::reference::is_digest;
use crate::manifest::OciManifest;
use crate::registry::json::{list, number, text};

/// What an answer to a question for a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Manifest {
    /// One artifact.
    Artifact(Artifact),
    /// Several manifests.
    Index(Vec<Child>),
}

/// One artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Artifact {
    /// What it is, in a word.
    pub(super) kind: &'static str,
    /// What it calls itself.
    pub(super) type_name: String,
    /// When it was made, as it says.
    pub(super) created: Option<String>,
    pub(super) layers: Vec<Layer>,
}

/// One layer: a file, or an archive of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) path: String,
    pub(super) digest: String,
    pub(super) size: u64,
}

/// What an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) digest: String,
    pub(super) notes: String,
}

impl Manifest {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let value: Option<Value> = serde_json::from_slice(body).ok();
        let Some(value) = value.filter(|value| number(value, "schemaVersion") == Some(2)) else {
            return Err("the answer is not a manifest of the OCI's image specification".to_owned());
        };
        if value.get("manifests").is_some_and(Value::is_array) {
            return Ok(Self::Index(list(&value, "manifests").iter().filter_map(child).collect()));
        }
        let described = list(&value, "layers");
        let paths = OciManifest::paths(described.iter().map(|layer| {
            let named = |name: &&str| text(layer.get("annotations")?, name);
            (OciManifest::NAMES.iter().find_map(named), text(layer, "mediaType").unwrap_or_default())
        }));
        let layers = described.iter().zip(paths).filter_map(|(layer, path)| {
            let digest = text(layer, "digest").filter(|digest| is_digest(digest))?;
            Some(Layer { path, digest, size: number(layer, "size")? })
        });
        let layers: Vec<Layer> = layers.collect();
        if layers.len() != described.len() {
            return Err("a layer has no SHA-256 or no size".to_owned());
        }
        let config = value.get("config").and_then(|config| text(config, "mediaType"));
        let type_name = text(&value, "artifactType").or(config).unwrap_or_default();
        let created = value.get("annotations").and_then(|notes| text(notes, "org.opencontainers.image.created"));
        Ok(Self::Artifact(Artifact { kind: kind(&type_name), type_name, created, layers }))
    }
}

fn kind(type_name: &str) -> &'static str {
    match type_name {
        name if name.starts_with("application/vnd.cncf.model.") => "ModelPack",
        name if name.starts_with("application/vnd.kitops.modelkit.") => "KitOps",
        name if name.starts_with("application/vnd.oci.image.config.") => "image",
        _ => "artifact",
    }
}

fn child(item: &Value) -> Option<Child> {
    let digest = text(item, "digest").filter(|digest| is_digest(digest))?;
    let platform = item.get("platform").map(|platform| {
        let parts = ["os", "architecture", "variant"].into_iter().filter_map(|name| text(platform, name));
        parts.collect::<Vec<_>>().join("/")
    });
    let named = item.get("annotations").and_then(|notes| text(notes, "org.opencontainers.image.ref.name"));
    Some(Child { digest, notes: [platform, named].into_iter().flatten().collect::<Vec<_>>().join(" · ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_artifacts_type_or_its_configuration() {
        let read = |body: &str| match Manifest::read(body.as_bytes()).unwrap() {
            Manifest::Artifact(artifact) => (artifact.kind, artifact.layers.len()),
            Manifest::Index(children) => ("index", children.len()),
        };
        let layer = format!(r#"{{"mediaType":"x","digest":"sha256:{}","size":1}}"#, "a".repeat(64));
        let with = |more: &str| format!(r#"{{"schemaVersion":2,{more},"layers":[{layer}]}}"#);
        let config = |name: &str| with(&format!(r#""config":{{"mediaType":"application/vnd.{name}.config.v1+json"}}"#));
        assert_eq!(read(&with(r#""artifactType":"application/vnd.cncf.model.manifest.v1+json""#)), ("ModelPack", 1));
        assert_eq!(read(&config("kitops.modelkit")), ("KitOps", 1));
        assert_eq!(read(&config("oci.image")), ("image", 1));
        assert_eq!(read(&with(r#""artifactType":"x""#)), ("artifact", 1));
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{layer},{{"digest":"md5:1"}}]}}"#);
        assert_eq!(read(&index), ("index", 1));
        let no_digest = r#"{"schemaVersion":2,"layers":[{"digest":"md5:0","size":1}]}"#;
        for wrong in ["", "<html>", "[]", "{}", r#"{"schemaVersion":1}"#, no_digest] {
            assert!(Manifest::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
