"""Writes signatures.json: model folders signed by `model-signing` with keys and certificates of every curve, bundles that were
changed afterwards, and what the tool says to each with a key; and a statement of ours, signed by hand, that the tool takes.

    cargo test --test it what_we_write    (leaves our statement in target/tmp/written.statement.json)
    python tests/expected/signatures.py target/tmp/written.statement.json [python of model-signing 0.2]

Written with model-signing 1.1.1 and 0.2.0, cryptography 48. Keys are made anew each time and thrown away.

"cases": [{name, curve, bundle (text), key (PEM), accepted: what the tool says, spki and raw (hexadecimal; what WebCrypto is
to be given), signed (SHA-256 of the bytes that were signed), hint}]. "encodings": signatures of one message that are written
otherwise, with what OpenSSL says. "statement": {text, accepted, accepted_after_a_change}.
"""

import base64
import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import model_signing
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from model_signing._signing import sign_sigstore_pb

TREE = {"model.bin": "weights " * 40, "sub/config.json": '{"a": 1}\n', "sub/with space.txt": "x\n"}
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
TYPE = "application/vnd.in-toto+json"

OLD = """
import pathlib, sys
from model_signing import model
from model_signing.hashing import file, memory
from model_signing.serialization import serialize_by_file
from model_signing.signature import key
from model_signing.signing import in_toto, in_toto_signature
hasher = lambda path: file.SimpleFileHasher(path, memory.SHA256())
serializer = serialize_by_file.ManifestSerializer(file_hasher_factory=hasher)
signer = in_toto_signature.IntotoSigner(key.ECKeySigner.from_path(sys.argv[2]))
signed = model.sign(pathlib.Path(sys.argv[1]), signer, in_toto.DigestsIntotoPayload.from_manifest, serializer)
signed.write(pathlib.Path(sys.argv[3]))
"""


def plant(folder):
    for path, text in TREE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Weighbridge test")])
    start = datetime.datetime(2026, 1, 1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    return made.add_extension(usage, critical=False).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def taken(folder, bundle, key, is_certificate):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "model.sig").write_text(bundle)
        (place / "key.pem").write_text(key)
        config = model_signing.verifying.Config()
        if is_certificate:
            config = config.use_certificate_verifier(certificate_chain=[place / "key.pem"])
        else:
            config = config.use_elliptic_key_verifier(public_key=place / "key.pem")
        try:
            config.verify(folder, place / "model.sig")
            return True
        except Exception:
            return False


def signed(folder, key, certificates=None):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        (place / "key.pem").write_bytes(secret)
        config = model_signing.signing.Config()
        if certificates:
            (place / "cert.pem").write_text(certificates)
            config.use_certificate_signer(private_key=place / "key.pem", signing_certificate=place / "cert.pem", certificate_chain=[place / "cert.pem"])
        else:
            config.use_elliptic_key_signer(private_key=place / "key.pem")
        config.sign(folder, place / "model.sig")
        return (place / "model.sig").read_text()


def signed_by_old(folder, key, python):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
        subprocess.run([python, "-c", OLD, folder, place / "key.pem", place / "model.sig"], check=True)
        return (place / "model.sig").read_text()


def changed(bundle):
    """Another digest of a file than was signed, the rest in order."""
    whole = json.loads(bundle)
    payload = json.loads(base64.b64decode(whole["dsseEnvelope"]["payload"]))
    listed = payload["predicate"]["resources"]
    listed[0]["digest"] = hashlib.sha256(b"other").hexdigest()
    all_of_them = hashlib.sha256(b"".join(bytes.fromhex(item["digest"]) for item in listed))
    payload["subject"][0]["digest"]["sha256"] = all_of_them.hexdigest()
    whole["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps(whole)


def facts(name, curve, folder, bundle, key, is_certificate=False, is_old=False):
    whole = json.loads(bundle)["dsseEnvelope"]
    payload = base64.b64decode(whole["payload"])
    r, s = utils.decode_dss_signature(base64.b64decode(whole["signatures"][0]["sig"]))
    width = (CURVES[curve].key_size + 7) // 8
    public = (x509.load_pem_x509_certificate(key.encode()).public_key() if is_certificate else serialization.load_pem_public_key(key.encode()))
    written = lambda form, kind: public.public_bytes(form, kind)
    spki = written(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    hint = hashlib.sha256(written(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    encoded = sign_sigstore_pb.pae_compat(payload) if is_old else sign_sigstore_pb.pae(payload)
    row = {"name": name, "curve": curve, "bundle": bundle, "key": key, "accepted": taken(folder, bundle, key, is_certificate)}
    row |= {"spki": spki.hex(), "hint": hint, "signed": hashlib.sha256(encoded).hexdigest(), "is_old": is_old}
    row |= {"raw": (r.to_bytes(width, "big") + s.to_bytes(width, "big")).hex()} if max(r, s) < 256**width else {}
    print(name, row["accepted"])
    return row


def cases(folder, old):
    for curve, group in CURVES.items():
        key, other = ec.generate_private_key(group), ec.generate_private_key(group)
        bundle = signed(folder, key)
        yield facts(f"{curve} with its key", curve, folder, bundle, pem(key))
        yield facts(f"{curve} with a changed payload", curve, folder, changed(bundle), pem(key))
        yield facts(f"{curve} with another key", curve, folder, bundle, pem(other))
        held = certificate(key)
        bundle = signed(folder, key, held)
        yield facts(f"{curve} with its certificate", curve, folder, bundle, held, is_certificate=True)
        yield facts(f"{curve} with the certificate of another key", curve, folder, bundle, certificate(other), is_certificate=True)
        if old and curve == "P-256":
            bundle = signed_by_old(folder, key, old)
            yield facts("signed by 0.2", curve, folder, bundle, pem(key), is_old=True)
            yield facts("signed by 0.2, with another key", curve, folder, bundle, pem(other), is_old=True)


def encodings():
    """The same signature in other bytes: OpenSSL takes DER alone."""
    key = ec.generate_private_key(CURVES["P-256"])
    good = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    while good[3] != 0x21:  # a number with a zero in front
        good = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    body = good[2:]
    r, s = utils.decode_dss_signature(good)
    ways = {
        "DER": good,
        "a byte behind": good + b"\0",
        "a long length": b"\x30\x81" + bytes([len(body)]) + body,
        "no zero in front": b"\x30" + bytes([len(body) - 1]) + b"\x02\x20" + body[3:],
        "a zero too many": b"\x30" + bytes([len(body) + 1]) + b"\x02\x22\0" + body[2:],
        "the numbers alone": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "cut": good[:-1],
        "nothing": b"",
    }
    for name, way in ways.items():
        try:
            key.public_key().verify(way, b"message", ec.ECDSA(hashes.SHA256()))
            accepted = True
        except InvalidSignature:
            accepted = False
        yield {"name": name, "signature": way.hex(), "accepted": accepted}


def ours(folder, text):
    """Our statement as the payload of a bundle, and what the tool's own command says to it."""
    key = ec.generate_private_key(CURVES["P-256"])
    payload = text.encode()
    signature = key.sign(f"DSSEv1 {len(TYPE)} {TYPE} {len(payload)} ".encode() + payload, ec.ECDSA(hashes.SHA256()))
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": hashlib.sha256(pem(key).encode()).hexdigest()}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }

    def verify():
        with tempfile.TemporaryDirectory() as name:
            place = pathlib.Path(name)
            (place / "model.sig").write_text(json.dumps(bundle))
            (place / "key.pem").write_text(pem(key))
            command = [sys.executable, "-m", "model_signing", "verify", "key", folder, "--signature", place / "model.sig", "--public_key", place / "key.pem"]
            done = subprocess.run(command, capture_output=True, text=True)
            print("ours:", done.returncode, done.stdout.strip().splitlines()[-1:] or done.stderr.strip().splitlines()[-1:])
            return done.returncode == 0

    accepted = verify()
    (folder / "model.bin").write_text("other")
    return {"text": text, "accepted": accepted, "accepted_after_a_change": verify()}


def main():
    statement, old = pathlib.Path(sys.argv[1]), (sys.argv[2:] or [None])[0]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "written"
        folder.mkdir()
        plant(folder)
        found = {"cases": list(cases(folder, old)), "encodings": list(encodings()), "statement": ours(folder, statement.read_text())}
    lines = lambda rows: ",\n".join("  " + json.dumps(row, sort_keys=True) for row in rows)
    text = '{"cases": [\n' + lines(found["cases"]) + '\n], "encodings": [\n' + lines(found["encodings"]) + '\n], "statement": '
    (pathlib.Path(__file__).parent / "signatures.json").write_text(text + json.dumps(found["statement"], sort_keys=True) + "}\n")


if __name__ == "__main__":
    main()
