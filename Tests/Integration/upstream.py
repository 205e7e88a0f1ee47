"""An app to stand behind the gateway: records every request's exact bytes, and answers whatever a test scripts."""

import json
import re
import socket
import struct
import threading


class Gone(Exception):
    """The gateway ended the connection."""


class Exchange:
    """One request on one connection, and the means to answer it in any way."""

    def __init__(self, link, head):
        self.link = link
        self.connection = link.number
        self.raw_head = head
        lines = head[:-4].split(b"\r\n")
        self.request_line = lines[0].decode("latin-1")
        self.method, self.target, self.version = self.request_line.split(" ")
        self.fields = []
        for line in lines[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            self.fields.append((name, value.strip(" \t")))
        self.body = None
        self.trailers = []
        self.raw_body = b""
        self.complete = False
        if not self.all("Content-Length") and not self.all("Transfer-Encoding"):
            self.body, self.complete = b"", True

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    def names(self):
        return [name.lower() for name, _ in self.fields]

    def read_body(self):
        """Reads the request's body to its end (once)."""
        if self.complete:
            return self.body
        if (self.get("Expect") or "").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.all("Transfer-Encoding"):
            self.body = self._chunked()
        else:
            self.body = self.link.exactly(int(self.get("Content-Length")))
        self.complete = True
        return self.body

    def _chunked(self):
        parts = []
        while True:
            size = int(self.link.line().partition(b";")[0], 16)
            if size == 0:
                break
            parts.append(self.link.exactly(size))
            assert self.link.exactly(2) == b"\r\n"
        while True:
            line = self.link.line()
            if not line:
                return b"".join(parts)
            self.trailers.append(line)

    def send(self, data):
        self.link.send(data)

    def close(self):
        self.link.close()

    def reset(self):
        """Ends the connection with a RST."""
        self.link.reset()

    def wait_for_end(self):
        """Waits until the gateway ends the connection; returns what came before that."""
        return self.link.rest()

    def __repr__(self):
        return f"<{self.request_line} {self.fields} on {self.connection}>"


class Link:
    def __init__(self, number, connection):
        self.number = number
        self.socket = connection
        self.buffer = b""
        self.open = True

    def more(self):
        try:
            data = self.socket.recv(262144)
        except OSError:
            data = b""
        if not data:
            raise Gone()
        self.buffer += data

    def until(self, mark, limit=1 << 20):
        while mark not in self.buffer:
            assert len(self.buffer) < limit
            self.more()
        data, _, self.buffer = self.buffer.partition(mark)
        return data

    def line(self):
        return self.until(b"\r\n")

    def exactly(self, count):
        parts, missing = [], count
        while missing:
            if not self.buffer:
                self.more()
            part, self.buffer = self.buffer[:missing], self.buffer[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def rest(self):
        try:
            while True:
                self.more()
        except Gone:
            data, self.buffer = self.buffer, b""
            return data

    def send(self, data):
        try:
            self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        except OSError as error:
            raise Gone() from error

    def close(self):
        self.open = False
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def reset(self):
        self.open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def answer(status=200, body=b"", fields=(), reason="Fine"):
    """The bytes of an answer with a length."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*parts, fields=(), trailer=b"", status=200):
    """The bytes of an answer in chunks."""
    lines = [f"HTTP/1.1 {status} Fine", "Transfer-Encoding: chunked"] + [f"{name}: {value}" for name, value in fields]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body + b"0\r\n" + trailer + b"\r\n"


def describe(exchange):
    """The default app: says as JSON what arrived."""
    body = exchange.read_body()
    seen = {
        "method": exchange.method, "target": exchange.target, "fields": exchange.fields, "length": len(body),
        "connection": exchange.connection,
    }
    text = json.dumps(seen).encode()
    fields = [("Content-Type", "application/json")]
    if exchange.method == "HEAD":
        return answer(200, text, fields)[: -len(text)]
    return answer(200, text, fields)


class Upstream:
    """Listens on a port of the kernel's choice. `app(exchange)` returns the bytes of an answer, or None when it has done all itself."""

    def __init__(self, app=describe, port=0, tls=None):
        self.app = app
        self.requests = []
        self.faults = []
        self.connections = 0
        self.lock = threading.Lock()
        self.links = []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        if tls:
            self.listener = tls.wrap_socket(self.listener, server_side=True, do_handshake_on_connect=False)
        self.port = self.listener.getsockname()[1]
        self.threads = []
        self.running = True
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self):
        return [exchange.target for exchange in list(self.requests)]

    @property
    def last(self):
        return self.requests[-1]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                if not self.running:
                    connection.close()
                    return
                self.connections += 1
                link = Link(self.connections, connection)
                self.links.append(link)
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, link):
        try:
            while link.open:
                head = link.until(b"\r\n\r\n") + b"\r\n\r\n"
                if not re.match(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^ \r\n]+ HTTP/1\.1\r\n", head):
                    raise AssertionError(f"the gateway sent the head {head!r}")
                exchange = Exchange(link, head)
                with self.lock:
                    self.requests.append(exchange)
                data = self.app(exchange)
                if data is not None:
                    link.send(data)
        except Gone:
            pass
        except OSError:
            pass
        except Exception as error:  # kept for the test: a thread's exception would be lost
            self.faults.append(error)
        finally:
            if link.open:
                link.close()

    def stop(self):
        with self.lock:
            self.running = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for link in list(self.links):
            try:
                link.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.acceptor.join(5)
        for thread in self.threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in self.threads), "a thread of the upstream hangs"


def refused_port():
    """A port on which nothing listens (it was the kernel's choice a moment ago)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
