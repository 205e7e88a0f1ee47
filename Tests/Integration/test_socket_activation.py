"""Sockets that a service manager has bound, as sd_listen_fds(3) has it, and what it hears, as sd_notify(3) has it."""

import shutil
import signal
import socket
import subprocess
import sys

import pytest

from gateway import ACTIVATE, binary, configuration, run, site
from rawhttp import Client, message
from upstream import refused_port
from waiting import until

HOST = [("Host", "app.test")]
ADMIN = "admin run/admin.sock\n"


def listening(address="127.0.0.1", family=socket.AF_INET, backlog=512):
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((address, 0))
    made.listen(backlog)
    return made


@pytest.fixture
def sockets():
    made = []

    def make(*arguments, **more):
        made.append(listening(*arguments, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def port(one):
    return one.getsockname()[1]


def text(upstream, *ports, workers=2, top=ADMIN):
    lines = "".join(f"listen 127.0.0.1:{one}\n" for one in ports[1:])
    made = configuration(site(upstream.url, more="open /*"), top=top + lines, listen=f"127.0.0.1:{ports[0]}")
    return made.replace("workers 2", f"workers {workers}")


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_connection_at_a_passed_socket_finds_a_worker(make_gateway, upstream, sockets, workers):
    one = sockets()
    make_gateway(text(upstream, port(one), workers=workers), sockets=[one])
    for _ in range(5):
        clients = [Client(port(one)) for _ in range(60)]
        for number, client in enumerate(clients):
            client.send(message("GET", f"/{number}", HOST))
        assert [client.response().status for client in clients] == [200] * 60
        for client in clients:
            client.close()


def test_what_waits_in_the_queue_while_nobody_runs_is_answered_by_the_next(make_gateway, upstream, sockets):
    one = sockets()
    gateway = make_gateway(text(upstream, port(one), workers=3), sockets=[one])
    for _ in range(3):
        process = gateway.process
        gateway.signal(signal.SIGSTOP)
        clients = [Client(port(one)) for _ in range(100)]
        for client in clients:
            client.send(message("GET", "/before", HOST))
        gateway.signal(signal.SIGTERM)
        gateway.signal(signal.SIGCONT)
        assert process.wait(15) == 0
        clients += [Client(port(one)) for _ in range(100)]
        for client in clients[100:]:
            client.send(message("GET", "/between", HOST))
        gateway.stop()
        gateway.start()
        assert [client.response().status for client in clients] == [200] * 200
        for client in clients:
            client.close()


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd-socket-activate is not installed")
def test_systemds_own_tool_passes_what_is_used(upstream, tmp_path):
    (tmp_path / "users.passwd").write_text("ann:x\n")
    (tmp_path / "users.passwd").chmod(0o600)
    number = refused_port()
    (tmp_path / "gateway.conf").write_text(text(upstream, number))
    with open(tmp_path / "output", "wb") as output:
        process = subprocess.Popen(
            ["systemd-socket-activate", "-l", f"127.0.0.1:{number}", binary(), "run", "--config", str(tmp_path / "gateway.conf")],
            stdout=output, stderr=output)
    try:
        until(lambda: b"Listening on" in (tmp_path / "output").read_bytes() or process.poll() is not None, 10, "the tool to listen")
        # The first connection has the gateway started, and waits for it.
        with Client(number) as client:
            assert client.request("GET", "/", HOST).status == 200
            assert not client.request("GET", "/", HOST).says_close
        process.terminate()
        assert process.wait(15) == 0
        assert f"listening=http://127.0.0.1:{number}" in (tmp_path / "output").read_text()
    finally:
        process.kill()
        process.wait(10)


def test_a_listener_that_was_not_passed_is_bound_as_usual(make_gateway, upstream, sockets):
    one = sockets()
    gateway = make_gateway(text(upstream, 0, port(one)), sockets=[one])
    assert gateway.port != port(one)
    for number in (gateway.port, port(one)):
        with Client(number) as client:
            assert client.request("GET", "/", HOST).status == 200


def test_a_wildcard_and_ipv6_are_found_by_their_addresses(make_gateway, upstream, sockets):
    every, six = sockets("0.0.0.0"), sockets("::1", socket.AF_INET6)
    made = configuration(site(upstream.url, more="open /*"), top=f"listen [::1]:{port(six)}\n", listen=f"0.0.0.0:{port(every)}")
    # The address in the line that says ready is not the usual one.
    make_gateway(made + "\n", sockets=[every, six])
    with Client(port(every)) as client:
        assert client.request("GET", "/", HOST).status == 200
    with socket.create_connection(("::1", port(six)), 5) as client:
        client.sendall(message("GET", "/", [*HOST, ("Connection", "close")]))
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def refused(upstream, tmp_path, given, *ports):
    """Starts one that must not come up, and returns what it says."""
    (tmp_path / "users.passwd").write_text("ann:x\n")
    (tmp_path / "users.passwd").chmod(0o600)
    file = tmp_path / "gateway.conf"
    file.write_text(text(upstream, *ports, top=""))
    descriptors = [one.fileno() for one in given]
    done = subprocess.run(
        [sys.executable, "-c", ACTIVATE, ",".join(map(str, descriptors)), binary(), "run", "--config", str(file)], pass_fds=descriptors,
        capture_output=True, text=True, timeout=30)
    assert done.returncode == 1, done
    return done.stderr


def test_a_socket_that_no_listener_names_is_a_fault_that_names_the_mend(upstream, tmp_path, sockets):
    one, other = sockets(), sockets()
    said = refused(upstream, tmp_path, [one, other], port(one))
    assert f"a socket was passed that no listener names: 127.0.0.1:{port(other)} (add `listen 127.0.0.1:{port(other)}`" in said


@pytest.mark.parametrize("kind", ["unix", "datagram", "deaf", "both families"])
def test_what_is_no_listening_socket_of_one_family_is_a_fault(upstream, tmp_path, kind):
    made = {
        "unix": lambda: socket.socket(socket.AF_UNIX), "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "deaf": lambda: socket.socket(socket.AF_INET), "both families": lambda: socket.socket(socket.AF_INET6),
    }[kind]()
    with made:
        if kind != "unix":
            made.bind(("::" if kind == "both families" else "127.0.0.1", 0))
        if kind == "both families":
            made.listen()
        said = refused(upstream, tmp_path, [made], 0)
    assert "a socket that was passed cannot be used" in said
    assert {"unix": "no internet socket", "datagram": "does not listen", "deaf": "does not listen", "both families": "BindIPv6Only=ipv6-only"}[kind] in said


def test_a_listener_may_go_and_come_back(make_gateway, upstream, sockets):
    one, other = sockets(), sockets()
    gateway = make_gateway(text(upstream, port(one), port(other)), sockets=[one, other])
    gateway.file.write_text(text(upstream, port(one)))
    reload = run("reload", "--config", str(gateway.file))
    assert reload.returncode == 0 and f"whoever connects to 127.0.0.1:{port(other)} waits for nobody" in reload.stdout
    with Client(port(other)) as waiting, Client(port(one)) as client:
        waiting.send(message("GET", "/waited", HOST))
        assert client.request("GET", "/", HOST).status == 200
        assert "/waited" not in upstream.targets
        gateway.file.write_text(text(upstream, port(one), port(other)))
        reload = run("reload", "--config", str(gateway.file))
        assert reload.returncode == 0 and "waits for nobody" not in reload.stdout
        assert waiting.response().status == 200


def test_variables_of_another_process_are_not_ours(make_gateway, upstream, sockets):
    one = sockets()
    gateway = make_gateway(text(upstream, 0), environment={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    with Client(gateway.port) as client:
        assert client.request("GET", "/", HOST).status == 200


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_service_manager_hears_of_start_reload_and_end(make_gateway, upstream, tmp_path, kind):
    name = str(tmp_path / "notify") if kind == "path" else f"@anteroom-test-{tmp_path}"[:100]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name if kind == "path" else "\0" + name[1:])
        manager.settimeout(10)
        gateway = make_gateway(text(upstream, 0), environment={"NOTIFY_SOCKET": name})
        assert manager.recv(1000) == b"READY=1"
        assert run("reload", "--config", str(gateway.file)).returncode == 0
        reloading, at = manager.recv(1000).split(b"\n")
        assert reloading == b"RELOADING=1" and at.startswith(b"MONOTONIC_USEC=") and at[15:].isdigit()
        assert manager.recv(1000) == b"READY=1"
        gateway.stop()
        assert manager.recv(1000) == b"STOPPING=1"
