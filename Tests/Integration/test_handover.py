"""A new process takes over from the one that runs: `anteroom upgrade`."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from authority import Authority
from gateway import PASSWORD, binary, configuration, run, site
from rawhttp import Client, message
from test_reload import ADMIN, changes, reload, status
from test_reload import apply as bring_into_force
from test_socket_activation import listening, port
from upstream import answer
from visitor import Visitor
from waiting import processes_of_session, until

HOST = [("Host", "app.test")]


def text(upstream, more="open /open/*", top=ADMIN, workers=2, **options):
    return configuration(site(upstream.url, more=more), top=top, **options).replace("workers 2", f"workers {workers}")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def program(tmp_path):
    """A path by which gateways are started, and at which another program can be put."""
    made = tmp_path / "anteroom"
    made.symlink_to(binary())
    return made


@pytest.fixture
def front(make_gateway, upstream, program):
    return make_gateway(text(upstream), program=str(program))


def chat(exchange):
    """An app with an echo behind an upgrade, and nothing else to say."""
    if exchange.get("Upgrade") is None:
        exchange.read_body()
        return answer(200, "x")
    exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            exchange.send(exchange.link.line() + b"\r\n")


def open_socket(visitor):
    client = Client(visitor.port)
    client.send(
        "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: %s\r\nCookie: %s\r\n\r\n" % (visitor.authority, visitor.origin, visitor.cookie_header()))
    assert client.head().status == 101
    assert echoes(client)
    return client


def echoes(client):
    client.send("hello\r\n")
    return client._line() == b"hello"


def signed_in(gateway, user="ann"):
    visitor = Visitor(gateway.port)
    visitor.sign_in(user)
    return visitor


def status_of(visitor, jar=None):
    """What a request of the visitor, with the cookies `jar`, is answered."""
    other = Visitor(visitor.port)
    other.jar = dict(visitor.jar if jar is None else jar)
    return other.fetch("/x").status


def ended(process):
    return process.wait(15) == 0


# MARK: the turn


def test_the_new_process_accepts_and_a_kept_connection_of_the_old_one_is_answered_with_close(front, upstream):
    old = front.process
    with Client(front.port) as kept:
        assert not kept.request("GET", "/open/before", HOST).says_close
        front.upgrade()
        assert front.pid != old.pid and status(front)["process"]["id"] == front.pid
        assert status(front)["process"]["predecessors"] == [old.pid] and f"process {old.pid} has handed over" in run("status", "--config", str(front.file)).stdout
        with Client(front.port) as new:
            for _ in range(2):
                assert not new.request("GET", "/open/new", HOST).says_close
            response = kept.request("GET", "/open/after", HOST)
            assert response.status == 200 and response.says_close
            kept.expect_end()
            assert ended(old)
            assert not new.request("GET", "/open/new", HOST).says_close
    front.wait_for_log("the earlier process has ended", f"process={old.pid}")
    assert status(front)["process"]["predecessors"] == []
    assert reload(front).stdout == "reloaded\n"


def test_an_answer_that_began_before_does_not_end_its_connection_the_next_one_does(make_gateway, make_upstream):
    go_on = threading.Event()

    def app(exchange):
        if exchange.target == "/open/slow":
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf:")
            assert go_on.wait(20)
            exchange.send(b"whole")
            return None
        return answer(200, "x")

    upstream = make_upstream(app)
    gateway = make_gateway(text(upstream))
    with Client(gateway.port) as client:
        client.send(message("GET", "/open/slow", HOST))
        response = client.head()
        until(lambda: b"half:" in client.buffer or client.more(), 5, "the first half")
        gateway.upgrade()
        go_on.set()
        client.body(response)
        assert response.body == b"half:whole" and not response.says_close
        response = client.request("GET", "/open/next", HOST)
        assert response.status == 200 and response.says_close
        client.expect_end()
    assert ended(gateway.process)


def test_tls_connections_are_handed_over_as_well(make_gateway, upstream, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    gateway = make_gateway(text(upstream, listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))
    made = ssl.create_default_context(cafile=str(authority.pem))

    def connect():
        return made.wrap_socket(socket.create_connection(("127.0.0.1", gateway.port), 10), server_hostname="app.test")

    def ask(stream):
        stream.sendall(message("GET", "/open/x", HOST))
        response = http.client.HTTPResponse(stream, method="GET")
        response.begin()
        return response.status, response.getheader("Connection"), len(response.read()) > 0

    with connect() as kept, socket.create_connection(("127.0.0.1", gateway.port), 10) as silent:
        assert ask(kept) == (200, None, True)
        gateway.upgrade()
        assert ask(kept) == (200, "close", True)
        assert kept.recv(1) == b""
        with connect() as new:
            assert ask(new) == (200, None, True)
        # Accepted before, and spoken to only now.
        with made.wrap_socket(silent, server_hostname="app.test") as late:
            assert ask(late) == (200, "close", True)
    assert ended(gateway.process)


def test_an_idle_connection_ends_with_its_idle_timeout(make_gateway, upstream):
    gateway = make_gateway(text(upstream, top=ADMIN + "limits { idle_timeout 2s }\n"))
    with Client(gateway.port) as idle:
        assert idle.request("GET", "/open/x", HOST).status == 200
        gateway.upgrade()
        idle.expect_end()
    assert ended(gateway.process)


def test_a_new_configuration_comes_with_it(make_gateway, upstream, make_upstream):
    other = make_upstream()
    first = listening()
    number = port(first)
    first.close()
    gateway = make_gateway(text(upstream, top=ADMIN + f"listen 127.0.0.1:{number}\n"))
    with Client(number) as kept:
        assert kept.request("GET", "/open/x", HOST).status == 200
        # The second listener goes, and the app changes.
        gateway.file.write_text(text(other))
        gateway.upgrade()
        with Client(gateway.port) as client:
            assert client.request("GET", "/open/y", HOST).status == 200
        assert other.targets == ["/open/y"]
        assert kept.request("GET", "/open/z", HOST).status == 200 and upstream.targets[-1] == "/open/z"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", number))
    assert ended(gateway.process)


@pytest.mark.parametrize("counts", [(1, 4, 2), (4, 1, 3)])
def test_every_connection_finds_a_worker_whatever_their_numbers(make_gateway, upstream, counts):
    gateway = make_gateway(text(upstream, workers=counts[0]))
    for count in counts[1:]:
        gateway.file.write_text(text(upstream, workers=count))
        gateway.upgrade()
        assert status(gateway)["workers"]["count"] == count
        clients = [Client(gateway.port) for _ in range(200)]
        for client in clients:
            client.send(message("GET", "/open/x", HOST))
        assert [client.response().status for client in clients] == [200] * 200
        for client in clients:
            client.close()


def test_passed_sockets_are_passed_on_and_the_service_manager_hears_who_is_in_charge(make_gateway, upstream, tmp_path):
    name = str(tmp_path / "notify")
    with listening() as one, listening() as unnamed, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(10)
        both = text(upstream, listen=f"127.0.0.1:{port(one)}", top=ADMIN + f"listen 127.0.0.1:{port(unnamed)}\n")
        gateway = make_gateway(both, sockets=[one, unnamed], environment={"NOTIFY_SOCKET": name})
        assert manager.recv(1000) == b"READY=1"
        gateway.file.write_text(text(upstream, listen=f"127.0.0.1:{port(one)}"))
        reload(gateway)
        assert manager.recv(1000).startswith(b"RELOADING=1") and manager.recv(1000) == b"READY=1"
        gateway.upgrade()
        assert manager.recv(1000) == b"MAINPID=%d" % gateway.pid
        assert ended(gateway.process)
        with Client(port(unnamed)) as waiting, Client(port(one)) as client:
            waiting.send(message("GET", "/open/waited", HOST))
            assert client.request("GET", "/open/x", HOST).status == 200
            # The new process has the socket too, though no listener named it meanwhile.
            gateway.file.write_text(both)
            reload(gateway)
            assert waiting.response().status == 200
            assert manager.recv(1000).startswith(b"RELOADING=1") and manager.recv(1000) == b"READY=1"
        gateway.stop()
        assert manager.recv(1000) == b"STOPPING=1"
        with Client(port(one)) as waiting:
            waiting.send(message("GET", "/open/x", HOST))
            gateway.start()
            assert waiting.response().status == 200


# MARK: under load


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_six_reloads_and_a_hand_over_under_wrk(make_gateway, make_upstream):
    first, second = make_upstream(), make_upstream()
    gateway = make_gateway(text(first))
    ann = signed_in(gateway)
    load = subprocess.Popen(
        ["wrk", "-t2", "-c16", "-d12s", "--timeout", "10s", "-H", "Host: app.test", "-H", f"Cookie: {ann.cookie_header()}",
         f"http://127.0.0.1:{gateway.port}/patients?patient_id=770077"], stdout=subprocess.PIPE, text=True)

    def load_goes_on():
        seen = len(first.requests) + len(second.requests)
        until(lambda: len(first.requests) + len(second.requests) > seen + 50 or load.poll() is not None, 30, "requests after that")

    for number, (sites, top) in enumerate(changes(first, second), start=1):
        bring_into_force(gateway, number, sites, top)
        load_goes_on()
        if number == 3:
            gateway.upgrade()
            load_goes_on()
    still_running = load.poll() is None
    output = load.communicate(timeout=30)[0]
    assert still_running, f"the load ended too early:\n{output}"
    assert "Socket errors" not in output and "Non-2xx" not in output, output
    answered = int(re.search(r"(\d+) requests in", output)[1])
    gateway.stop()
    opened = [record for record in gateway.audit() if "770077" in json.dumps(record)]
    # Those that were under way at the end are recorded, and not counted by wrk.
    assert answered <= len(opened) <= answered + 16, (answered, len(opened), gateway.audit()[-1:])


def test_hand_overs_under_load_lose_no_connection(make_gateway, upstream):
    gateway = make_gateway(text(upstream))
    over, faults, counts = threading.Event(), [], []

    def ask(each):
        count = 0
        try:
            while not over.is_set():
                with Client(gateway.port) as client:
                    for _ in range(each):
                        response = client.request("GET", "/open/x", HOST)
                        assert response.status == 200, response
                        count += 1
                        if response.says_close:
                            break
        except Exception as fault:  # told by the test
            faults.append(repr(fault))
        counts.append(count)

    threads = [threading.Thread(target=ask, args=(1 if number % 2 else 20,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for count in (3, 1, 2):
        gateway.file.write_text(text(upstream, workers=count))
        seen = len(upstream.requests)
        gateway.upgrade()
        until(lambda: len(upstream.requests) > seen + 200 or faults, 30, "requests after the hand-over")
    over.set()
    for thread in threads:
        thread.join(20)
    assert not faults, faults
    assert len(counts) == 8 and min(counts) > 0


# MARK: what goes wrong changes nothing


def in_force(gateway, kept, old):
    """Everything is as it was."""
    assert gateway.process.pid == old and gateway.process.poll() is None
    assert processes_of_session(old) == [old]
    assert not kept.request("GET", "/open/kept", HOST).says_close
    for _ in range(20):
        with Client(gateway.port) as client:
            assert client.request("GET", "/open/new", HOST).status == 200
    assert status(gateway)["process"] == {"id": old, "predecessors": [], "successor": None}
    ann = signed_in(gateway)
    jar = dict(ann.jar)
    assert status_of(ann) == 200
    ann.logout()
    assert status_of(ann, jar) == 401
    assert reload(gateway).stdout == "reloaded\n"
    gateway.restart()
    assert status_of(Visitor(gateway.port), jar) == 401


# What the new process says, as if it were one of ours: 2 and no descriptors is "ready".
PRETENDS = """#!/usr/bin/env python3
import os, socket, sys
channel = socket.socket(fileno=int(os.environ["ANTEROOM_HANDOVER"]))
channel.setblocking(True)
assert channel.recv(65536)[0] == 1
channel.send(bytes([2, 0, 0, 0, 0]))
while channel.recv(65536)[0] != 4:
    pass
print("pretender: nobody accepts", flush=True)
%s
"""


@pytest.mark.parametrize("wrong", ["missing", "no program", "not executable", "ends", "other words", "ends at its turn", "says nonsense at its turn"])
def test_a_wrong_program_leaves_the_old_one_in_force(front, program, wrong):
    old = front.process.pid
    with Client(front.port) as kept:
        assert kept.request("GET", "/open/x", HOST).status == 200
        program.unlink()
        files = {
            "no program": "no program at all", "not executable": "#!/bin/sh\n", "ends": "#!/bin/sh\necho I am wrong\nexit 3\n",
            "other words": "#!/usr/bin/env python3\nimport os, socket, time\ns = socket.socket(fileno=int(os.environ['ANTEROOM_HANDOVER']))\ns.send(b'hello')\ntime.sleep(60)\n",
            "ends at its turn": PRETENDS % "", "says nonsense at its turn": PRETENDS % "channel.send(b'hello')\nchannel.recv(1)",
        }
        if wrong in files:
            program.write_text(files[wrong])
            program.chmod(0o644 if wrong == "not executable" else 0o755)
        said = front.upgrade(expected=1).stderr
        assert {
            "missing": "cannot be started", "no program": "cannot be started", "not executable": "cannot be started", "ends": "ended before it was ready",
            "other words": "does not understand", "ends at its turn": "ended before it was ready", "says nonsense at its turn": "does not understand",
        }[wrong] in said
        front.wait_for_log("not handed over: this process goes on")
        if "turn" in wrong:
            front.wait_for_log("pretender: nobody accepts")
        program.unlink(missing_ok=True)
        program.symlink_to(binary())
        in_force(front, kept, old)
    front.upgrade()


def test_who_connects_while_a_hand_over_fails_is_answered_all_the_same(front, program):
    program.unlink()
    program.write_text(PRETENDS % "open(os.path.dirname(sys.argv[0]) + '/turn', 'w').close()\nimport time\ntime.sleep(60)\n")
    program.chmod(0o755)
    said = []
    asking = threading.Thread(target=lambda: said.append(front.upgrade(expected=1)))
    asking.start()
    until((program.parent / "turn").exists, 20, "the turn")
    clients = [Client(front.port) for _ in range(50)]
    for client in clients:
        client.send(message("GET", "/open/x", HOST))
    pretender = next(one for one in processes_of_session(front.process.pid) if one != front.process.pid)
    os.kill(pretender, signal.SIGKILL)
    assert [client.response().status for client in clients] == [200] * 50
    for client in clients:
        client.close()
    asking.join(20)
    assert "ended before it was ready" in said[0].stderr


@pytest.mark.parametrize("fault", ["directive", "state", "address"])
def test_a_wrong_configuration_is_told_and_changes_nothing(front, upstream, fault):
    old = front.process.pid
    good = front.file.read_text()
    with Client(front.port) as kept, listening() as taken:
        assert kept.request("GET", "/open/x", HOST).status == 200
        front.file.write_text({
            "directive": good + "listne 127.0.0.1:1\n", "state": good.replace("state state/", "state other/"),
            "address": good + f"listen 127.0.0.1:{port(taken)}\n",
        }[fault])
        said = front.upgrade(expected=78 if fault == "directive" else 1).stderr
        assert {"directive": "unknown directive `listne`", "state": "that takes a restart", "address": "cannot listen on"}[fault] in said
        front.file.write_text(good)
        in_force(front, kept, old)


def test_the_end_does_not_wait_for_a_hand_over_that_hangs(front, program):
    program.unlink()
    program.write_text(PRETENDS % "import time\ntime.sleep(60)\n")
    program.chmod(0o755)
    asking = threading.Thread(target=lambda: run("upgrade", "--config", str(front.file)))
    asking.start()
    front.wait_for_log("pretender: nobody accepts")
    front.signal(signal.SIGTERM)
    assert ended(front.process)
    until(lambda: not processes_of_session(front.process.pid), 5, "the new process to be gone")
    asking.join(10)


def test_a_gateway_without_an_admin_socket_or_that_is_about_to_end_cannot(make_gateway, upstream, front):
    silent = make_gateway(text(upstream, top=""))
    assert "names no admin socket" in silent.upgrade(expected=1).stderr
    assert run("upgrade", "--config", str(front.file), "more").returncode == 64


# MARK: what one of the two does holds at the other


def test_a_logout_at_the_new_process_ends_what_its_session_has_at_the_old_one(make_gateway, make_upstream):
    gateway = make_gateway(text(make_upstream(chat)))
    ann, bob = signed_in(gateway), signed_in(gateway, "bob")
    with open_socket(ann) as ended_socket, open_socket(bob) as lasting, Client(gateway.port) as kept:
        assert kept.request("GET", "/x", ann.headers()).status == 200
        gateway.upgrade()
        assert echoes(ended_socket) and echoes(lasting)
        jar = dict(ann.jar)
        ann.logout()
        ended_socket.expect_end()
        ann.jar = jar
        assert kept.request("GET", "/x", ann.headers()).status == 401
        assert echoes(lasting) and gateway.process.poll() is None
        lasting.close()
        assert ended(gateway.process)


@pytest.mark.parametrize("upgrades", [1, 2])
def test_a_logout_at_the_oldest_process_holds_at_the_newest_and_after_a_restart(make_gateway, make_upstream, upgrades):
    gateway = make_gateway(text(make_upstream(chat)))
    ann = signed_in(gateway)
    with Client(gateway.port) as kept:
        page = ann.navigate("/.anteroom/logout")
        jar = dict(ann.jar)
        assert kept.request("GET", "/x", ann.headers()).status == 200
        for _ in range(upgrades):
            gateway.upgrade()
        with open_socket(ann) as ended_socket:
            usual, ann.connect = ann.connect, lambda **options: contextlib.nullcontext(kept)
            assert page.submit({}, page.form("token")).status == 200
            ann.connect = usual
            assert status_of(ann, jar) == 401
            ended_socket.expect_end()
        kept.expect_end()
        assert ended(gateway.process)
    gateway.restart()
    assert status_of(ann, jar) == 401


def test_three_generations_of_processes_tell_each_other(make_gateway, make_upstream):
    gateway = make_gateway(text(make_upstream(chat)))
    ann, bob = signed_in(gateway), signed_in(gateway, "bob")
    with contextlib.ExitStack() as stack:
        sockets = []
        for _ in range(3):
            sockets.append((stack.enter_context(open_socket(ann)), stack.enter_context(open_socket(bob))))
            gateway.upgrade()
        kept = stack.enter_context(Client(gateway.port))
        page = bob.navigate("/.anteroom/logout")
        ann.logout()
        for of_ann, of_bob in sockets:
            of_ann.expect_end()
            assert echoes(of_bob)
        assert page.submit({}, page.form("token")).status == 200
        for _, of_bob in sockets:
            of_bob.expect_end()
        assert ended(gateway.process)
        until(lambda: processes_of_session(gateway.process.pid) == [gateway.pid], 15, "the earlier processes to end")
        assert kept.request("GET", "/open/x", HOST).status == 200


def test_a_process_stays_as_long_as_those_before_it_have_connections(make_gateway, make_upstream):
    gateway = make_gateway(text(make_upstream(chat), top=ADMIN + "shutdown_timeout 0s\n"))
    ann = signed_in(gateway)
    with open_socket(ann) as lasting:
        for _ in range(3):
            # Those in the middle have no connections of their own.
            gateway.upgrade()
            assert echoes(lasting)
        assert gateway.process.poll() is None and len(processes_of_session(gateway.process.pid)) == 4
        ann.logout()
        lasting.expect_end()
    assert ended(gateway.process)
    until(lambda: processes_of_session(gateway.process.pid) == [gateway.pid], 15, "all but the last to end")


def test_a_lock_and_a_way_back_that_is_too_long_for_an_address_go_along(make_gateway, upstream):
    throttle = "login password { users users.passwd; throttle { account 2 in 10m; address 1000 in 10m; lock 1m } }"
    gateway = make_gateway(configuration(site(upstream.url, login=throttle), top=ADMIN))

    def attempt(password):
        visitor = Visitor(gateway.port)
        return visitor.navigate(visitor.navigate("/").location).sign_in("bob", password).status

    assert [attempt("wrong wrong wrong") for _ in range(3)][-1] == 429
    ann = Visitor(gateway.port)
    target = "/patients?patient_id=7&note=" + "x" * 6000
    login = ann.navigate(ann.navigate(target).location)
    gateway.upgrade()
    back = login.sign_in()
    assert back.status == 303 and back.location == target
    assert attempt(PASSWORD) == 429


# MARK: the end of the old one


def test_the_old_process_ends_with_handover_timeout(make_gateway, make_upstream):
    gateway = make_gateway(text(make_upstream(chat), top=ADMIN + "handover_timeout 1s\nshutdown_timeout 1s\n"))
    ann = signed_in(gateway)
    with open_socket(ann) as cut:
        gateway.upgrade()
        cut.expect_end()
    assert ended(gateway.process)
    assert status_of(ann) == 200


def test_the_old_process_ends_when_the_new_one_does_and_leaves_its_folders(make_gateway, make_upstream):
    gateway = make_gateway(text(make_upstream(chat), top=ADMIN + "shutdown_timeout 1s\n"))
    ann = signed_in(gateway)
    with open_socket(ann) as cut:
        gateway.upgrade()
        os.kill(gateway.pid, signal.SIGKILL)
        cut.expect_end()
    assert ended(gateway.process)
    gateway.process, gateway.successor = None, None
    gateway.start()
    assert status_of(Visitor(gateway.port), ann.jar) == 200


def test_an_ordinary_end_of_the_new_process_leaves_nothing_behind(make_gateway, upstream):
    gateway = make_gateway(text(upstream))
    gateway.upgrade()
    admin = gateway.directory / "run" / "admin.sock"
    assert ended(gateway.process) and admin.exists()
    gateway.stop()
    assert not admin.exists()


@pytest.mark.skipif(subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode != 0, reason="no namespaces here")
def test_process_1_refuses(make_gateway, upstream, tmp_path):
    directory = tmp_path / "one"
    directory.mkdir()
    (directory / "users.passwd").write_text("ann:x\n")
    (directory / "users.passwd").chmod(0o600)
    (directory / "gateway.conf").write_text(text(upstream))
    process = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", binary(), "run", "--config", str(directory / "gateway.conf")], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        until((directory / "run" / "admin.sock").exists, 20, "the admin socket")
        done = until(lambda: (lambda done: done if "process 1" in done.stderr else None)(run("upgrade", "--config", str(directory / "gateway.conf"))), 20, "the refusal")
        assert done.returncode == 1 and "start a container of the new image instead" in done.stderr
    finally:
        process.kill()
        process.wait(10)
