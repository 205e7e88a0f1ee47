"""`login forward`: a sign-in gateway that is there already says who may pass."""

import asyncio
import json
import signal
import ssl
import threading
import urllib.parse

import pytest
import websockets

from authority import Authority
from checker import COPY, Checker
from gateway import configuration, run, site
from upstream import answer, describe, refused_port
from visitor import NAVIGATION, Visitor
from waiting import until
from websocket_app import WebSocketApp

SECRET_QUERY = "8675309123456789"


@pytest.fixture
def make_checker():
    made = []

    def make(*arguments, **more):
        made.append(Checker(*arguments, **more))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def checker(make_checker):
    return make_checker()


@pytest.fixture
def make_site(make_gateway, upstream):
    """A gateway in front of `upstream` with these lines of `login forward`."""

    def make(checker, *lines, more="open /open/*", top="", sign_in=True, copy=COPY, url=None):
        login = checker.login(*lines, sign_in=sign_in, copy=copy)
        return make_gateway(configuration(site(url or upstream.url, login=login, more=more), top=top))

    return make


class Person(Visitor):
    """A browser that goes to the checker's page and signs in there."""

    def __init__(self, gateway, checker, **more):
        super().__init__(gateway.port, **more)
        self.gateway, self.checker = gateway, checker

    def in_as(self, user="ann"):
        """Has the cookie that the checker's page would have set."""
        self.jar["portal"] = self.checker.sign_in(user)
        return self

    def to_the_page(self, target="/patients?patient_id=1"):
        """Clicks while signed out, and follows up to the checker's page; the address to come back to."""
        first = self.navigate(target)
        assert first.status == 302, first.response
        assert first.location.startswith("/.anteroom/login?return="), first.location
        second = self.navigate(first.location)
        assert second.status == 302, second.response
        there = second.get("Location")
        assert there.startswith(f"{self.checker.url}/page?rd="), there
        [back] = urllib.parse.parse_qs(there.partition("?")[2])["rd"]
        return back

    def follow(self, back):
        """Comes back from the checker's page; where that leads."""
        answer = self.navigate(self.path_of(back))
        assert answer.status == 302, answer.response
        return answer.location


@pytest.mark.parametrize("style,sign_in", [("nginx", True), ("authelia", True), ("authelia", False), ("traefik", False)])
def test_a_click_leads_over_the_checkers_page_to_the_patient(make_checker, make_site, upstream, style, sign_in):
    checker = make_checker(style)
    person = Person(make_site(checker, "name Remote-Name", more="identity { user X-Auth-User; name X-Auth-Name }", sign_in=sign_in), checker)
    target = f"/patients?patient_id={SECRET_QUERY}&a=%2F+b&return=https://x/y;z"
    back = person.to_the_page(target)
    assert back.startswith(f"{person.origin}/.anteroom/login?return=") and SECRET_QUERY not in urllib.parse.unquote(back)
    assert upstream.requests == []
    person.in_as("ann")
    assert person.follow(back) == target
    assert person.navigate(target).status == 200
    seen = upstream.last
    assert seen.target == target and seen.get("X-Cliniko-Patient-Id") == SECRET_QUERY
    assert [seen.get(name) for name in ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")] == ["ann", "Ann Archer", "ann@clinic.test", "clinicians,admins"]
    assert seen.get("X-Auth-User") == "ann" and seen.get("X-Auth-Name") == "Ann Archer"
    [shown] = person.gateway.wait_for_audit(lambda record: record.get("outcome", record.get("event", "")) and "shown" in json.dumps(record))
    assert "ann" in json.dumps(shown) and SECRET_QUERY in json.dumps(shown)
    person.gateway.wait_for_log('"GET /patients', " ann ")
    for one in checker.server.requests:
        assert SECRET_QUERY.encode() not in one.raw_head


def test_what_the_checker_hears(checker, make_site, upstream):
    person = Person(make_site(checker), checker).in_as()
    person.jar["app"] = "1"
    person.jar["anteroom"] = "x" * 40
    person.jar["anteroom-b-AAAAAAAA"] = "y" * 40
    lines = [
        ("User-Agent", "Test/1"), ("Accept", "text/html"), ("Accept", "*/*"), ("Accept-Language", "en-AU"), ("Authorization", "Basic YTpi"), ("X-Forwarded-Method", "DELETE"),
        ("X-Forwarded-Uri", "/open/x"), ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "9.9.9.9"), ("X-Original-URL", "https://evil.test/open/"),
        ("X-Original-Method", "DELETE"), ("Remote-User", "root"), ("X-Other", "1"), ("Referer", f"{person.origin}/x?{SECRET_QUERY}")]
    assert person.request("PUT", f"/a%20b/c?q={SECRET_QUERY}", lines, b"body").status == 200
    [asked] = checker.asked
    assert asked.request_line == "GET /check HTTP/1.1"
    found = dict(asked.fields)
    assert len(found) == len(asked.fields)
    cookies = found.pop("Cookie").split("; ")
    assert sorted(cookies)[0] == "app=1" and len([c for c in cookies if c.startswith("portal=")]) == 1 and not [c for c in cookies if "xxxx" in c]
    assert found == {
        "Host": f"127.0.0.1:{checker.port}", "Accept": "text/html, */*", "Accept-Encoding": "identity", "Authorization": "Basic YTpi", "Connection": "close",
        "User-Agent": "Test/1", "Accept-Language": "en-AU", "X-Forwarded-Proto": "http", "X-Forwarded-Host": person.authority, "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Method": "PUT", "X-Forwarded-Uri": "/a%20b/c", "X-Original-Method": "PUT", "X-Original-URL": f"{person.origin}/a%20b/c"}
    assert upstream.last.read_body() == b"body" and upstream.last.get("Authorization") == "Basic YTpi" and upstream.last.get("Remote-User") == "ann"


def test_the_address_in_question_can_stand_in_the_checkers_own(checker, make_gateway, upstream):
    login = f"login forward {{ check {checker.url}/check?uri={{url}}; {COPY} }}"
    person = Person(make_gateway(configuration(site(upstream.url, login=login))), checker).in_as()
    assert person.fetch(f"/x/y?{SECRET_QUERY}").status == 200
    assert checker.asked[0].target == "/check?uri=" + urllib.parse.quote(f"{person.origin}/x/y", safe="")


@pytest.mark.parametrize("style", ["nginx", "authelia", "traefik"])
def test_scripts_get_401_and_nothing_else(make_checker, make_site, upstream, style):
    checker = make_checker(style)
    checker.cookies = ["state=7; Path=/", "anteroom=evil", "__Host-anteroom=evil; Secure; Path=/"]
    person = Person(make_site(checker), checker)
    page = person.fetch("/patients?patient_id=5")
    assert page.status == 401 and page.get("Content-Type") == "application/problem+json"
    assert page.all("Location") == [] and page.all("Set-Cookie") == ["state=7; Path=/"]
    assert upstream.requests == []


def test_whoever_may_not_is_told_so(checker, make_site, upstream):
    checker.denied = {"/patients"}
    person = Person(make_site(checker), checker).in_as()
    page = person.navigate("/patients?patient_id=5")
    assert page.status == 403 and "You may not open this" in page.text and page.all("Location") == []
    page = person.fetch("/patients?patient_id=5")
    assert page.status == 403 and page.get("Content-Type") == "application/problem+json"
    assert upstream.requests == []
    assert person.navigate("/else").status == 200
    until(lambda: len([record for record in person.gateway.audit() if "refused" in json.dumps(record)]) == 2, 10, "two records")


def no_user(exchange):
    return answer(200, "<!doctype html><h1>Welcome, please sign in</h1>", [("Content-Type", "text/html")])


def told(*fields):
    return lambda exchange: answer(200, fields=fields)


def broken(*parts):
    def speak(exchange):
        for part in parts:
            exchange.send(part)
        exchange.close()
    return speak


FAULTS = {
    "page for all": no_user,
    "empty user": told(("Remote-User", "")),
    "two users": told(("Remote-User", "ann"), ("Remote-User", "bob")),
    "two of another": told(("Remote-User", "ann"), ("Remote-Groups", "a"), ("Remote-Groups", "b")),
    "control byte": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nRemote-User: an\x01n\r\n\r\n"),
    "control character": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nRemote-User: an\xc2\x85n\r\n\r\n"),
    "no UTF-8": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nRemote-User: an\xe4\r\n\r\n"),
    "long": told(("Remote-User", "ann"), ("Remote-Groups", "g" * 9000)),
    "500": lambda exchange: answer(500, fields=[("Remote-User", "ann")]),
    "503": lambda exchange: answer(503),
    "404": lambda exchange: answer(404, fields=[("Remote-User", "ann")]),
    "429": lambda exchange: answer(429),
    "1xx only": broken(b"HTTP/1.1 103 Early\r\nRemote-User: ann\r\n\r\n"),
    "no HTTP": broken(b"SSH-2.0-x\r\n\r\n"),
    "cut short": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 10\r\nRemote-User: ann\r\n\r\nabc"),
    "two lengths": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nContent-Length: 1\r\nRemote-User: ann\r\n\r\n"),
    "long head": broken(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nRemote-User: ann\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"),
    "reset": lambda exchange: exchange.reset(),
    "long body": lambda exchange: answer(200, b"x" * (3 << 20), [("Remote-User", "ann")]),
    "101": broken(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\nRemote-User: ann\r\n\r\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_answer_lets_nobody_in(checker, make_site, upstream, fault):
    person = Person(make_site(checker, "cache 1h"), checker)
    checker.override = FAULTS[fault]
    page = person.navigate("/patients?patient_id=5")
    assert page.status == 502 and "It cannot be found out who you are" in page.text, page.response
    page = person.fetch("/x")
    assert page.status == 502 and page.get("Content-Type") == "application/problem+json"
    assert person.navigate("/.anteroom/login").status == 502 and person.fetch("/.anteroom/session").status == 502
    assert upstream.requests == []
    person.gateway.wait_for_log("a checker cannot be used", f"127.0.0.1:{checker.port}")


def test_a_checker_that_nobody_reaches_or_that_says_nothing_lets_nobody_in(make_gateway, make_site, checker, upstream):
    gone = make_gateway(configuration(site(upstream.url, login=f"login forward {{ check http://127.0.0.1:{refused_port()}/x; {COPY} }}")))
    assert Visitor(gone.port).navigate("/").status == 502
    held = threading.Event()
    checker.override = lambda exchange: held.wait(60) and None
    person = Person(make_site(checker), checker)
    page = person.navigate("/")
    held.set()
    assert page.status == 504 and "It cannot be found out who you are" in page.text
    assert upstream.requests == []


def test_no_more_questions_wait_than_may(checker, make_site, upstream):
    held = threading.Event()
    checker.override = lambda exchange: held.wait(60) and checker.judge(exchange)
    person = Person(make_site(checker, top="limits { pending_checks 2 }"), checker).in_as()
    with person.connect() as one, person.connect() as two:
        for client in (one, two):
            client.send(person.message("GET", "/x", NAVIGATION))
        until(lambda: len(checker.asked) == 2, 10, "two questions")
        page = person.navigate("/x")
        assert page.status == 503 and page.get("Retry-After")
        held.set()
        assert [client.response().status for client in (one, two)] == [200, 200]
    assert person.navigate("/x").status == 200


def test_what_a_client_says_of_itself_never_reaches_the_app(checker, make_site, upstream):
    person = Person(make_site(checker, copy=COPY + " X-Role"), checker)
    said = [("Remote-User", "root"), ("remote_user", "root"), ("REMOTE-GROUPS", "root"), ("Remote.Name", "root"), ("X-Role", "root"), ("x_role", "root"), ("X-Auth-User", "root")]
    assert person.fetch("/open/x", extra=said).status == 200
    assert b"root" not in upstream.last.raw_head and not [n for n in upstream.last.names() if n.startswith("remote")]
    person.in_as("bob")
    assert person.fetch("/x", extra=said + [("Connection", "Remote-User")]).status == 200
    assert b"root" not in upstream.last.raw_head
    assert upstream.last.get("Remote-User") == "bob" and upstream.last.get("X-Role") is None


def test_another_sites_copied_names_are_nobodys(make_gateway, checker, upstream):
    gateway = make_gateway(configuration(
        site(upstream.url, login=checker.login(copy="copy X-Pass-User")), site(upstream.url, hosts="else.test", more="open /*")))
    assert Visitor(gateway.port, "else.test").fetch("/x", extra=[("X-Pass-User", "root")]).status == 200
    assert "x-pass-user" not in upstream.last.names()


def test_the_checkers_cookies_reach_the_browser_and_never_under_our_names(checker, make_site, upstream):
    checker.cookies = ["rolling=1; Path=/; Secure", "anteroom=evil; Path=/", "anteroom-b-AAAAAAAA=evil", "__Host-anteroom=evil"]
    person = Person(make_site(checker), checker)
    first = person.navigate("/patients?patient_id=5")
    assert first.status == 302
    assert [line for line in first.all("Set-Cookie") if "evil" in line] == []
    assert "rolling=1; Path=/; Secure" in first.all("Set-Cookie")
    person.in_as()
    page = person.navigate("/x")
    assert page.status == 200 and page.all("Set-Cookie") == ["rolling=1; Path=/; Secure"] and page.get("Cache-Control") == "no-store"


def test_three_tabs_come_back_to_their_own_patients(checker, make_site, upstream):
    person = Person(make_site(checker), checker)
    targets = [f"/patients?patient_id={number}&tab={number}" for number in (101, 202, 303)]
    backs = [person.to_the_page(target) for target in targets]
    person.in_as()
    for place in (2, 0, 1):
        assert person.follow(backs[place]) == targets[place]


def test_a_ticket_is_good_in_its_own_browser_alone(checker, make_site):
    person = Person(make_site(checker, more="start /home"), checker)
    back = person.to_the_page("/patients?patient_id=5")
    other = Person(person.gateway, checker).in_as("bob")
    assert other.follow(back) == "/home"
    page = Person(person.gateway, checker).navigate(person.path_of(back))
    assert page.status == 302 and "return" not in urllib.parse.unquote(page.get("Location"))


def test_still_signed_out_after_the_page_it_is_shown_again_with_the_same_ticket(checker, make_site):
    person = Person(make_site(checker), checker)
    back = person.to_the_page()
    again = person.navigate(person.path_of(back))
    assert again.status == 302 and urllib.parse.quote(back, safe="") in again.get("Location")


@pytest.mark.parametrize("location,leads", [
    ("/login?x=1", "{checker}/login?x=1"), ("//portal.test/a", "http://portal.test/a"), ("https://portal.test/#/x?rd=1", "https://portal.test/#/x?rd=1"),
    ("javascript:alert(1)", None), ("data:text/html,x", None), ("portal.test/x", None), ("https://portal.test/<x>", None), ("https:///x", None), ("ftp://portal.test/", None), ("", None)])
def test_a_location_is_handed_on_if_it_is_an_address(checker, make_site, upstream, location, leads):
    checker.override = lambda exchange: answer(401, fields=[("Location", location)])
    person = Person(make_site(checker, sign_in=False), checker)
    page = person.navigate("/patients?patient_id=5")
    if leads is None:
        assert page.status == 401 and page.all("Location") == [] and "Please sign in" in page.text
        return
    page = person.navigate(page.location)
    assert page.status == 302 and page.get("Location") == leads.replace("{checker}", checker.url)


def test_a_refusal_with_a_place_to_go_is_handed_on_and_goes_round_no_circle(checker, make_site, upstream):
    person = Person(make_site(checker), checker).in_as()
    refuse = lambda exchange: answer(403, fields=[("Location", "https://portal.test/ask-for-access")])
    checker.override = lambda exchange: refuse(exchange) if exchange.get("X-Forwarded-Uri") == "/patients" else checker.judge(exchange)
    page = person.navigate("/patients?patient_id=5")
    assert page.status == 302
    page = person.navigate(page.location)
    assert page.status == 302 and page.get("Location") == "https://portal.test/ask-for-access"


def test_a_checker_that_wants_more_at_the_page_than_at_the_login_sends_nobody_in_circles(checker, make_site, upstream):
    person = Person(make_site(checker), checker).in_as()
    checker.override = lambda exchange: answer(401) if exchange.get("X-Forwarded-Uri") == "/patients" else checker.judge(exchange)
    page = person.navigate("/patients?patient_id=5")
    page = person.navigate(page.location)
    assert page.status == 403 and "You may not open this" in page.text
    person.gateway.wait_for_log("may not open the page that was chosen", "/.anteroom/login")


def test_a_form_sent_after_the_end_of_the_session_is_said_to_be_lost(checker, make_site, upstream):
    person = Person(make_site(checker), checker)
    page = person.request("POST", "/notes", [*NAVIGATION, ("Referer", f"{person.origin}/notes?patient_id=5"), ("Content-Type", "application/x-www-form-urlencoded")], "a=b")
    assert page.status == 303
    page = person.navigate(page.location)
    assert page.status == 200 and "What you just sent was not saved" in page.text
    link = next(part.partition('"')[0] for part in page.text.split('href="') if part.startswith("/.anteroom/login"))
    page = person.navigate(link.replace("&amp;", "&"))
    assert page.status == 302 and page.get("Location").startswith(f"{checker.url}/page?rd=")
    assert upstream.requests == []
    [back] = urllib.parse.parse_qs(page.get("Location").partition("?")[2])["rd"]
    assert person.in_as().follow(back) == "/notes?patient_id=5"


def test_what_is_open_needs_no_checker(checker, make_site, upstream):
    person = Person(make_site(checker), checker)
    assert person.fetch("/open/x").status == 200 and checker.asked == []
    checker.override = lambda exchange: answer(500, fields=[("Set-Cookie", "x=y")])
    person.in_as()
    page = person.fetch("/open/x")
    assert page.status == 200 and page.all("Set-Cookie") == [] and "remote-user" not in upstream.last.names()
    checker.override = None
    assert person.fetch("/open/x").status == 200 and upstream.last.get("Remote-User") == "ann"


def test_without_a_cache_each_request_is_asked_about(checker, make_site):
    person = Person(make_site(checker), checker).in_as()
    for _ in range(3):
        assert person.fetch("/x").status == 200
    assert len(checker.asked) == 3
    checker.sessions.clear()
    assert person.fetch("/x").status == 401


def test_an_answer_is_believed_for_the_very_same_question_alone(checker, make_site):
    person = Person(make_site(checker, "cache 1h"), checker).in_as()

    def asks(count, *arguments, **more):
        before = len(checker.asked)
        page = person.fetch(*arguments, **more)
        assert page.status in (200, 401) and len(checker.asked) == before + count, page.response
        return page

    asks(1, "/x")
    asks(0, "/x")
    asks(0, "/x?another=query")
    asks(1, "/y")
    asks(1, "/x", method="POST")
    asks(1, "/x", extra=[("Authorization", "Basic YTpi")])
    asks(1, "/x", extra=[("User-Agent", "Other")])
    asks(1, "/x", extra=[("Accept-Language", "de")])
    person.jar["more"] = "1"
    asks(1, "/x")
    other = Person(person.gateway, checker)
    assert other.fetch("/x").status == 401
    assert other.in_as("bob").fetch("/x").status == 200


def test_with_any_path_it_is_believed_for_all_paths_of_the_same_browser(checker, make_site, upstream):
    person = Person(make_site(checker, "cache 1h any_path"), checker).in_as()
    for target, method in (("/x", "GET"), ("/y", "GET"), ("/patients?patient_id=5", "POST")):
        assert person.fetch(target, method=method).status == 200
    assert len(checker.asked) == 1 and upstream.last.get("Remote-User") == "ann"
    assert Person(person.gateway, checker).fetch("/y").status == 401


def test_refusals_faults_and_answers_with_cookies_are_not_kept(checker, make_site):
    person = Person(make_site(checker, "cache 1h"), checker)
    assert person.fetch("/x").status == 401 and person.fetch("/x").status == 401 and len(checker.asked) == 2
    person.in_as()
    checker.override = lambda exchange: answer(500)
    assert person.fetch("/x").status == 502
    checker.override = None
    checker.cookies = ["rolling=1"]
    assert person.fetch("/x").all("Set-Cookie") == ["rolling=1"]
    del person.jar["rolling"]
    assert person.fetch("/x").all("Set-Cookie") == ["rolling=1"] and len(checker.asked) == 5


def test_what_is_kept_has_an_end(checker, make_site):
    person = Person(make_site(checker, "cache 1s"), checker).in_as()
    assert person.fetch("/x").status == 200
    checker.sessions.clear()
    until(lambda: person.fetch("/x").status == 401, 10, "the end of what was kept")


def test_no_more_answers_are_kept_than_may(checker, make_site):
    person = Person(make_site(checker, "cache 1h", top="limits { cached_checks 2 }"), checker).in_as()
    for path in ("/a", "/b", "/c", "/c", "/b"):
        assert person.fetch(path).status == 200
    assert len(checker.asked) == 3
    assert person.fetch("/a").status == 200 and len(checker.asked) == 4


def test_the_same_question_at_the_same_time_is_asked_once(checker, make_site):
    held = threading.Event()
    checker.override = lambda exchange: held.wait(60) and checker.judge(exchange)
    person = Person(make_site(checker, "cache 1h"), checker).in_as()
    clients = [person.connect() for _ in range(8)]
    for client in clients:
        client.send(person.message("GET", "/x"))
    # Asked after the others have arrived, on both loops.
    until(lambda: checker.asked, 10, "a question")
    held.set()
    assert [client.response().status for client in clients] == [200] * 8
    for client in clients:
        client.close()
    assert len(checker.asked) == 1


def test_the_session_can_be_asked_for(checker, make_site):
    person = Person(make_site(checker, "name Remote-Name"), checker)
    assert json.loads(person.fetch("/.anteroom/session").text) == {"signed_in": False}
    person.in_as()
    assert json.loads(person.fetch("/.anteroom/session").text) == {"signed_in": True, "user": "ann", "name": "Ann Archer", "ends_at": None, "ends_in": None}


def test_the_logout_leads_to_the_checkers(checker, make_site):
    person = Person(make_site(checker, f"sign_out {checker.url}/out", "cache 1h any_path"), checker).in_as()
    assert person.fetch("/x").status == 200
    page = person.navigate("/.anteroom/logout")
    assert page.status == 200
    foreign = page.submit({}, page.form("token"), origin="https://evil.test")
    assert foreign.status == 403 and person.fetch("/x").status == 200 and len(checker.asked) == 1
    done = page.submit({}, page.form("token"))
    assert done.status == 200 and f"url={checker.url}/out" in done.text and done.get("Clear-Site-Data") == '"cache"'
    checker.sessions.clear()
    assert person.fetch("/x").status == 401
    [record] = person.gateway.wait_for_audit(lambda record: "logout" in json.dumps(record))
    assert "ann" in json.dumps(record)


def test_without_a_place_to_sign_out_there_is_no_logout(checker, make_site):
    person = Person(make_site(checker), checker).in_as()
    assert person.navigate("/.anteroom/logout").status == 404
    assert person.request("POST", "/.anteroom/logout", [("Sec-Fetch-Site", "same-origin"), ("Origin", person.origin), ("Content-Type", "application/x-www-form-urlencoded")], "token=x").status == 404


def test_the_apps_own_logout_ends_what_is_believed(checker, make_site):
    person = Person(make_site(checker, "cache 1h any_path", more="app_logout /logout"), checker).in_as()
    assert person.fetch("/x").status == 200
    assert person.fetch("/logout").get("Clear-Site-Data") == '"cache"'
    checker.sessions.clear()
    assert person.fetch("/x").status == 401
    assert not [name for name in person.jar if name.startswith("anteroom")]


def test_no_session_cookie_of_ours_is_set_or_believed(checker, make_site, make_gateway, upstream):
    person = Person(make_site(checker), checker).in_as()
    for _ in range(3):
        assert person.navigate("/x").all("Set-Cookie") == []


def test_a_checker_that_names_nobody(checker, make_site, upstream):
    checker.override = lambda exchange: answer(204)
    person = Person(make_site(checker, "user none", copy=""), checker)
    assert person.navigate("/patients?patient_id=5").status == 200
    assert "x-auth-user" not in upstream.last.names() and upstream.last.get("X-Cliniko-Patient-Id") == "5"


def test_basic_credentials_are_asked_for_where_the_checker_has_no_page(checker, make_site):
    checker.override = lambda exchange: answer(200, fields=[("Remote-User", "ann")]) if exchange.get("Authorization") else answer(401, fields=[("WWW-Authenticate", 'Basic realm="x"')])
    person = Person(make_site(checker, sign_in=False), checker)
    page = person.navigate("/x")
    assert page.status == 401 and 'Basic realm="x"' in page.all("WWW-Authenticate")
    assert person.navigate("/x", [("Authorization", "Basic YTpi")]).status == 200
    assert person.navigate("/x", [("Authorization", "Basic YTpi"), ("Authorization", "Basic YTpj")]).status == 400


def test_over_tls_the_checkers_certificate_is_verified(make_checker, make_gateway, upstream, tmp_path):
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue(tmp_path, "checker", ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    checker = make_checker(tls=context)
    login = lambda more: f"login forward {{ check https://127.0.0.1:{checker.port}/check; {COPY}; {more} }}"
    good = Person(make_gateway(configuration(site(upstream.url, login=login(f"ca {authority.pem}")))), checker).in_as()
    assert good.fetch("/x").status == 200
    bad = Person(make_gateway(configuration(site(upstream.url, login=login("")))), checker).in_as()
    assert bad.fetch("/x").status == 502
    bad.gateway.wait_for_log("a checker cannot be used", "certificate")


# What lasts


def test_a_websocket_ends_when_the_checker_lets_in_no_more(checker, make_site):
    app = WebSocketApp()
    try:
        person = Person(make_site(checker, "cache 1s any_path", url=app.url), checker).in_as()
        other = Person(person.gateway, checker).in_as("bob")

        def at(visitor):
            return websockets.connect(
                f"ws://app.test:{visitor.port}/ws", host="127.0.0.1", origin=visitor.origin, extra_headers={"Cookie": visitor.cookie_header()})

        async def talk():
            async with at(person) as socket, at(other) as kept:
                await socket.send("x")
                assert await socket.recv() == "x"
                before = len(checker.asked)
                await asyncio.get_running_loop().run_in_executor(None, lambda: until(lambda: len(checker.asked) >= before + 2, 20, "further questions"))
                await socket.send("y")
                assert await socket.recv() == "y"
                del checker.sessions[person.jar["portal"]]
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(socket.recv(), 20)
                await kept.send("z")
                assert await kept.recv() == "z"

        asyncio.run(asyncio.wait_for(talk(), 60))
        person.gateway.wait_for_log('"GET /ws HTTP/1.1" 101 ', "session-ended")
    finally:
        app.stop()


@pytest.mark.parametrize("end", ["denied", "failed", "somebody else"])
def test_a_stream_of_events_ends_too(checker, make_site, make_upstream, end):
    def app(exchange):
        exchange.send(b"HTTP/1.1 200 Fine\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n")
        exchange.wait_for_end()

    person = Person(make_site(checker, "cache 1s", url=make_upstream(app).url), checker).in_as()
    with person.connect() as client:
        client.send(person.message("GET", "/events"))
        until(lambda: "events" in person.gateway.output or len(checker.asked) >= 2, 20, "a further question")
        if end == "denied":
            checker.sessions.clear()
        elif end == "failed":
            checker.override = lambda exchange: answer(500)
        else:
            checker.sessions = {token: "bob" for token in checker.sessions}
        person.gateway.wait_for_log('"GET /events HTTP/1.1" 200 ', "session-ended", timeout=20)


def test_a_reload_brings_another_checker_into_force_for_what_lasts_too(make_checker, make_gateway, make_upstream):
    def app(exchange):
        if exchange.target != "/events":
            return describe(exchange)
        exchange.send(b"HTTP/1.1 200 Fine\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n")
        exchange.wait_for_end()

    first, second = make_checker(), make_checker()
    app = make_upstream(app)
    gateway = make_gateway(configuration(site(app.url, login=first.login("cache 1s"))))
    person = Person(gateway, first).in_as()
    with person.connect() as client:
        client.send(person.message("GET", "/events"))
        until(lambda: "/events" in app.targets, 10, "the stream")
        gateway.file.write_text(configuration(site(app.url, login=second.login("cache 1s"))))
        gateway.signal(signal.SIGHUP)
        gateway.wait_for_log(" reloaded ")
        assert person.fetch("/x").status == 401 and len(second.asked) == 1
        gateway.wait_for_log('"GET /events HTTP/1.1" 200 ', "session-ended", timeout=20)


def test_behind_a_trusted_proxy_the_checker_hears_of_the_browser(checker, make_site):
    gateway = make_site(checker, top="trusted_proxies 127.0.0.0/8")
    person = Person(gateway, checker).in_as()
    assert person.fetch("/x", extra=[("X-Forwarded-For", "6.6.6.6, 9.9.9.9")]).status == 200
    assert checker.asked[0].get("X-Forwarded-For") == "9.9.9.9, 127.0.0.1"


# check --online


@pytest.fixture
def check(tmp_path):
    def checked(login, arguments=("--online",)):
        file = tmp_path / "gateway.conf"
        file.write_text(configuration(site("http://127.0.0.1:9", login=login), listen="127.0.0.1:8123"))
        done = run("check", *arguments, "--config", str(file), timeout=50)
        return done.returncode, (done.stdout + done.stderr).replace(str(tmp_path), "FOLDER")

    return checked


@pytest.mark.parametrize("style", ["nginx", "authelia", "traefik"])
def test_a_checker_that_turns_a_stranger_away_is_fine(check, make_checker, style):
    checker = make_checker(style)
    code, said = check(checker.login())
    assert code == 0 and len(checker.asked) == 1 and "Cookie" not in dict(checker.asked[0].fields), said
    assert "/.anteroom/login" in said


def test_without_the_option_no_checker_is_asked(check, checker):
    code, said = check(checker.login(), arguments=())
    assert code == 0 and checker.asked == [], said


@pytest.mark.parametrize("found,words", [
    (answer(200, fields=[("Remote-User", "ann")]), "lets everybody in"), (answer(204), "lets everybody in"), (answer(500), "status 500"), (answer(404), "status 404"),
    (answer(301, fields=[("Location", "/check/")]), "leads to itself")])
def test_what_is_wrong_with_a_checker_is_told(check, checker, found, words):
    checker.override = lambda exchange: found
    code, said = check(checker.login())
    assert code != 0 and words in said and f"127.0.0.1:{checker.port}" in said, said


def test_a_checker_that_says_nothing_of_where_to_sign_in_is_told(check, checker):
    code, said = check(checker.login(sign_in=False))
    assert "sign_in" in said, said


def test_a_checker_that_nobody_reaches_is_told(check):
    port = refused_port()
    code, said = check(f"login forward {{ check http://127.0.0.1:{port}/x; {COPY} }}")
    assert code != 0 and f"127.0.0.1:{port}" in said, said
