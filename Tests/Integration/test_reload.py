"""Changing the configuration while requests go on, and asking the gateway how it is: SIGHUP, `anteroom reload`, `anteroom status`."""

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import threading

import pytest

from gateway import ROOT, account, accounts, binary, configuration, run, site, write_accounts
from rawhttp import Client, Truncated
from upstream import answer, refused_port
from visitor import Visitor
from waiting import until

ADMIN = "admin run/admin.sock\n"


def write(gateway, *sites, top=ADMIN, listen=None):
    """Puts another gateway.conf in place at once, on the same port as before."""
    new = gateway.file.with_suffix(".new")
    new.write_text(configuration(*sites, top=top, listen=listen or "127.0.0.1:0"))
    new.rename(gateway.file)


def reload(gateway, expected=0):
    done = run("reload", "--config", str(gateway.file))
    assert done.returncode == expected, done.stdout + done.stderr
    return done


def status(gateway):
    done = run("status", "--json", "--config", str(gateway.file))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def held(exchange_is_here, go_on):
    """An app that says when a request for /open/slow is there, and answers it when it may."""

    def app(exchange):
        exchange.read_body()
        if exchange.target.startswith("/open/slow"):
            exchange_is_here.release()
            assert go_on.wait(20)
        return answer(body=json.dumps({"app": exchange.target, "header": exchange.get("X-Mark")}), fields=[("Content-Type", "application/json")])

    return app


def marked(upstream, mark, more="", hosts="app.test"):
    return site(upstream.url, hosts=hosts, more=f"open /open/*\nrequest {{ set X-Mark {mark} }}\n{more}")


@pytest.fixture
def front(make_gateway, upstream):
    return make_gateway(configuration(site(upstream.url, more="open /open/*"), top=ADMIN))


def mark_of(client, target="/open/x"):
    client.send(f"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n")
    response = client.response()
    assert response.status == 200, response
    return dict((name.lower(), value) for name, value in json.loads(response.text)["fields"]).get("x-mark")


# MARK: what changes, and what stays


def test_a_connection_lives_on_and_its_next_request_is_under_the_new_rules(make_gateway, upstream):
    gateway = make_gateway(configuration(marked(upstream, "one"), top=ADMIN))
    with Client(gateway.port) as client:
        assert mark_of(client) == "one"
        write(gateway, marked(upstream, "two"))
        assert reload(gateway).stdout == "reloaded\n"
        assert mark_of(client) == "two"
        write(gateway, marked(upstream, "three"))
        gateway.signal(signal.SIGHUP)
        gateway.wait_for_log("reloaded", "by=signal")
        assert mark_of(client) == "three"


def test_a_request_in_flight_ends_under_the_old_rules_while_new_ones_follow_the_new(make_gateway, make_upstream):
    here, go_on = threading.Semaphore(0), threading.Event()
    app = make_upstream(held(here, go_on))
    gateway = make_gateway(configuration(marked(app, "old"), top=ADMIN))
    with Client(gateway.port) as slow, Client(gateway.port) as quick:
        # A body that is on its way when the rules change: its limit is the one it began under.
        slow.send("POST /open/slow HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2000\r\n\r\n" + "x" * 1000)
        until(lambda: app.requests, what="the request")
        write(gateway, marked(app, "new"), top=ADMIN + "limits { body 1k }\n")
        reload(gateway)
        quick.send("GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n")
        assert json.loads(quick.response().text)["header"] == "new"
        quick.send("POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2000\r\n\r\n")
        assert quick.response().status == 413
        assert status(gateway)["connections"]["requests_under_earlier_configuration"] == 1
        slow.send("x" * 1000)
        assert here.acquire(timeout=10)
        go_on.set()
        response = slow.response()
        assert response.status == 200 and json.loads(response.text)["header"] == "old"
        assert status(gateway)["connections"]["requests_under_earlier_configuration"] == 0
        slow.send("GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n")
        assert json.loads(slow.response().text)["header"] == "new"


def test_a_websocket_lives_on_when_its_site_is_gone(make_gateway, make_upstream):
    def app(exchange):
        exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while True:
            exchange.send(exchange.link.line() + b"\r\n")

    chat = make_upstream(app)
    other = make_upstream()
    gateway = make_gateway(configuration(site(chat.url), top=ADMIN))
    visitor = Visitor(gateway.port)
    visitor.sign_in()
    with Client(gateway.port) as client:
        client.send(
            "GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: http://app.test\r\nCookie: {visitor.cookie_header()}\r\n\r\n")
        assert client.head().status == 101
        write(gateway, site(other.url, hosts="other.test"))
        reload(gateway)
        client.send("still here\r\n")
        assert client._line() == b"still here"
        with Client(gateway.port) as late:
            late.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
            assert late.response().status == 421


def test_a_bad_file_changes_nothing_and_every_fault_is_told(make_gateway, upstream):
    gateway = make_gateway(configuration(marked(upstream, "good"), top=ADMIN))
    good = gateway.file.read_text()
    gateway.file.write_text(good + "listne 127.0.0.1:1\nlimits { body many }\n")
    lines = len(good.splitlines())
    refused = reload(gateway, expected=78)
    assert f"{gateway.file}:{lines + 1}:1: error: unknown directive `listne`" in refused.stderr
    assert f"{gateway.file}:{lines + 2}:15: error:" in refused.stderr and refused.stdout == ""
    gateway.wait_for_log("not reloaded: the old configuration stays in force", "by=command", "faults=2")
    gateway.wait_for_log("error", "unknown directive `listne`")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_log("not reloaded", "by=signal")
    with Client(gateway.port) as client:
        assert mark_of(client) == "good"
    last = status(gateway)["reloads"]
    assert last["count"] == 2
    assert [(entry["by"], entry["outcome"], entry["faults"]) for entry in last["last"]] == [("signal", "refused", 2), ("command", "refused", 2)]


@pytest.mark.parametrize("broken", ["key", "address", "keys gone", "log", "file gone"])
def test_whatever_cannot_be_had_changes_nothing(make_gateway, upstream, broken, tmp_path):
    gateway = make_gateway(configuration(marked(upstream, "old"), top=ADMIN))
    before = status(gateway)
    write(gateway, marked(upstream, "new"))
    with contextlib.ExitStack() as stack:
        key = next((gateway.directory / "keys").glob("*.key"))
        if broken == "key":
            (gateway.directory / "keys" / "second.key").write_text("not a key\n")
            (gateway.directory / "keys" / "second.key").chmod(0o600)
        elif broken == "keys gone":
            key.rename(tmp_path / "away.key")
        elif broken == "address":
            taken = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            spare = refused_port()
            gateway.file.write_text(
                f"listen 127.0.0.1:{spare}\nlisten 127.0.0.1:{taken.getsockname()[1]}\n" + gateway.file.read_text())
        elif broken == "log":
            spare = refused_port()
            gateway.file.write_text(f"listen 127.0.0.1:{spare}\n" + gateway.file.read_text())
            (gateway.directory / "logs").mkdir()
            (gateway.directory / "logs").chmod(0o500)
            gateway.file.write_text(gateway.file.read_text().replace("access_log stderr text", "access_log /proc/none/access.log"))
        else:
            gateway.file.write_text(ADMIN + "include nowhere.conf\n")
        refused = reload(gateway, expected=78)
        assert refused.stderr.strip()
        with Client(gateway.port) as client:
            assert mark_of(client) == "old"
        after = status(gateway)
        assert [one["address"] for one in after["listeners"]] == [one["address"] for one in before["listeners"]]
        assert after["keys"] == [{**one, "age_seconds": after["keys"][0]["age_seconds"]} for one in before["keys"]]
        if broken in ("address", "log"):
            # What was bound before the fault was found is given back.
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", spare))
        if broken == "keys gone":
            assert not list((gateway.directory / "keys").glob("*.key")), "a key was made in place of those that are gone"


def test_listeners_come_and_go_and_connections_by_them_stay(make_gateway, upstream):
    first, second = refused_port(), refused_port()
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top=ADMIN, listen=f"127.0.0.1:{first}"))
    with Client(first) as old:
        assert mark_of(old) is None
        write(gateway, marked(upstream, "new"), listen=f"127.0.0.1:{second}")
        reload(gateway)
        with Client(second) as new:
            assert mark_of(new) == "new"
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", first))
            assert mark_of(old) == "new"
            listeners = {one["address"]: one for one in status(gateway)["listeners"]}
            assert listeners[f"127.0.0.1:{first}"]["listening"] is False and listeners[f"127.0.0.1:{first}"]["connections"] == 1
            assert listeners[f"127.0.0.1:{second}"] == {
                "address": f"127.0.0.1:{second}", "scheme": "http", "listening": True, "connections": 1, "limit": None}
            write(gateway, marked(upstream, "both"), listen=f"127.0.0.1:{first}\nlisten 127.0.0.1:{second}")
            reload(gateway)
            with Client(first) as again:
                assert [mark_of(one) for one in (old, new, again)] == ["both"] * 3
    until(lambda: status(gateway)["connections"]["all"] == 0, what="every connection to have left where it came in")
    assert [one["connections"] for one in status(gateway)["listeners"]] == [0, 0]


def test_an_address_moves_to_one_that_overlaps_it(make_gateway, upstream):
    port = refused_port()
    gateway = make_gateway(configuration(marked(upstream, "one"), top=ADMIN, listen=f"127.0.0.1:{port}"))
    for mark, address in (("two", "0.0.0.0"), ("three", "127.0.0.1")):
        write(gateway, marked(upstream, mark), listen=f"{address}:{port}")
        reload(gateway)
        with Client(port) as client:
            assert mark_of(client) == mark


def test_limits_change_and_places_are_counted_on(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top=ADMIN + "limits { connections_per_address 3 }\n"))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(gateway.port)) for _ in range(3)]
        for client in clients:
            mark_of(client)
        write(gateway, site(upstream.url, more="open /open/*"), top=ADMIN + "limits { connections_per_address 4 }\n", listen="127.0.0.1:0 { connections 40 }")
        reload(gateway)
        one_more = stack.enter_context(Client(gateway.port))
        mark_of(one_more)
        # The reset may come as early as the connection.
        with pytest.raises((Truncated, OSError)), Client(gateway.port) as too_many:
            mark_of(too_many)
        assert {one["name"]: (one["taken"], one["limit"]) for one in status(gateway)["limits"]}["connections_per_address"] == (4, 4)
        # Off, and on again: who came meanwhile does not count, and gives no place back that it never took.
        write(gateway, site(upstream.url, more="open /open/*"))
        reload(gateway)
        uncounted = [stack.enter_context(Client(gateway.port)) for _ in range(2)]
        for client in uncounted:
            mark_of(client)
        write(gateway, site(upstream.url, more="open /open/*"), top=ADMIN + "limits { connections_per_address 4; header_bytes 1k; header_count 10 }\n")
        reload(gateway)
        for client in uncounted:
            client.close()
        with pytest.raises((Truncated, OSError)), Client(gateway.port) as too_many:
            mark_of(too_many)
        clients[0].send("GET /open/" + "x" * 2000 + " HTTP/1.1\r\nHost: app.test\r\n\r\n")
        assert clients[0].response().status == 414
        clients[1].send("GET /open/ HTTP/1.1\r\nHost: app.test\r\n" + "A: b\r\n" * 20 + "\r\n")
        assert clients[1].response().status == 431
    until(lambda: status(gateway)["connections"]["all"] == 0, what="all places to be free")


def test_a_longer_head_fits_after_a_reload(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top=ADMIN))
    long = "GET /open/ HTTP/1.1\r\nHost: app.test\r\nX-Long: " + "x" * 100_000 + "\r\n\r\n"
    with Client(gateway.port) as client:
        client.send(long)
        assert client.response().status == 431
    with Client(gateway.port) as client:
        mark_of(client)
        write(gateway, site(upstream.url, more="open /open/*"), top=ADMIN + "limits { header_bytes 200k }\n")
        reload(gateway)
        client.send(long)
        assert client.response().status == 200


# MARK: who is signed in


def test_sessions_and_tickets_outlive_a_reload(front, upstream):
    visitor = Visitor(front.port)
    waiting = Visitor(front.port).navigate("/patients?patient_id=4711")
    page = waiting.visitor.navigate(waiting.location)
    visitor.sign_in()
    write(front, site(upstream.url, more="open /open/*\nbrand { name Changed }"))
    reload(front)
    assert visitor.navigate("/patients?patient_id=12").status == 200
    back = page.sign_in()
    assert back.status == 303 and back.location == "/patients?patient_id=4711"


def test_an_account_that_is_gone_ends_its_session_with_the_reload(front, upstream):
    ann, bob = Visitor(front.port), Visitor(front.port)
    ann.sign_in()
    bob.sign_in("bob")
    assert ann.navigate("/x").status == bob.navigate("/x").status == 200
    write_accounts(front.users, [line for line in accounts() if not line.startswith("ann:")])
    reload(front)
    assert ann.navigate("/x").status == 302
    assert bob.navigate("/x").status == 200


@pytest.mark.parametrize("changed", ["group", "password"])
def test_a_group_or_a_password_that_changed_ends_the_session(front, changed):
    ann = Visitor(front.port)
    ann.sign_in()
    line = account("ann", name="Ann Archer", email="ann@clinic.test", groups="clinicians") if changed == "group" else account(
        "ann", "an altogether new one", name="Ann Archer", email="ann@clinic.test", groups="clinicians,admins")
    write_accounts(front.users, [line])
    reload(front)
    assert ann.navigate("/x").status == 302


def test_another_accounts_file_takes_over_at_once(front, upstream):
    ann = Visitor(front.port)
    ann.sign_in()
    write_accounts(front.directory / "others.passwd", [account("cara")])
    write(front, site(upstream.url, login="login password { users others.passwd }"))
    reload(front)
    assert ann.navigate("/x").status == 302
    cara = Visitor(front.port)
    cara.sign_in("cara")
    assert cara.navigate("/x").status == 200


def test_a_key_that_is_taken_out_of_the_ring_ends_what_it_sealed(front):
    ann = Visitor(front.port)
    ann.sign_in()
    keys = front.directory / "keys"
    (keys / "second.key").write_text("ab" * 32 + "\n")
    (keys / "second.key").chmod(0o600)
    os.utime(keys / "second.key", (1_000_000_000, 1_000_000_000))
    reload(front)
    assert len(status(front)["keys"]) == 2
    assert ann.navigate("/x").status == 200, "the old key still opens"
    (keys / "first.key").unlink()
    reload(front)
    assert ann.navigate("/x").status == 302
    after = Visitor(front.port)
    after.sign_in()
    assert after.navigate("/x").status == 200


def test_a_logout_holds_and_locks_hold_after_a_reload(front, upstream):
    ann = Visitor(front.port)
    ann.sign_in()
    cookie = ann.cookie_header()
    ann.logout()
    thief = Visitor(front.port)
    for _ in range(5):
        thief.navigate(thief.navigate("/x").location).sign_in("bob", "wrong wrong wrong")
    write(front, site(upstream.url, more="open /open/*\nstart /home"))
    reload(front)
    with Client(front.port) as client:
        client.send(f"GET /x HTTP/1.1\r\nHost: app.test\r\nSec-Fetch-Mode: navigate\r\nCookie: {cookie}\r\n\r\n")
        assert client.response().status == 302
    assert thief.navigate(thief.navigate("/x").location).sign_in("bob").status == 429
    facts = status(front)["sites"][0]
    assert (facts["logins"], facts["logouts"], facts["logins_refused"]) == (1, 1, 6)


def test_a_lock_can_be_made_shorter(front, upstream):
    thief = Visitor(front.port)
    for _ in range(5):
        thief.navigate(thief.navigate("/x").location).sign_in("bob", "wrong wrong wrong")
    assert thief.navigate(thief.navigate("/x").location).sign_in("bob").status == 429
    write(front, site(upstream.url, login="login password { users users.passwd; throttle { account 50 in 10m; lock 1s } }"))
    reload(front)
    until(lambda: thief.navigate(thief.navigate("/x").location).sign_in("bob").status == 303, what="the lock to end")


# MARK: apps


def test_what_is_known_of_an_app_is_carried_over_and_connections_to_others_end(make_gateway, make_upstream):
    stays, goes = make_upstream(), make_upstream()
    sites = [site(stays.url, hosts="app.test", more="open /open/*"), site(goes.url, hosts="old.test", more="open /open/*")]
    gateway = make_gateway(configuration(*sites, top=ADMIN))
    with Client(gateway.port) as client:
        for host in ("app.test", "old.test"):
            client.send(f"GET /open/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert client.response().status == 200
        write(gateway, site(stays.url, hosts="app.test", more="open /open/*\nbrand { name Changed }"))
        reload(gateway)
        facts = status(gateway)["sites"]
        assert [one["name"] for one in facts] == ["app.test"]
        assert facts[0]["upstreams"][0]["connections_idle"] == 1
        client.send("GET /open/ HTTP/1.1\r\nHost: app.test\r\n\r\n")
        assert client.response().status == 200
    assert stays.connections == 1, "the connection that was kept serves on"
    until(lambda: goes.links[0].rest() == b"" if goes.links else True, what="the connection to the other app to end")


def test_health_is_known_after_a_reload_without_asking_anew(make_gateway, make_upstream):
    app = make_upstream()
    down = refused_port()

    def text(name):
        return site(f"{app.url} http://127.0.0.1:{down} {{ health /healthz every 100ms fails 1 passes 1 }}", more=f"open /open/*\nbrand {{ name {name} }}")

    gateway = make_gateway(configuration(text("One"), top=ADMIN))

    def health():
        return [one["health"] for one in status(gateway)["sites"][0]["upstreams"]]

    until(lambda: health() == ["up", "down"], what="both to be known")
    write(gateway, text("Two"))
    reload(gateway)
    assert health() == ["up", "down"]
    asked = len(app.requests)
    until(lambda: len(app.requests) > asked + 2, what="the checks to go on")


def test_a_queue_is_served_under_both_generations(make_gateway, make_upstream):
    here, go_on = threading.Semaphore(0), threading.Event()
    app = make_upstream(held(here, go_on))

    def text(mark):
        return site(f"{app.url} {{ max_connections 2; queue 100 wait 20s }}", more=f"open /open/*\nrequest {{ set X-Mark {mark} }}")

    gateway = make_gateway(configuration(text("old"), top=ADMIN))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(gateway.port)) for _ in range(6)]
        for number, client in enumerate(clients):
            client.send(f"GET /open/slow{number} HTTP/1.1\r\nHost: app.test\r\n\r\n")
        until(lambda: status(gateway)["sites"][0]["requests_in_flight"] == 6, what="all to be there")
        write(gateway, text("new"))
        reload(gateway)
        late = [stack.enter_context(Client(gateway.port)) for _ in range(4)]
        for number, client in enumerate(late):
            client.send(f"GET /open/slow-late{number} HTTP/1.1\r\nHost: app.test\r\n\r\n")
        until(lambda: status(gateway)["sites"][0]["requests_in_flight"] == 10, what="all to be there")
        go_on.set()
        assert [json.loads(client.response().text)["header"] for client in clients] == ["old"] * 6
        assert [json.loads(client.response().text)["header"] for client in late] == ["new"] * 4


# MARK: under load


def changes(first, second):
    """Six configurations, each with something else changed."""
    return [
        ([site(first.url, more="open /open/*\nbrand { name One }")], ""),
        ([site(second.url, more="open /open/*")], ""),
        ([site([first.url, second.url], more="open /open/*\nlimits { requests 5000 }"), site(second.url, hosts="other.test")], "limits { connections 5000 }\n"),
        ([site(f"{first.url} {second.url} {{ balance least_connections; health /healthz every 1s }}", more="open /open/*\nsession {{ idle 1h }}".replace("{{", "{").replace("}}", "}"))], "limits { header_bytes 32k; upstream_idle 8 }\n"),
        ([site(first.url, more="open /open/*\nrequest { set X-Mark five }")], "access_log off\n"),
        ([site(first.url, more="open /open/*")], ""),
    ]


def apply(gateway, number, sites, top):
    text = configuration(*sites, top=ADMIN + top)
    if "access_log off" in top:
        text = text.replace("access_log stderr text\n", "", 1)
    gateway.file.write_text(text)
    key = gateway.directory / "keys" / f"k{number}.key"
    key.write_text(f"{number:02x}" * 32 + "\n")
    key.chmod(0o600)
    write_accounts(gateway.users, accounts() + [account(f"user{number}")])
    reload(gateway)


def test_six_reloads_under_load_lose_no_request(make_gateway, make_upstream):
    first, second = make_upstream(), make_upstream()
    gateway = make_gateway(configuration(site(first.url, more="open /open/*"), top=ADMIN))
    ann = Visitor(gateway.port)
    ann.sign_in()
    cookie = ann.cookie_header()
    over = threading.Event()
    faults, counts = [], []

    def ask(keeps):
        count = 0
        try:
            while not over.is_set():
                with Client(gateway.port) as client:
                    for _ in range(50 if keeps else 1):
                        client.send(f"GET /patients?patient_id={count + 1} HTTP/1.1\r\nHost: app.test\r\nCookie: {cookie}\r\n\r\n")
                        response = client.response()
                        fields = {name.lower(): value for name, value in json.loads(response.text)["fields"]} if response.status == 200 else {}
                        if fields.get("x-cliniko-patient-id") != str(count + 1) or fields.get("x-auth-user") != "ann":
                            faults.append((response.status, response.text[:200]))
                            return
                        count += 1
                        if over.is_set():
                            break
        except Exception as error:  # told by the test
            faults.append(repr(error))
        finally:
            counts.append(count)

    threads = [threading.Thread(target=ask, args=(number % 2 == 0,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for number, (sites, top) in enumerate(changes(first, second), start=1):
        seen = len(first.requests) + len(second.requests)
        apply(gateway, number, sites, top)
        until(lambda: len(first.requests) + len(second.requests) > seen + 100 or faults, 30, "requests after the reload")
    over.set()
    for thread in threads:
        thread.join(20)
    assert not faults, faults[:5]
    assert len(counts) == 8 and min(counts) > 0
    reloads = status(gateway)["reloads"]
    assert reloads["count"] == 6 and {entry["outcome"] for entry in reloads["last"]} == {"reloaded"}
    until(lambda: status(gateway)["connections"]["all"] == 0, what="every connection to have left where it came in")


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_six_reloads_under_wrk(make_gateway, make_upstream):
    first, second = make_upstream(), make_upstream()
    gateway = make_gateway(configuration(site(first.url, more="open /open/*"), top=ADMIN))
    load = subprocess.Popen(
        ["wrk", "-t2", "-c16", "-d6s", "--timeout", "10s", "-H", "Host: app.test", f"http://127.0.0.1:{gateway.port}/open/x"],
        stdout=subprocess.PIPE, text=True)
    for number, (sites, top) in enumerate(changes(first, second), start=1):
        seen = len(first.requests) + len(second.requests)
        apply(gateway, number, sites, top)
        until(lambda: len(first.requests) + len(second.requests) > seen + 50 or load.poll() is not None, 30, "requests after the reload")
    still_running = load.poll() is None
    output = load.communicate(timeout=30)[0]
    assert still_running, f"the load ended before the last reload:\n{output}"
    assert "Socket errors" not in output and "Non-2xx" not in output, output


def test_reloads_at_the_same_time_come_one_after_the_other(front):
    done = []
    threads = [threading.Thread(target=lambda: done.append(reload(front).stdout)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert done == ["reloaded\n"] * 6
    assert status(front)["reloads"]["count"] == 6


def test_a_dozen_reloads_hold_on_to_nothing(front, upstream):
    def descriptors():
        return len(os.listdir(f"/proc/{front.pid}/fd"))

    def once(number):
        write(front, site(upstream.url, more=f"open /open/*\nbrand {{ name N{number} }}"))
        reload(front)

    once(0)
    until(lambda: status(front)["connections"]["all"] == 0)
    before = descriptors()
    for number in range(1, 13):
        once(number)
    until(lambda: descriptors() <= before, what=f"no more than {before} open files")
    assert len(status(front)["reloads"]["last"]) == 10 and status(front)["reloads"]["count"] == 13


# MARK: what takes a restart


def test_what_takes_a_restart_is_named_and_the_rest_is_done(make_gateway, upstream):
    gateway = make_gateway(configuration(marked(upstream, "one"), top=ADMIN))
    text = configuration(marked(upstream, "two"), top="admin run/other.sock\n").replace("workers 2", "workers 3").replace("state state/", "state elsewhere/").replace("audit audit/", "audit trail/")
    gateway.file.write_text(text)
    gateway.signal(signal.SIGHUP)
    for name in ("workers", "state", "audit", "admin"):
        gateway.wait_for_log("warning", f"`{name}` stays")
    with Client(gateway.port) as client:
        assert mark_of(client) == "two"
    assert not (gateway.directory / "run" / "other.sock").exists()


def test_the_logs_go_elsewhere_after_a_reload(front, upstream):
    text = front.file.read_text().replace("log stderr text", f"log {front.directory}/events.log text", 1).replace("access_log stderr", f"access_log {front.directory}/access.log")
    front.file.write_text(text)
    reload(front)
    with Client(front.port) as client:
        mark_of(client)
    until(lambda: "/open/x" in (front.directory / "access.log").read_text(), what="the access line")
    until(lambda: "reloaded" in (front.directory / "events.log").read_text(), what="the event")


# MARK: the socket


def test_the_socket_is_for_its_owner_alone(front):
    path = front.directory / "run" / "admin.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    front.stop()
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_refused_even_if_the_mode_lets_him_in(front):
    path = front.directory / "run" / "admin.sock"
    for folder in [path.parent, *path.parents][:8]:
        if str(folder) not in ("/", "/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    path.chmod(0o666)
    script = f"import os, socket; os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); print(s.recv(4096).decode())"
    said = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, timeout=30)
    assert said.stdout.startswith("failed "), said
    assert "Listeners" not in said.stdout
    front.wait_for_log("refused a connection to the admin socket", "user=65534")


def ask(path, data, shut=False):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(path))
        client.sendall(data)
        if shut:
            client.shutdown(socket.SHUT_WR)
        said = b""
        while more := client.recv(65536):
            said += more
        return said


def test_what_is_no_request_is_refused(front):
    path = front.directory / "run" / "admin.sock"
    assert ask(path, b"stop\n").startswith(b"failed ")
    assert ask(path, b"x" * 257).startswith(b"failed ")
    assert ask(path, b"status", shut=True).startswith(b"failed ")
    assert ask(path, b"status\n").startswith(b"done ")


def test_who_says_nothing_holds_nobody_up(front):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(front.directory / "run" / "admin.sock"))
        assert status(front)["workers"]["count"] == 2


def test_two_gateways_cannot_have_one_socket(front, upstream):
    other = front.directory / "other.conf"
    other.write_text(front.file.read_text().replace("state state/", "state state2/"))
    failed = run("run", "--config", str(other))
    assert failed.returncode == 1 and "another process answers at" in failed.stderr
    assert status(front)["workers"]["count"] == 2


def test_the_socket_of_a_process_that_is_gone_is_replaced(front):
    path = front.directory / "run" / "admin.sock"
    left = path.stat().st_ino
    front.kill()
    assert path.exists()
    front.start()
    assert status(front)["workers"]["count"] == 2 and path.stat().st_ino != left or path.exists()


@pytest.mark.parametrize(
    "spoil, words",
    [
        (lambda folder: ((folder / "run").mkdir(), (folder / "run").chmod(0o777)), "every user of this machine may put a socket"),
        (lambda folder: ((folder / "run").mkdir(), (folder / "run" / "admin.sock").write_text("mine")), "is no socket"),
    ])
def test_a_place_that_is_no_place_for_it_is_a_fault(tmp_path, upstream, spoil, words):
    spoil(tmp_path)
    file = tmp_path / "gateway.conf"
    file.write_text(configuration(site(upstream.url), top=ADMIN))
    checked = run("check", "--config", str(file))
    assert checked.returncode == 78 and words in checked.stderr and f"{file}:" in checked.stderr


# MARK: the commands


def test_status_is_for_people_too(front):
    ann = Visitor(front.port)
    ann.sign_in()
    assert ann.navigate("/patients?patient_id=8315551212").status == 200
    reload(front)
    said = run("status", "--config", str(front.file))
    assert said.returncode == 0
    for words in ("up ", "Listeners", f"http://127.0.0.1:{front.port}", "Site app.test", "upstream", "Limits", "connections", "Key ring", "seals",
                  "sealed in the browsers' cookies", "Audit trail", "none lost", "reloaded", "1 login,"):
        assert words in said.stdout, f"{words!r} is not in\n{said.stdout}"
    # Neither who is signed in nor about whom.
    assert "8315551212" not in said.stdout and "ann" not in said.stdout.replace("anteroom", "")


def test_status_as_json_has_everything(front):
    facts = status(front)
    assert set(facts) == {
        "version", "configuration", "now", "started_at", "uptime_seconds", "workers", "connections", "listeners", "sites", "limits",
        "certificates", "keys", "sessions", "audit", "logs", "reloads", "process"}
    assert facts["configuration"] == str(front.file) and facts["workers"] == {"count": 2, "silent": []}
    assert facts["sessions"]["count"] is None and facts["audit"] == {"healthy": True}
    assert [log["audit"] for log in facts["logs"]] == [True, False] and all(log["lines_lost"] == 0 for log in facts["logs"])
    assert len(facts["keys"]) == 1 and facts["keys"][0]["seals"] is True
    secret = (front.directory / "keys" / "first.key").read_text().strip()
    assert secret not in json.dumps(facts)
    names = {limit["name"] for limit in facts["limits"]}
    assert {"connections", "pending_logins", "pending_returns", "file descriptors"} <= names
    assert facts["sites"][0]["accounts"] == 2


def test_commands_without_a_gateway_say_what_to_do(tmp_path, upstream):
    file = tmp_path / "gateway.conf"
    file.write_text(configuration(site(upstream.url), top=ADMIN))
    for command in ("reload", "status"):
        said = run(command, "--config", str(file))
        assert said.returncode == 1 and "no gateway answers at" in said.stderr
        assert run(command, "--nothing").returncode == 64
    file.write_text(configuration(site(upstream.url)))
    said = run("reload", "--config", str(file))
    assert said.returncode == 1 and "names no admin socket" in said.stderr


def test_a_gateway_without_the_socket_reloads_by_signal(make_gateway, upstream):
    gateway = make_gateway(configuration(marked(upstream, "one")))
    gateway.file.write_text(configuration(marked(upstream, "two")))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_log("reloaded", "by=signal")
    with Client(gateway.port) as client:
        assert mark_of(client) == "two"
    assert not (gateway.directory / "run").exists()


def test_a_reload_does_not_hold_up_the_end(front):
    for _ in range(20):
        front.signal(signal.SIGHUP)
    front.stop()
