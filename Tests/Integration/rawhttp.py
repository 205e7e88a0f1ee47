"""A client on a bare socket: sends exactly the bytes it is told to, and reads answers strictly."""

import re
import socket

STATUS_LINE = re.compile(rb"^HTTP/1\.([01]) ([1-5][0-9][0-9]) ([\t \x21-\x7e\x80-\xff]*)$")
FIELD_NAME = re.compile(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")


class Malformed(Exception):
    """The answer breaks HTTP's framing."""


class Truncated(Exception):
    """The connection ended before the answer did."""


class Response:
    def __init__(self, status, reason, fields, minor):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.minor = minor
        self.body = b""
        self.trailers = []
        self.interim = []
        self.close_delimited = False

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else default

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def says_close(self):
        return any("close" in value.lower() for value in self.all("Connection"))

    def everything(self):
        """The head and body as one text, to look for what must not be in it."""
        return "\n".join(f"{key}: {value}" for key, value in self.fields) + "\n\n" + self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


class Client:
    """One connection; from the loopback address `source`, if that matters, and with `prefix` before everything else."""

    def __init__(self, port, timeout=15.0, receive_buffer=None, tls=None, source=None, prefix=b""):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if prefix:
            self.socket.sendall(prefix)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="app.test")
        self.buffer = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def more(self):
        if self.ended:
            return False
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.ended = True
            return False
        self.buffer += data
        return True

    def _line(self):
        while b"\n" not in self.buffer:
            if len(self.buffer) > 1 << 20:
                raise Malformed("a line of more than 1 MB")
            if not self.more():
                raise Truncated(f"the connection ended within a line, after {self.buffer[:200]!r}")
        line, _, self.buffer = self.buffer.partition(b"\n")
        if not line.endswith(b"\r"):
            raise Malformed(f"bare LF after {line!r}")
        line = line[:-1]
        if b"\r" in line or b"\x00" in line:
            raise Malformed(f"CR or NUL within {line!r}")
        return line

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self.more():
                raise Truncated(f"{len(self.buffer)} of {count} bytes")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _fields(self):
        fields = []
        while True:
            line = self._line()
            if not line:
                return fields
            name, colon, value = line.partition(b":")
            if not colon or not FIELD_NAME.match(name):
                raise Malformed(f"field line {line!r}")
            fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))

    def head(self):
        """Reads a status line and its fields."""
        line = self._line()
        match = STATUS_LINE.match(line)
        if not match:
            raise Malformed(f"status line {line!r}")
        return Response(int(match[2]), match[3].decode("latin-1"), self._fields(), int(match[1]))

    def response(self, method="GET"):
        """Reads one whole answer; earlier 1xx ones are in `interim`."""
        interim = []
        while True:
            response = self.head()
            if response.status >= 200 or response.status == 101:
                break
            interim.append(response)
        response.interim = interim
        if response.status == 101:
            return response
        self.body(response, method)
        return response

    def body(self, response, method="GET"):
        """Reads the body that belongs to a head."""
        lengths = response.all("Content-Length")
        encodings = response.all("Transfer-Encoding")
        if lengths and encodings:
            raise Malformed("both Content-Length and Transfer-Encoding")
        if len(lengths) > 1:
            raise Malformed("two lengths")
        if method == "HEAD" or response.status in (204, 304):
            if response.status == 204 and (lengths or encodings):
                raise Malformed("framing fields on a 204")
            return
        if encodings:
            if [value.lower() for value in encodings] != ["chunked"]:
                raise Malformed(f"Transfer-Encoding {encodings}")
            self._chunks(response)
        elif lengths:
            if not re.fullmatch(r"[0-9]+", lengths[0]):
                raise Malformed(f"Content-Length {lengths[0]!r}")
            response.body = self._exactly(int(lengths[0]))
        else:
            response.close_delimited = True
            while self.more():
                pass
            response.body, self.buffer = self.buffer, b""

    def _chunks(self, response):
        parts = []
        while True:
            size = self._line().partition(b";")[0]
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
                raise Malformed(f"chunk size {size!r}")
            if int(size, 16) == 0:
                break
            parts.append(self._exactly(int(size, 16)))
            if self._exactly(2) != b"\r\n":
                raise Malformed("a chunk that does not end in CRLF")
        response.trailers = self._fields()
        response.body = b"".join(parts)

    def request(self, method, target, fields=(), body=None):
        """Sends a request and reads its answer. `fields` are written as given; a body gets its Content-Length."""
        self.send(message(method, target, fields, body))
        return self.response(method)

    def expect_end(self):
        """The peer ends the connection, and sends nothing before that."""
        while not self.buffer and self.more():
            pass
        assert not self.buffer, f"more bytes than the answer had: {self.buffer[:300]!r}"
        assert self.ended

    def rest(self):
        """Everything until the connection ends."""
        while self.more():
            pass
        data, self.buffer = self.buffer, b""
        return data


def message(method, target, fields=(), body=None):
    """The bytes of a request."""
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields]
    if body is not None:
        body = body if isinstance(body, bytes) else body.encode()
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")
