"""The product's main job: a click on the patient button, through a login, to the right patient."""

import json

import pytest

from gateway import configuration, site
from leaks import mentions
from upstream import answer
from visitor import NAVIGATION, Visitor, scripts

PATIENT = "8675309123456789"
TARGET = f"/patients?patient_id={PATIENT}&x=1"

DEEP_LINKS = [
    "/patients?patient_id=123&x=1",
    "/patients/?patient_id=123",
    "/patients?patient_id=1&return=https://x/y;z&a=%2F+b",
    "/patients?patient_id=1&url=//example.com&next=//example.com",
    "/patients?x=%zz&patient_id=7",
    "/patients?patient_id=5&a&b=&&c",
    "/patients?patient_id=9223372036854775807",
    "/patients?patient%5Fid=42",
    "/?url=//example.com&next=//example.com",
    "/http://example.com",
    "/app?a&b=&&c",
    "/app?%zz",
    "/app/%7Euser/~user/%2e%2E%2f?q='\"<>|{}^`",
    "/app?",
    "/app??a=?",
    "/a;b=c/d,e/@:!$&'()*+,=",
    "/app?long=" + "0123456789abcdef" * 64,
    "/patients?patient_id=77&long=" + "0123456789abcdef" * 256,
]


def test_a_click_while_signed_out_leads_to_the_login_and_shows_nothing_of_the_app(visitor, upstream):
    page = visitor.navigate(TARGET)
    assert page.status == 302
    assert page.location.startswith("/.anteroom/login?return=")
    assert "no-store" in page.get("Cache-Control")
    assert upstream.requests == []


def test_the_redirect_tells_nothing_about_the_patient(visitor):
    page = visitor.navigate(TARGET)
    login = visitor.navigate(page.location)
    for text in (page.response.everything(), login.response.everything(), visitor.cookie_header()):
        assert mentions(PATIENT, text) is None
    assert "patient_id" not in page.location


def test_the_login_page_is_plain_html_that_nothing_may_frame_or_script(visitor):
    page = visitor.login_page()
    assert page.get("Content-Type").lower().startswith("text/html")
    assert page.get("Content-Security-Policy").startswith("default-src 'none'")
    assert page.get("Referrer-Policy") == "same-origin"
    assert "no-store" in page.get("Cache-Control")
    assert scripts(page.text) == 0


@pytest.mark.parametrize("target", DEEP_LINKS, ids=lambda target: target[:60])
def test_after_the_login_every_address_comes_back_byte_for_byte(visitor, upstream, target):
    back = visitor.sign_in(target=target)
    assert back.location == target
    assert upstream.requests == []
    assert visitor.navigate(back.location).status == 200
    assert [exchange.request_line for exchange in upstream.requests] == [f"GET {target} HTTP/1.1"]


def test_the_patient_arrives_in_the_header_and_a_second_click_is_forwarded_at_once(visitor, upstream):
    visitor.navigate(visitor.sign_in(target=TARGET).location)
    assert visitor.navigate("/patients?patient_id=99").status == 200
    assert [exchange.get("X-Cliniko-Patient-Id") for exchange in upstream.requests] == [PATIENT, "99"]
    assert [exchange.get("X-Auth-User") for exchange in upstream.requests] == ["ann", "ann"]


def test_nineteen_digits_arrive_digit_for_digit(ann, upstream):
    for patient in ("9223372036854775807", "9007199254740993", "1234567890123456789"):
        assert ann.navigate(f"/patients?patient_id={patient}").status == 200
        assert upstream.last.get("X-Cliniko-Patient-Id") == patient


def test_a_post_on_the_patient_path_carries_the_patient_too(ann, upstream):
    assert ann.request("POST", "/patients?patient_id=12", NAVIGATION, b"a=b").status == 200
    assert upstream.last.get("X-Cliniko-Patient-Id") == "12"


def test_the_gateways_cookies_never_reach_the_app_and_others_do(ann, upstream):
    own = ann.cookie_header()
    assert own
    ann.request("GET", "/app", [("Cookie", f"theme=dark; {own}; app=1"), *NAVIGATION])
    assert upstream.last.all("Cookie") == ["theme=dark; app=1"]
    ann.navigate("/app")
    assert upstream.last.all("Cookie") == []


def test_what_the_app_sets_under_the_gateways_cookie_names_is_dropped(make_upstream, make_gateway):
    names = ["anteroom", "__Host-anteroom"]
    app = make_upstream(lambda exchange: answer(200, "x", [("Set-Cookie", f"{name}=planted; Path=/") for name in names] + [("Set-Cookie", "app=1"), ("Set-Cookie", "b=2; Path=/b")]))
    visitor = Visitor(make_gateway(configuration(site(app.url))).port)
    visitor.sign_in()
    names += list(visitor.jar)
    page = visitor.navigate("/app")
    assert [line for line in page.all("Set-Cookie") if "planted" in line] == []
    assert [line for line in page.all("Set-Cookie") if line.startswith(("app=", "b="))] == ["app=1", "b=2; Path=/b"]


@pytest.mark.parametrize("headers", [
    [("Sec-Fetch-Mode", "cors"), ("Accept", "text/html")],
    [("Sec-Fetch-Mode", "no-cors"), ("Accept", "text/html")],
    [("Sec-Fetch-Mode", "websocket"), ("Accept", "text/html")],
    [("X-Requested-With", "XMLHttpRequest"), ("Accept", "text/html")],
    [("Accept", "application/json")],
    [("Accept", "*/*")],
    [],
], ids=str)
def test_what_is_no_navigation_gets_401_without_redirect_or_cookie(visitor, upstream, headers):
    page = visitor.request("GET", TARGET, headers)
    assert page.status == 401
    assert page.get("Content-Type") == "application/problem+json"
    assert json.loads(page.text)["status"] == 401
    assert page.all("Location") == page.all("Set-Cookie") == []
    assert "no-store" in page.get("Cache-Control")
    assert mentions(PATIENT, page.response.everything()) is None
    assert upstream.requests == []


@pytest.mark.parametrize("headers", [
    [("Sec-Fetch-Mode", "navigate")],
    [("Sec-Fetch-Mode", "navigate"), ("X-Requested-With", "com.example.browser"), ("Accept", "*/*")],
    [("Accept", "text/html")],
    [("Accept", "application/xml;q=0.9, TEXT/HTML;q=0.8")],
], ids=str)
def test_what_is_a_navigation_goes_to_the_login(visitor, headers):
    assert visitor.request("GET", TARGET, headers).status == 302


def test_a_post_that_does_not_say_navigate_is_none(visitor, upstream):
    page = visitor.request("POST", TARGET, [("Accept", "text/html")], b"a=b")
    assert page.status == 401
    assert upstream.requests == []


def test_fifty_scripts_after_the_session_ended_fill_no_cookie_jar(visitor, upstream):
    for number in range(50):
        assert visitor.fetch(f"/patients?patient_id={number + 1}").all("Set-Cookie") == []
    assert visitor.jar == {} and upstream.requests == []


@pytest.mark.parametrize("referer, expected", [
    ("{origin}/forms/7?step=2", "/forms/7?step=2"),
    ("http://evil.test/forms/7", "/"),
    ("{origin}.evil.test/forms/7", "/"),
    ("{origin}/.anteroom/login?return=x", "/"),
    (None, "/"),
])
def test_a_form_sent_while_signed_out_leads_back_to_its_own_page_and_is_never_sent_on(visitor, upstream, referer, expected):
    extra = [("Referer", referer.format(origin=visitor.origin))] if referer else []
    page = visitor.request("POST", "/save?patient_id=3", NAVIGATION + extra, b"note=secret")
    assert page.status in (302, 303)
    back = visitor.navigate(page.location).sign_in()
    assert back.location == expected
    assert upstream.requests == []


def test_answers_about_a_patient_are_never_stored(make_upstream, make_gateway):
    app = make_upstream(lambda exchange: answer(200, "x", [("Cache-Control", "public, max-age=600")]))
    visitor = Visitor(make_gateway(configuration(site(app.url))).port)
    visitor.sign_in()
    stored = visitor.navigate("/patients?patient_id=1").all("Cache-Control")
    assert "no-store" in ", ".join(stored) and "public" not in ", ".join(stored)
    assert visitor.navigate("/app").all("Cache-Control") == ["public, max-age=600"]


def test_cache_app_leaves_storing_to_the_app(make_upstream, make_gateway):
    app = make_upstream(lambda exchange: answer(200, "x", [("Cache-Control", "private, max-age=5")]))
    visitor = Visitor(make_gateway(configuration(site(app.url, patient="patient /patients { cache app }"))).port)
    visitor.sign_in()
    assert visitor.navigate("/patients?patient_id=1").all("Cache-Control") == ["private, max-age=5"]


def test_the_app_learns_who_asked_it_and_how(ann, upstream):
    ann.navigate("/app", [("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9")])
    seen = upstream.last
    assert seen.get("Host") == ann.authority
    assert seen.get("X-Forwarded-For") == "127.0.0.1"
    assert seen.get("X-Forwarded-Proto") == "http"
    assert seen.get("X-Forwarded-Host") == ann.authority
    assert "127.0.0.1" in seen.get("Forwarded") and "203.0.113.9" not in seen.get("Forwarded")
    assert "1.1" in seen.get("Via")
    assert seen.get("X-Request-Id")


def test_referers_of_the_gateways_own_pages_stay_here(ann, upstream):
    ann.navigate("/app", [("Referer", f"{ann.origin}/.anteroom/login?return=abc")])
    assert upstream.last.all("Referer") == []
    ann.navigate("/app", [("Referer", f"{ann.origin}/list?page=2")])
    assert upstream.last.all("Referer") == [f"{ann.origin}/list?page=2"]


def test_the_label_that_the_wildcard_matched_goes_upstream(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, hosts="app.test *.app.test")))
    for host, label in (("au.app.test", "au"), ("staging-au1.app.test", "staging-au1")):
        visitor = Visitor(gateway.port, host)
        visitor.sign_in()
        visitor.navigate("/app", [("X-Anteroom-Site", "uk")])
        assert upstream.last.get("X-Anteroom-Site") == label
    plain = Visitor(gateway.port, "app.test")
    plain.sign_in()
    plain.navigate("/app", [("X-Anteroom-Site", "uk")])
    assert upstream.last.get("X-Anteroom-Site") is None


def test_a_host_that_no_site_names_gets_421(ann, upstream):
    stranger = ann.at("other.test")
    stranger.jar = dict(ann.jar)
    before = len(upstream.requests)
    assert stranger.navigate("/patients?patient_id=1").status == 421
    assert stranger.fetch("/x").status == 421
    assert len(upstream.requests) == before


def test_health_is_answered_on_any_host(front, upstream):
    for host in ("app.test", "other.test", "127.0.0.1"):
        health = Visitor(front.port, host).fetch("/.anteroom/healthz")
        assert health.status == 200 and health.text.strip() == "ok"
        assert Visitor(front.port, host).fetch("/.anteroom/readyz").status == 200
    assert [target for target in upstream.targets if "anteroom" in target] == []


@pytest.mark.parametrize("target", ["/.anteroom/", "/.anteroom", "/.anteroom/nothing", "/.anteroom/login/x", "/.anteroom/../.anteroom/x", "/.anteroom/healthz/x"])
def test_nothing_below_the_reserved_prefix_reaches_the_app(ann, upstream, target):
    before = len(upstream.requests)
    page = ann.navigate(target)
    assert page.status == 404, page.response
    assert len(upstream.requests) == before


def test_the_session_says_who_is_signed_in_and_until_when(visitor, upstream):
    assert not visitor.signed_in()
    visitor.sign_in()
    page = visitor.fetch("/.anteroom/session")
    assert page.get("Content-Type").startswith("application/json")
    assert "no-store" in page.get("Cache-Control")
    assert json.loads(page.text)["user"] == "ann"
    assert page.all("Set-Cookie") == []
    assert upstream.requests == []


def test_a_form_of_a_signed_in_user_passes_as_it_is(ann, upstream):
    assert ann.request("POST", "/save?x=1", [*NAVIGATION, ("Content-Type", "text/plain")], b"a\x00b").status == 200
    assert (upstream.last.request_line, upstream.last.body) == ("POST /save?x=1 HTTP/1.1", b"a\x00b")
