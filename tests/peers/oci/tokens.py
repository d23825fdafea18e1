"""A token service for the registry: everyone may read `models/…` and `tools/…`, ann with her password the rest as well.

It makes a key of its own with openssl. `/asked` tells what it was asked, and with which `Authorization`.
"""

import base64
import json
import subprocess
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "weighbridge-peer"
ANN = "Basic " + base64.b64encode(b"ann:recognisable-0123456789").decode()
ASKED = []


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True, capture_output=True).stdout


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(access):
    now = int(time.time())
    header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(CERTIFICATE).decode()]}
    claims = {"iss": NAME, "aud": NAME, "sub": "", "nbf": now - 10, "iat": now, "exp": now + 300, "jti": str(time.time_ns())}
    text = ".".join(coded(json.dumps(part).encode()) for part in (header, claims | {"access": access}))
    return f"{text}.{coded(openssl('dgst', '-sha256', '-sign', 'key.pem', data=text.encode()))}"


def allowed(scope, is_ann):
    kind, name, actions = scope.split(":")
    is_open = kind == "registry" or name.startswith(("models/", "tools/"))
    granted = [action for action in actions.split(",") if action in ("pull", "*")] if is_open or is_ann else []
    return [{"type": kind, "name": name, "actions": granted}] if granted else []


class Answer(BaseHTTPRequestHandler):
    def do_OPTIONS(self):
        self.send(204, None)

    def do_GET(self):
        place = urllib.parse.urlsplit(self.path)
        if place.path != "/token":
            return self.send(200, ASKED)
        given = self.headers["Authorization"]
        ASKED.append({"target": self.path, "authorization": given})
        if given not in (None, ANN):
            return self.send(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong password"}]})
        scopes = urllib.parse.parse_qs(place.query).get("scope", [])
        return self.send(200, {"token": token([one for scope in scopes for one in allowed(scope, given == ANN)])})

    def send(self, status, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, what in (("Origin", "*"), ("Methods", "GET"), ("Headers", "authorization, accept")):
            self.send_header(f"Access-Control-Allow-{name}", what)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


days, subject = ("-days", "2"), ("-subj", f"/CN={NAME}")
openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", *days, *subject)
CERTIFICATE = openssl("x509", "-in", "certificate.pem", "-outform", "DER")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
