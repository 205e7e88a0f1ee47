"""Starts what a group of rows needs, asks every peer for the right answer, and measures in alternating rounds."""

import hashlib
import http.client
import random
import select
import shutil
import socket
import subprocess
from pathlib import Path

from peers import FILES, PEERS, Relay, compiler, nginx_app, unverified
from processes import Child, compile_program, cpu, forget_peak, memory, peak
from wrk import Wrong, wrk


class Bench:
    """The app, and the peers in front of it, each in a folder of its own below `folder`."""

    def __init__(self, folder, workers):
        self.folder = Path(folder)
        self.workers = workers
        self.running = []
        self.apps = {}
        self.number = 0
        self.programs = self.folder / "programs"
        self.programs.mkdir()

    def app(self, kind):
        if kind not in self.apps:
            if kind == "nginx":
                self.apps[kind] = nginx_app(self.folder / "app-nginx")
            else:
                program = compile_program("app", self.programs, compiler())
                self.apps[kind] = Child(self.folder / "app-own", lambda port: [str(program), str(port)])
        return self.apps[kind]

    def handshakes(self):
        """The program that makes TLS connections."""
        program = self.programs / "handshakes"
        return program if program.exists() else compile_program("handshakes", self.programs, compiler(), "-pthread", libraries=("-lssl", "-lcrypto"))

    def start(self, name, setting):
        self.number += 1
        folder = self.folder / f"{self.number}-{name}"
        folder.mkdir()
        more = {}
        if PEERS[name] is Relay:
            program = self.programs / "relay"
            more["program"] = program if program.exists() else compile_program("relay", self.programs, compiler(), "-pthread")
        peer = PEERS[name](folder, setting, self.app(setting.app).port, self.workers, **more)
        self.running.append((peer, folder))
        return peer

    def stop_peers(self):
        while self.running:
            peer, folder = self.running.pop()
            try:
                peer.stop()
            finally:
                # The audit trail of a fast round is large.
                shutil.rmtree(folder, ignore_errors=True)

    def stop(self):
        try:
            self.stop_peers()
        finally:
            for app in self.apps.values():
                app.stop()


class Entry:
    """One row at one peer."""

    def __init__(self, row, peer, people, folder, program=None):
        self.row, self.peer, self.people = row, peer, people
        self.mode = row.mode
        if row.mode[:1] == ("people",):
            path = folder / f"people-{row.name}-{peer.name}"
            path.write_text("".join(f"{host}\t{cookie}\n" for host, cookie in people))
            self.mode = ("people", path)
        self.path = row.path_of(peer.name)
        self.url = f"{'https' if row.setting.tls else 'http'}://127.0.0.1:{peer.port}{self.path}"
        self.program = program
        if row.mode[:1] == ("handshakes",):
            self.fields = folder / f"fields-{row.name}-{peer.name}"
            self.fields.write_text("".join(f"{name}: {value}\r\n" for name, value in self.headers()))

    def headers(self, person=0, signed_in=True):
        host, cookie = self.people[person % len(self.people)]
        return [("Host", host), *([("Cookie", cookie)] if signed_in and self.row.signed_in else []), *self.row.headers]

    def ask(self, path, method="GET", body=None, person=0, signed_in=True):
        """One request; the status, the length and the hash of the answer's body, and its first bytes."""
        if self.row.setting.tls:
            connection = http.client.HTTPSConnection("127.0.0.1", self.peer.port, timeout=60, context=unverified())
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.peer.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers(person, signed_in):
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            digest, length, first = hashlib.sha256(), 0, b""
            while piece := answer.read(1 << 20):
                digest.update(piece)
                length += len(piece)
                first = first or piece[:4096]
            return answer.status, length, digest.hexdigest(), first.decode("utf-8", "replace")
        finally:
            connection.close()

    def check(self):
        """Raises Wrong unless the peer answers as it has to, turns strangers away if it checks sessions, and tells the app the user and the patient."""
        row = self.row
        if self.peer.name in ("anteroom", "openidc") and row.signed_in and (status := self.ask(self.path, signed_in=False)[0]) not in (302, 401):
            raise Wrong(f"{self.peer.title} answers a stranger with {status}")
        upload = row.mode[:1] == ("upload",)
        for person in {0, len(self.people) - 1}:
            status, length, digest, text = self.ask(self.path, "POST" if upload else "GET", b"x" * row.mode[1] if upload else None, person)
            if isinstance(row.body, int):
                fine = length == row.body and digest == hashlib.sha256(b"x" * row.body).hexdigest()
            else:
                fine = row.body is None or text == row.body
            if status != row.status or not fine:
                raise Wrong(f"{self.peer.title} answers {self.url} with {status} and {length} bytes: {text[:500]}")
            if self.peer.name == "anteroom" and row.signed_in and row.setting.app == "nginx":
                status, _, _, text = self.ask("/echo?patient_id=4711", person=person)
                if status != 200 or text != f"patient=4711 user=user{person % row.setting.users}":
                    raise Wrong(f"the app behind Anteroom was told {text!r}")

    def load(self, seconds):
        pids = self.peer.pids
        forget_peak(pids)
        before = cpu(pids)
        found = self.handshakes(seconds) if self.program else wrk(self.url, seconds, self.row.connections, self.headers(), self.mode)
        after = cpu(pids)
        user, system = ((late - early) / found["count"] * 1e6 for early, late in zip(before, after))
        return {**found, "user": user, "system": system, "cpu": user + system, "peak": peak(pids)}

    def handshakes(self, seconds):
        """Connections with one request each; those that take up a session have to have found one."""
        command = [self.program, self.peer.port, seconds, self.row.connections, self.row.mode[1], self.fields, self.path]
        count, resumed, wrong = map(int, subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout.split())
        expected = count - self.row.connections if self.row.mode[1] == "resumed" else 0
        if wrong or not count or (resumed < 0.98 * expected if expected > 0 else resumed):
            raise Wrong(f"{self.peer.title}: of {count} handshakes {resumed} took up a session, and {wrong} came to nothing")
        return {"count": count, "rate": count / seconds}

    def beside_idle(self, seconds):
        """The same load without and with idle connections, and what each of these takes of the peer's memory."""
        alone = self.load(seconds)
        before = memory(self.peer.pids)
        held = hold(self.peer.port, self.row.idle, self.request(), unverified() if self.row.setting.tls else None)
        try:
            each = (memory(self.peer.pids) - before) / self.row.idle
            found = self.load(seconds)
            if closed := ended(held):
                raise Wrong(f"{self.peer.title} closed {closed} idle connections")
        finally:
            for connection in held:
                connection.close()
        return {**found, "p99_alone": alone["p99"], "rate_alone": alone["rate"], "idle_bytes": each}

    def request(self):
        return (f"GET {self.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in self.headers()) + "\r\n").encode()

    def measure(self, seconds):
        return self.beside_idle(seconds) if self.row.idle else self.load(seconds)


def hold(port, count, request, tls=None):
    """Opens `count` connections, has one answer on each, and returns them. Several source addresses: one has too few ports."""
    held = []
    try:
        while len(held) < count:
            batch = []
            for _ in range(min(64, count - len(held))):
                connection = socket.socket()
                held.append(connection)
                connection.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
                connection.bind((f"127.0.0.{2 + len(held) // 5000}", 0))
                connection.settimeout(20)
                connection.connect(("127.0.0.1", port))
                if tls:
                    connection = held[-1] = tls.wrap_socket(connection, server_hostname="app.test")
                connection.sendall(request)
                batch.append(connection)
            for connection in batch:
                if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
                    raise Wrong(f"an idle connection to port {port} got no answer")
    except BaseException:
        for connection in held:
            connection.close()
        raise
    return held


def ended(held):
    poll = select.poll()
    for connection in held:
        poll.register(connection, select.POLLRDHUP)
    return len(poll.poll(0))


def people_of(setting, anteroom):
    """Hosts and cookies: real sessions, or as long ones where Anteroom is not among the peers."""
    if anteroom:
        return anteroom.people
    return [(setting.hosts[number % setting.sites], f"anteroom={number:0>240}") for number in range(setting.sessions)]


def measure_group(bench, group, names, rounds, seconds, warm_up, say):
    """Measures the rows of one group; returns a list of results, one for each row, peer and round."""
    started, entries, results = {}, [], []
    try:
        for row in group:
            wanted = [name for name in names if name in row.peers]
            for name in sorted(wanted, key=lambda name: name != "anteroom"):
                if (name, row.setting) not in started:
                    started[name, row.setting] = bench.start(name, row.setting)
                peer = started[name, row.setting]
                people = peer.people or people_of(row.setting, started.get(("anteroom", row.setting)))
                entries.append(Entry(row, peer, people, bench.folder, bench.handshakes() if row.mode[:1] == ("handshakes",) else None))
        for entry in entries:
            entry.check()
        if warm_up:
            for entry in entries:
                entry.load(warm_up)
        for number in range(rounds):
            for entry in random.sample(entries, len(entries)):
                found = entry.measure(seconds)
                results.append({"row": entry.row.name, "peer": entry.peer.name, "round": number, **{key: round(value, 3) for key, value in found.items()}})
            say(f"{group[0].group}: round {number + 1} of {rounds}")
    finally:
        bench.stop_peers()
    return results
