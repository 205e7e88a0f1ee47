"""Clients that speak TLS to the gateway, on Python's ssl."""

import http.client
import socket
import ssl
import threading


def context(authority, **changes):
    made = ssl.create_default_context(cafile=str(authority.pem))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def connect(gateway, made, name="app.test", **more):
    return made.wrap_socket(socket.create_connection(("127.0.0.1", gateway.port), 10), server_hostname=name, **more)


def ask(stream, path="/open/x", host="app.test", more=""):
    """One request over a connection that stays, with `more` lines in its head; the answer's status and body."""
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
    answer = http.client.HTTPResponse(stream, method="GET")
    answer.begin()
    return answer.status, answer.read()


def shown_certificate(gateway, made, name="app.test"):
    """The certificate that the gateway shows, in DER."""
    with connect(gateway, made, name) as stream:
        return stream.getpeercert(True)


class Load:
    """Clients that ask one request after the other, some on one connection and some on a new one each time, until it is left.

    None of them may see a failure.
    """

    def __init__(self, gateway, made, kept=2, fresh=2):
        self.gateway, self.made = gateway, made
        self.faults = []
        self.answers = {"kept": 0, "fresh": 0}
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(kind,)) for kind in ["kept"] * kept + ["fresh"] * fresh]

    def _run(self, kind):
        try:
            while not self.ends.is_set():
                with connect(self.gateway, self.made) as stream:
                    asked = 0
                    while not self.ends.is_set() and (kind == "kept" or asked < 3):
                        assert ask(stream)[0] == 200
                        asked += 1
                        self.answers[kind] += 1
        except Exception as fault:
            self.faults.append((kind, fault))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join(30)
        assert not self.faults, self.faults[:3]
        assert min(self.answers.values()) > 20, self.answers
