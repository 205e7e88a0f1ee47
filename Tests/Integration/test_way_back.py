"""The way back after a login: to the address that was asked for, in any number of tabs, and never off the site."""

import itertools
import urllib.parse

import pytest

from gateway import configuration, site
from rawhttp import Client
from visitor import NAVIGATION, Page, Visitor
from waiting import until


def leads_to(location, origin):
    """The host that a browser would go to, with the leniency of the URL standard."""
    lenient = location.strip(" \t\r\n\x0b\x0c").replace("\t", "").replace("\r", "").replace("\n", "").replace("\\", "/")
    return urllib.parse.urlsplit(urllib.parse.urljoin(origin + "/", lenient)).netloc


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_three_tabs_finished_in_any_order_come_to_three_patients(visitor, upstream, order):
    targets = [f"/patients?patient_id={patient}&tab={patient}" for patient in (101, 202, 303)]
    pages = [visitor.login_page(target) for target in targets]
    for tab in order:
        back = pages[tab].sign_in()
        assert back.status == 303 and back.location == targets[tab]
        assert visitor.navigate(back.location).status == 200
        assert upstream.last.get("X-Cliniko-Patient-Id") == str((tab + 1) * 101)


def test_tabs_interleaved_between_click_and_page_do_not_mix(visitor):
    firsts = [(target, visitor.navigate(target).location) for target in (f"/patients?patient_id={n}" for n in range(1, 9))]
    pages = [(target, visitor.navigate(location)) for target, location in reversed(firsts)]
    for target, page in sorted(pages):
        assert page.sign_in().location == target


def test_a_wrong_password_keeps_the_way_back(visitor):
    page = visitor.login_page("/patients?patient_id=5")
    again = page.sign_in(password="not the password at all")
    assert again.status == 403
    assert again.sign_in().location == "/patients?patient_id=5"


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_an_altered_ticket_leads_to_the_start_page(visitor, long):
    target = "/patients?patient_id=5" + ("&fill=" + "x" * 4096 if long else "")
    ticket = visitor.login_page(target).form("user", "password").value("return")
    assert ticket
    step = max(1, len(ticket) // 12)
    altered = [ticket[:at] + ("A" if ticket[at] != "A" else "B") + ticket[at + 1:] for at in range(0, len(ticket) - 1, step)]
    altered += ["", "A", ticket[:-1], ticket[1:], ticket + "A", ticket + ticket, "\u00e9", "../" + ticket]
    cookies = dict(visitor.jar)
    for each in altered:
        visitor.jar = dict(cookies)
        page = visitor.navigate("/.anteroom/login?return=" + urllib.parse.quote(each, safe=""))
        assert page.status == 200, page.response
        assert page.sign_in().location == "/"
    visitor.jar = dict(cookies)
    assert visitor.navigate("/.anteroom/login?return=" + ticket).sign_in().location == target


def test_a_dozen_tabs_that_were_opened_before_any_had_a_cookie_each_come_back_to_their_own_patient(front):
    tabs = [Visitor(front.port) for _ in range(12)]
    tickets = [tab.navigate(f"/patients?patient_id={number}").location for number, tab in enumerate(tabs, 100)]
    browser = Visitor(front.port)
    for tab in tabs:
        assert not set(tab.jar) & set(browser.jar), "no tab's cookie takes the place of another's"
        browser.jar |= tab.jar
    # The last one opened is finished first; the others then need no login any more.
    assert browser.navigate(tickets[11]).sign_in().location == "/patients?patient_id=111"
    for number in (8, 0, 10, 3):
        assert browser.navigate(tickets[number]).location == f"/patients?patient_id={100 + number}"


def test_an_altered_ticket_in_the_form_leads_to_the_start_page(visitor):
    page = visitor.login_page("/patients?patient_id=5")
    ticket = page.form("user", "password").value("return")
    cookies = dict(visitor.jar)
    for altered in (ticket[:-2] + ("AA" if ticket[-2:] != "AA" else "BB"), "", "//evil.test", "/patients?patient_id=5"):
        visitor.jar = dict(cookies)
        assert page.sign_in(**{"return": altered}).location == "/"


def test_a_ticket_used_in_another_browser_leads_to_the_start_page(front):
    one, other = Visitor(front.port), Visitor(front.port)
    ticket = one.navigate("/patients?patient_id=5").location
    # Neither to a browser without a binding of its own nor to one with another.
    for _ in range(2):
        page = other.navigate(ticket)
        assert page.status == 200
        assert page.sign_in().location == "/"
        other = Visitor(front.port)
        other.login_page("/patients?patient_id=6")


def test_a_ticket_of_another_site_or_host_leads_to_the_start_page(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, hosts="*.app.test"), site(upstream.url, hosts="else.test", more="start /home")))
    first = Visitor(gateway.port, "au.app.test")
    ticket = first.navigate("/patients?patient_id=5").location
    for host, start in (("uk.app.test", "/"), ("else.test", "/home")):
        second = Visitor(gateway.port, host)
        second.jar = dict(first.jar)
        page = second.navigate(ticket)
        assert page.status == 200
        assert page.sign_in().location == start


def test_without_a_ticket_the_login_leads_to_start(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="start /welcome?from=login")))
    assert Visitor(gateway.port).navigate("/.anteroom/login").sign_in().location == "/welcome?from=login"


@pytest.mark.parametrize("address", ["//evil.test", "https://evil.test/", "http:evil.test", "/\\evil.test", "\\\\evil.test", "/%09/evil.test", "javascript:alert(1)", "/patients?patient_id=9"])
def test_an_address_in_place_of_a_ticket_is_worth_nothing(visitor, address):
    for sent in (address, urllib.parse.quote(address, safe="")):
        page = visitor.request("GET", f"/.anteroom/login?return={sent}", NAVIGATION)
        if page.status == 400:
            continue
        assert page.status == 200
        assert page.sign_in().location == "/"


@pytest.mark.parametrize("target", [
    "//evil.test/%2e%2e?patient_id=1", "//evil.test", "///evil.test", "/\\evil.test", "/\\/evil.test", "\\\\evil.test", "http://evil.test/patients", "https://evil.test/", "/%09/evil.test", "/%5cevil.test",
    "/%2f%2fevil.test", "/%2f/evil.test", "/%0d%0aLocation:%20http://evil.test", "/.//evil.test", "/..//evil.test", "/x/..//evil.test", "/;@evil.test", "/@evil.test", "@evil.test", ".evil.test", ":80@evil.test",
    "/\t/evil.test", "/\x0b/evil.test", "/ /evil.test", "/\r/evil.test", "/\n/evil.test", "//app.test@evil.test/", "/%", "//[", "//a:b:c/",
])
def test_a_hostile_target_never_leads_off_the_site(visitor, upstream, target):
    with Client(visitor.port) as client:
        client.send(f"GET {target} HTTP/1.1\r\n".encode("latin-1") + "".join(f"{n}: {v}\r\n" for n, v in visitor.headers(NAVIGATION)).encode() + b"\r\n")
        response = client.response()
    assert response.status in (302, 400, 421), response
    if response.status != 302:
        assert response.all("Location") == []
        return
    visitor.keep(response)
    assert leads_to(response.get("Location"), visitor.origin) == visitor.authority
    page = Page(visitor, "/", response)
    back = visitor.navigate(page.location).sign_in()
    assert back.status == 303
    for location in back.all("Location"):
        assert leads_to(location, visitor.origin) == visitor.authority, location
    assert upstream.requests == []


@pytest.mark.parametrize("host", ["evil.test", "app.test.evil.test", "app.test:80@evil.test"])
def test_a_foreign_host_field_never_shows_up_in_a_location(visitor, host):
    with Client(visitor.port) as client:
        response = client.request("GET", "/patients?patient_id=1", [("Host", host), *NAVIGATION])
    assert response.status in (400, 421) and response.all("Location") == []


def test_a_ticket_does_not_survive_the_logout_of_its_browser(visitor):
    waiting = visitor.login_page("/patients?patient_id=5")
    visitor.sign_in(target="/patients?patient_id=6")
    visitor.logout()
    answer = visitor.navigate(waiting.target)
    assert answer.status == 200
    assert answer.sign_in("bob").location == "/"


def test_when_another_user_signs_in_the_page_asks_before_it_opens_the_patient(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="session { idle 1s; lifetime 1h }")))
    visitor = Visitor(gateway.port)
    visitor.sign_in("ann")
    until(lambda: not visitor.signed_in(), 15, "the session to run out")
    target = "/patients?patient_id=8675309123456789"
    page = visitor.login_page(target).sign_in("bob")
    if page.status == 303:
        assert page.location.startswith("/.anteroom/"), "opened without asking"
        page = visitor.navigate(page.location)
    assert page.status == 200
    assert upstream.requests == []
    form = page.form("return")
    opened = page.submit({"confirm": "1"} if "confirm" not in dict(form.hidden()) else {}, form)
    assert opened.status in (302, 303) and opened.location == target


def test_the_same_user_again_is_not_asked(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="session { idle 1s; lifetime 1h }")))
    visitor = Visitor(gateway.port)
    visitor.sign_in("ann")
    until(lambda: not visitor.signed_in(), 15, "the session to run out")
    assert visitor.sign_in("ann", target="/patients?patient_id=5").location == "/patients?patient_id=5"


def test_many_tickets_of_strangers_do_not_spoil_anybodys(front):
    patient = Visitor(front.port)
    page = patient.login_page("/patients?patient_id=5&fill=" + "x" * 4096)
    for number in range(60):
        Visitor(front.port).navigate(f"/patients?patient_id={number + 1}&fill=" + "y" * 4096)
    assert page.sign_in().location == "/patients?patient_id=5&fill=" + "x" * 4096
