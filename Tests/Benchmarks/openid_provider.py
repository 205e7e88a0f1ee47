#!/usr/bin/python3
"""A small OpenID provider for one client, as mod_auth_openidc asks for one: authorization code flow, ID tokens signed with HS256.

Whoever comes is signed in at once: only the sessions that the client makes of it are of interest. The client insists on https, so there is a
certificate, which it is told not to check. Usage: openid_provider.py PORT SECRET CERTIFICATE KEY
"""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENT = "benchmark"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims, secret):
    text = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + "." + encoded(json.dumps(claims).encode())
    return text + "." + encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


class Provider(BaseHTTPRequestHandler):
    codes = {}

    def log_message(self, *_):
        pass

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        if address.path != "/authorize" or asked.get("client_id") != CLIENT:
            return self.send_error(404)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked.get("nonce")
        self.send_response(302)
        self.send_header("Location", asked["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": asked["state"]}))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        asked = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        credentials = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if self.path != "/token" or asked.get("code") not in self.codes or credentials != f"{CLIENT}:{sys.argv[2]}":
            return self.send_error(400)
        now = int(time.time())
        claims = {"iss": f"https://127.0.0.1:{sys.argv[1]}", "sub": "ann", "aud": CLIENT, "iat": now, "exp": now + 86400, "nonce": self.codes.pop(asked["code"])}
        body = json.dumps({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 86400, "id_token": signed(claims, sys.argv[2])}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
