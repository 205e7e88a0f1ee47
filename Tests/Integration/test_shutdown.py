"""The end: what is in flight finishes, what idles closes, and nothing is left."""

import signal
import socket
import struct
import threading
import time

import pytest

from gateway import configuration, site
from rawhttp import Client, message
from upstream import answer
from visitor import Visitor
from waiting import until

HOST = [("Host", "app.test")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_requests_in_flight_finish_idle_connections_close_and_it_leaves_with_0(make_upstream, make_gateway, number):
    go = threading.Event()

    def app(exchange):
        if exchange.target == "/held":
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf:")
            assert go.wait(20)
            exchange.send(b"whole")
            return None
        return answer(200, "x")

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /*"), top="shutdown_timeout 20s"))
    process = gateway.process
    with Client(gateway.port) as held, Client(gateway.port) as idle, Client(gateway.port) as silent:
        assert idle.request("GET", "/x", HOST).status == 200
        held.send(message("GET", "/held", HOST))
        response = held.head()
        until(lambda: b"half:" in held.buffer or held.more(), 5, "the first half")
        gateway.signal(number)
        idle.expect_end()
        silent.expect_end()

        def refused():
            try:
                with Client(gateway.port, timeout=1) as late:
                    late.send(message("GET", "/late", HOST))
                    return not late.more()
            except OSError:
                return True

        until(refused, 5, "new connections to be refused")
        assert process.poll() is None, "it waits for what is in flight"
        go.set()
        held.body(response)
        assert response.body == b"half:whole"
        held.expect_end()
    assert process.wait(10) == 0
    assert "/late" not in upstream.targets


def test_the_answer_that_is_sent_while_ending_says_so(make_upstream, make_gateway):
    go = threading.Event()
    upstream = make_upstream(lambda exchange: go.wait(20) and answer(200, "x"))
    # One worker, so that the end of the idle connection tells that the other one's loop knows.
    gateway = make_gateway(configuration(site(upstream.url, more="open /*")).replace("workers 2", "workers 1"))
    with Client(gateway.port) as held, Client(gateway.port) as idle:
        held.send(message("GET", "/held", HOST))
        until(lambda: upstream.requests, 5, "the request")
        gateway.signal(signal.SIGTERM)
        idle.expect_end()
        go.set()
        response = held.response()
        assert response.status == 200 and response.says_close
        held.expect_end()


def test_connections_that_nobody_has_accepted_yet_are_served_before_the_end(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /*")))
    process = gateway.process
    # While it stands still connections wait in the kernel's queue, as far as their clients know made.
    gateway.signal(signal.SIGSTOP)
    try:
        clients = [Client(gateway.port) for _ in range(300)]
        for number, client in enumerate(clients):
            client.send(message("GET", f"/{number}", HOST))
        gateway.signal(signal.SIGTERM)
    finally:
        gateway.signal(signal.SIGCONT)
    assert [client.response().status for client in clients] == [200] * 300
    for client in clients:
        client.expect_end()
        client.close()
    assert process.wait(10) == 0
    assert sorted(upstream.targets) == sorted(f"/{number}" for number in range(300))


def test_what_never_finishes_is_cut_after_shutdown_timeout(make_upstream, make_gateway):
    release = threading.Event()
    upstream = make_upstream(lambda exchange: release.wait(30) and None)
    gateway = make_gateway(configuration(site(upstream.url, more="open /*"), top="shutdown_timeout 1s"))
    process = gateway.process
    with Client(gateway.port) as client:
        client.send(message("GET", "/held", HOST))
        until(lambda: upstream.requests, 5, "the request")
        began = time.monotonic()
        gateway.signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 6
    release.set()


def test_two_signals_are_as_good_as_one(front):
    process = front.process
    front.signal(signal.SIGTERM)
    try:
        front.signal(signal.SIGTERM)
    except ProcessLookupError:
        pass
    assert process.wait(10) == 0


def test_a_pipe_that_nobody_reads_does_not_end_it(front):
    # SIGPIPE and a client that resets are everyday things.

    for _ in range(20):
        client = Client(front.port)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.send(message("GET", "/open/x", HOST) * 20)
        client.close()
    assert Visitor(front.port).fetch("/open/x").status == 200


def test_the_port_can_be_taken_again_at_once(front, upstream):
    with Client(front.port) as client:
        assert client.request("GET", "/open/x", HOST).status == 200
        front.restart()
    assert Visitor(front.port).fetch("/open/x").status == 200
