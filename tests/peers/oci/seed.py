"""Models for the peer, by plain PUTs of the OCI distribution interface. The weights are made up.

`models/tiny`: v1 and v2 (ModelPack, each file a raw layer), packed (the same as a tar layer), kit (KitOps, tar+gzip layers),
both (an index of v1 and v2); `models/large`: latest, 12 MB; `private/tiny`: v1; `tools/none`: v1, no model at all.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
import urllib.request

from adapters import adapter, large

BASE = sys.argv[1]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PACK = "application/vnd.cncf.model"
KIT = "application/vnd.kitops.modelkit"


def send(method, url, data=None, kind="application/octet-stream"):
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.headers


def blob(name, kind, data, **annotations):
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    place = send("POST", f"{BASE}/v2/{name}/blobs/uploads/", b"")["Location"]
    send("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", data)
    described = {"mediaType": kind, "digest": digest, "size": len(data)}
    return described | ({"annotations": annotations} if annotations else {})


def manifest(name, tag, body, kind=MANIFEST):
    data = json.dumps({"schemaVersion": 2, "mediaType": kind} | body).encode()
    digest = send("PUT", f"{BASE}/v2/{name}/manifests/{tag}", data, kind)["Docker-Content-Digest"]
    return {"mediaType": kind, "digest": digest, "size": len(data)}


def pack(name, tag, layers):
    config = {"descriptor": {"name": name, "version": tag}, "modelfs": {"type": "layers", "diffIds": []}, "config": {}}
    described = blob(name, f"{PACK}.config.v1+json", json.dumps(config).encode())
    return manifest(name, tag, {"artifactType": f"{PACK}.manifest.v1+json", "config": described, "layers": layers})


def raw(name, files):
    def layer(path, data):
        part = "weight.config" if path.endswith(".json") else "weight"
        return blob(name, f"{PACK}.{part}.v1.raw", data, **{"org.cncf.model.filepath": path})

    return [layer(path, data) for path, data in files.items()]


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def kit(name, tag):
    model = gzip.compress(tar(adapter(8, 0x10)), mtime=0)
    docs = gzip.compress(tar({"README.md": b"# made up\n"}), mtime=0)
    layers = [blob(name, f"{KIT}.model.v1.tar+gzip", model), blob(name, f"{KIT}.docs.v1.tar+gzip", docs)]
    info = lambda layer: {"layerInfo": {"digest": layer["digest"]}}
    kitfile = {
        "manifestVersion": "1.0.0",
        "package": {"name": "tiny", "version": "1.0.0"},
        "model": {"name": "tiny", "path": "./adapter", **info(layers[0])},
        "docs": [{"path": "./README.md", **info(layers[1])}],
    }
    config = blob(name, f"{KIT}.config.v1+json", json.dumps(kitfile).encode())
    manifest(name, tag, {"config": config, "layers": layers})


def main():
    tiny = "models/tiny"
    both = [pack(tiny, tag, raw(tiny, adapter(8, fill))) for tag, fill in (("v1", 0x10), ("v2", 0x20))]
    manifest(tiny, "both", {"manifests": both}, INDEX)
    layer = blob(tiny, f"{PACK}.weight.v1.tar", tar(adapter(8, 0x10)), **{"org.cncf.model.filepath": "adapter"})
    pack(tiny, "packed", [layer])
    kit(tiny, "kit")
    pack("models/large", "latest", raw("models/large", large()))
    pack("private/tiny", "v1", raw("private/tiny", adapter(8, 0x30)))
    config = blob("tools/none", "application/vnd.oci.empty.v1+json", b"{}")
    manifest("tools/none", "v1", {"artifactType": "application/vnd.example", "config": config, "layers": []})


main()
