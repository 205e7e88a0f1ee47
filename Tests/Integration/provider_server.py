"""The web server of the tests' own OpenID provider: requests as they came, answers, threads that end."""

import base64
import email.utils
import http.server
import json
import re
import socket
import sys
import threading
import time
import urllib.parse

LONGEST_WAIT = 40


class Received:
    """A request as it came."""

    def __init__(self, endpoint, method, target, fields, body):
        self.endpoint = endpoint
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.query = urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query, keep_blank_values=True)
        is_form = (self.get("Content-Type") or "").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
        self.form = urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form else []

    def get(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def parameters(self):
        """Query and form; a name that comes twice keeps the last value."""
        return dict(self.query + self.form)

    def raw(self):
        lines = [f"{self.method} {self.target}", *(f"{name}: {value}" for name, value in self.fields)]
        return "\n".join(lines).encode("latin-1", "replace") + b"\n\n" + self.body

    def __repr__(self):
        return f"<{self.endpoint}: {self.method} {self.target} {self.body[:300]!r}>"


def readings(data):
    """`data`, and whatever it is once percent-encoding, base64 or hexadecimal digits are taken off, up to three times."""
    found, fresh = {data}, {data}
    for _ in range(3):
        made = set()
        for each in fresh:
            made.add(urllib.parse.unquote_to_bytes(each.replace(b"+", b" ")))
            for piece in re.findall(rb"[A-Za-z0-9+/_-]{8,}", each):
                for cut in (piece, *re.split(rb"[+/]", piece)):
                    if len(cut) >= 8:
                        cut = cut[: len(cut) - (len(cut) % 4 == 1)]
                        made.add(base64.urlsafe_b64decode(cut.translate(bytes.maketrans(b"+/", b"-_")) + b"=" * (-len(cut) % 4)))
            for piece in re.findall(rb"(?:[0-9a-fA-F]{2}){6,}", each):
                made.add(bytes.fromhex(piece.decode()))
        fresh = made - found
        found |= made
    return found


class Answer:
    def __init__(self, status=200, body=b"", content_type="text/html; charset=utf-8", fields=()):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode()
        self.fields = [("Content-Type", content_type), *fields]

    @classmethod
    def json(cls, value, status=200, fields=()):
        return cls(status, json.dumps(value), "application/json", fields)

    @classmethod
    def to(cls, address, fields=()):
        return cls(302, b"", fields=[("Location", address), *fields])

    @classmethod
    def long(cls, size):
        """JSON that does not end before `size` bytes."""
        return cls(200, b'{"issuer": "' + b"x" * size + b'"}', "application/json")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address, provider, tls):
        """`provider` has the `ENDPOINTS` below its `path`, answers by `respond(received)`, and keeps `faults`."""
        self.provider = provider
        self.tls = tls
        self.open = set()
        self.has_ended = False
        self.threads = []
        self.lock = threading.Lock()
        super().__init__(address, Handler)

    def process_request(self, request, client_address):
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self.threads.append(thread)
        thread.start()

    def process_request_thread(self, request, client_address):
        request.settimeout(LONGEST_WAIT)
        try:
            if self.tls:
                request = self.tls.wrap_socket(request, server_side=True)
        except OSError:
            request.close()
            return
        with self.lock:
            if not self.has_ended:
                self.open.add(request)
        if request not in self.open:
            request.close()
            return
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request):
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that went away is no fault; all else is for the test."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.provider.faults.append(error)

    def end(self):
        self.server_close()
        with self.lock:
            self.has_ended = True
            for each in list(self.open):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        for thread in self.threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self.threads), "a thread of the provider hangs"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LONGEST_WAIT

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self):
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        endpoint = provider.ENDPOINTS.get(path[len(provider.path):]) if path.startswith(provider.path) else None
        answer = provider.respond(Received(endpoint or "elsewhere", self.command, self.path, self.headers.items(), body))
        date = email.utils.formatdate(time.time() + provider.clock, usegmt=True)
        lines = [f"HTTP/1.1 {answer.status} Fine", f"Date: {date}", f"Content-Length: {len(answer.body)}", *(f"{name}: {value}" for name, value in answer.fields)]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *_):
        pass
