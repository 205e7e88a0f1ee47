"""Apps that answer with their inner address: what browsers get in its place, and what of their cookies."""

import urllib.parse

import pytest

from gateway import configuration, run, site
from rawhttp import Client
from upstream import answer
from visitor import Visitor

# Browsers come by https as far as the gateway is told: TLS ends in front of it.
SECURE = "127.0.0.1:0 { scheme https }"


class Scripted:
    """An app behind a gateway that answers every request with the same fields."""

    def __init__(self, make_upstream, make_gateway):
        self.fields = []
        self.status = 302
        self.interim = b""
        self.upstream = make_upstream(lambda exchange: self.interim + answer(self.status, b"there", self.fields))
        self.inner = f"127.0.0.1:{self.upstream.port}"
        self.make = make_gateway

    def start(self, block="", more="", listen="127.0.0.1:0", hosts="app.test", top=""):
        upstream = f"{self.upstream.url} {{\n{block}\n}}" if block else self.upstream.url
        self.gateway = self.make(configuration(site(upstream, hosts, more=f"open /*\n{more}"), listen=listen, top=top))

    def ask(self, *fields, host="app.test", status=302):
        """The answer of an app that sends `fields`."""
        self.fields, self.status = list(fields), status
        with Client(self.gateway.port) as client:
            response = client.request("GET", "/x", [("Host", host)])
        assert response.status == status and response.body == b"there"
        return response

    def location(self, address, **more):
        return self.ask(("Location", address), **more).get("Location")


@pytest.fixture
def app(make_upstream, make_gateway):
    return Scripted(make_upstream, make_gateway)


def test_an_inner_address_becomes_the_one_that_the_browser_used(app):
    app.start(hosts="app.test *.clinic.test")
    for host in ("app.test", "App.Test:8080", "a.clinic.test", "app.test:1"):
        for rest in ("", "/", "/a/../b%2f?patient_id=5&x=//y#part", "?x", "//evil.test", "/\\evil.test"):
            assert app.location(f"http://{app.inner}{rest}", host=host) == f"http://{host}{rest}"
        assert app.location(f"//{app.inner}/x", host=host) == f"http://{host}/x"
    for name in ("Content-Location", "CONTENT-LOCATION"):
        assert app.ask((name, f"http://{app.inner}/x"), status=200).get(name) == "http://app.test/x"
    assert app.ask(("Refresh", f"3; URL='http://{app.inner}/x'"), status=200).get("Refresh") == "3; URL='http://app.test/x'"


@pytest.mark.parametrize("address", [
    "/x", "x", "?x", "http://INNER.evil.test/", "http://INNER@evil.test/", "http://evil.test@INNER/", "http://INNER\\@evil.test/",
    "http://INNER\t.evil.test/", "http:\\\\INNER/", "///INNER/", "https://INNER/", "http://evil.test/?http://INNER/", "http://127.0.0.1/",
    "http://app.test/x", "https://app.test/x", "",
])
def test_every_other_address_goes_on_byte_for_byte(app, address):
    app.start()
    address = address.replace("INNER", app.inner)
    assert app.location(address) == address
    if address:
        assert app.ask(("Refresh", f"0;url={address}"), status=200).get("Refresh") == f"0;url={address}"


def test_where_browsers_use_https_the_public_address_does_too(app):
    app.start(listen=SECURE)
    assert app.location(f"http://{app.inner}/x") == "https://app.test/x"
    assert app.location("http://app.test/x?y#z") == "https://app.test/x?y#z"
    assert app.location("http://app.test:8443/x", host="app.test:8443") == "https://app.test:8443/x"
    for other in ("http://app.test:8080/x", "http://app.test.evil.test/", "http://app.test@evil.test/", "http://other.test/", "https://app.test/"):
        assert app.location(other) == other


def test_an_app_that_calls_itself_something_else_is_told_of(app):
    app.start("inner http://app.internal:8080/clinic/\ninner https://old.internal")
    assert app.location("http://app.internal:8080/clinic/home?x#y") == "http://app.test/home?x#y"
    assert app.location("http://app.internal:8080/clinic") == "http://app.test/"
    assert app.location("https://OLD.internal:443/clinic") == "http://app.test/clinic"
    assert app.location(f"http://{app.inner}/clinic/") == "http://app.test/clinic/"
    for other in ("http://app.internal:8080/clinics", "http://app.internal/clinic/", "http://old.internal/", "/clinic/x"):
        assert app.location(other) == other
    cookies = app.ask(
        ("Set-Cookie", "a=1; Domain=app.internal; Path=/clinic; HttpOnly"), ("X-Between", "1"), ("Set-Cookie", "b=2; Domain=app.test"),
        ("Set-Cookie", "a=3; Path=/clinic/x; Domain=.Internal"), ("Set-Cookie", "anteroom=4; Domain=app.internal"))
    assert cookies.all("Set-Cookie") == ["a=1; Path=/; HttpOnly", "b=2; Domain=app.test", "a=3; Path=/x"], "in the app's order"
    assert [name for name, _ in cookies.fields].index("X-Between") == [name for name, _ in cookies.fields].index("Set-Cookie") + 1


def test_turned_off_answers_go_on_as_the_app_wrote_them(app):
    app.start("rewrite off", listen=SECURE)
    for address in (f"http://{app.inner}/x", "http://app.test/x", f"//{app.inner}/"):
        assert app.location(address) == address
    assert app.ask(("Set-Cookie", "a=1; Domain=127.0.0.1")).get("Set-Cookie") == "a=1; Domain=127.0.0.1"


def test_cookies_get_what_the_site_adds_and_nothing_twice(app):
    app.start("rewrite off", "cookies { secure on; same_site lax }", listen=SECURE)
    sent = ["a=1", "b=2; Path=/; HttpOnly", "c=3; SameSite=None; Secure", "d=4; secure", "e=5; samesite=strict", "f=6; Domain=127.0.0.1"]
    assert app.ask(*[("Set-Cookie", cookie) for cookie in sent]).all("Set-Cookie") == [
        "a=1; Secure; SameSite=Lax", "b=2; Path=/; HttpOnly; Secure; SameSite=Lax", "c=3; SameSite=None; Secure",
        "d=4; secure; SameSite=Lax", "e=5; samesite=strict; Secure", "f=6; Domain=127.0.0.1; Secure; SameSite=Lax"]


def test_the_gateways_own_cookies_are_as_they_were(app):
    app.start(more="cookies { secure on; same_site lax }")
    app.status = 200
    visitor = Visitor(app.gateway.port)
    ours = visitor.sign_in().response.all("Set-Cookie")
    assert ours and all(cookie.count("SameSite=Lax") == 1 and "Secure" not in cookie for cookie in ours)


def test_what_is_replaced_may_be_far_longer_than_what_it_replaces(app):
    app.start(more="cookies { secure on; same_site lax }", listen=SECURE, hosts="*." + ".".join(["clinic" * 9] * 3) + ".test")
    host = "a." + ".".join(["clinic" * 9] * 3) + ".test"
    count = 45
    fields = [("Content-Location", f"//{app.inner}")] * count + [("Set-Cookie", f"c{number}=") for number in range(count)]
    response = app.ask(*fields, host=host, status=200)
    assert response.all("Content-Location") == [f"https://{host}"] * count
    assert response.all("Set-Cookie") == [f"c{number}=; Secure; SameSite=Lax" for number in range(count)]


def test_nominated_fields_and_interim_answers_are_treated_alike(app):
    app.start()
    app.interim = f"HTTP/1.1 103 Early\r\nSet-Cookie: a=1; Domain=127.0.0.1\r\nLink: </x>\r\n\r\n".encode()
    response = app.ask(("Connection", "X-Hop, Refresh"), ("X-Hop", "1"), ("Location", f"http://{app.inner}/x"), ("Refresh", f"0;http://{app.inner}/"))
    assert response.get("Location") == "http://app.test/x" and not response.all("X-Hop") and not response.all("Refresh")
    assert [one.all("Set-Cookie") for one in response.interim] == [["a=1"]]


def test_a_reload_brings_other_inner_addresses(app):
    app.start("inner http://one.internal", top="admin run/admin.sock\n")
    assert app.location("http://one.internal/x") == "http://app.test/x"
    assert app.location("http://two.internal/x") == "http://two.internal/x"
    app.gateway.file.write_text(app.gateway.file.read_text().replace("one.internal", "two.internal"))
    done = run("reload", "--config", str(app.gateway.file))
    assert done.returncode == 0, done.stderr
    assert app.location("http://one.internal/x") == "http://one.internal/x"
    assert app.location("http://two.internal/x") == "http://app.test/x"


def test_following_an_apps_redirects_ends_where_the_app_ends_them(app):
    """An app that sends people to its own address and then serves them: no loop, and never off the public host."""
    app.start()
    places = {"/x": "/y", "/y": "/z"}

    def serve(exchange):
        path = exchange.target
        if path in places:
            return answer(302, b"", [("Location", f"http://{app.inner}{places[path]}")])
        return answer(200, b"arrived")

    app.upstream.app = serve
    path, steps = "/x", []
    with Client(app.gateway.port) as client:
        while True:
            response = client.request("GET", path, [("Host", "app.test")])
            if response.status == 200:
                break
            address = urllib.parse.urlsplit(response.get("Location"))
            assert (address.scheme, address.netloc) == ("http", "app.test")
            path = address.path
            steps.append(path)
    assert steps == ["/y", "/z"] and response.body == b"arrived"
