"""Time limits count for whoever is waited for, and for nobody else."""

import time

import pytest

from gateway import configuration, site
from rawhttp import Client, message
from upstream import answer
from visitor import NAVIGATION, Visitor

# Each waiting in these tests is longer than the first limit, and far shorter than the second.
LIMITS = "limits { idle_timeout 1s; upstream_timeout 20s }"
PIECE = b"x" * 1000


def take(client, count):
    """Reads `count` bytes and keeps none of them."""
    left = count - len(client.buffer)
    while left:
        data = client.socket.recv(min(left, 1 << 20))
        assert data, f"ended {left} bytes early"
        left -= len(data)


def visitor_before(make_gateway, app):
    visitor = Visitor(make_gateway(configuration(site(app.url), top=LIMITS)).port)
    visitor.sign_in()
    return visitor


def test_an_app_may_think_longer_about_an_upload_than_a_client_may_stand_still(make_upstream, make_gateway):
    def app(exchange):
        exchange.read_body()
        time.sleep(2.5)
        return answer(200, str(len(exchange.body)))

    visitor = visitor_before(make_gateway, make_upstream(app))
    with Client(visitor.port) as client:
        client.send(message("POST", "/upload", visitor.headers([*NAVIGATION, ("Content-Length", "3000")])))
        # In pieces, so that the gateway waits for the client in between.
        for _ in range(3):
            time.sleep(0.2)
            client.send(PIECE)
        response = client.response("POST")
    assert (response.status, response.text) == (200, "3000")


@pytest.mark.parametrize("pieces, pause", [(25, 0.1), (1, 2.5)], ids=["slowly", "after a pause"])
def test_an_answer_that_the_client_held_up_once_may_then_come_as_the_app_likes(make_upstream, make_gateway, pieces, pause):
    burst = bytes(30 << 20)

    def app(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(burst) + pieces * len(PIECE)))
        exchange.send(burst)
        for _ in range(pieces):
            time.sleep(pause)
            exchange.send(PIECE)

    visitor = visitor_before(make_gateway, make_upstream(app))
    with Client(visitor.port) as client:
        client.send(visitor.message("GET", "/large", NAVIGATION))
        response = client.head()
        # More than the kernel's buffers: the gateway waits for the client meanwhile.
        time.sleep(0.5)
        assert response.status == 200
        take(client, len(burst) + pieces * len(PIECE))


def test_a_client_that_takes_nothing_of_its_answer_is_still_left_behind(make_upstream, make_gateway):
    visitor = visitor_before(make_gateway, make_upstream(lambda exchange: answer(200, bytes(30 << 20))))
    with Client(visitor.port, receive_buffer=65536) as client:
        client.send(visitor.message("GET", "/large", NAVIGATION))
        assert client.head().status == 200
        time.sleep(3)
        with pytest.raises((AssertionError, ConnectionResetError)):
            take(client, 30 << 20)
