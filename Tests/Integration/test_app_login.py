"""`login app`: the app keeps its own login, and each tab comes to what was chosen in it."""

import itertools
import json
import threading

import pytest

from gateway import configuration, run, site
from own_login import ACCOUNTS, CODE, OwnLogin
from upstream import answer
from visitor import NAVIGATION, Visitor
from waiting import until


class Tab:
    """One tab of a visitor: it has an address, tells it as browsers do, and follows redirects."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.page = None
        self.referrer = None
        self.sends_referrer = True

    def _headers(self, site_, more=()):
        fields = [(name, value) for name, value in NAVIGATION if name != "Sec-Fetch-Site"] + [("Sec-Fetch-Site", site_), *more]
        return fields + ([("Referer", self.referrer)] if self.referrer and self.sends_referrer else [])

    def _go(self, method, target, site_, more=(), body=None):
        for _ in range(10):
            page = self.visitor.request(method, target, self._headers(site_, more), body)
            if page.status not in (301, 302, 303, 307, 308):
                self.page, self.address = page, target
                policy = page.get("Referrer-Policy")
                self.referrer = None if policy == "no-referrer" else self.visitor.origin + target
                return page
            if page.status not in (307, 308):
                method, more, body = "GET", (), None
            target = page.location
        raise AssertionError(f"redirected without end, last to {target}")

    def click(self, target):
        """On the practice-management page, in this tab."""
        self.referrer = None
        return self._go("GET", target, "cross-site")

    def open(self, target):
        """By a link or script of the page that is shown."""
        return self._go("GET", target, "same-origin")

    def submit(self, **fields):
        import urllib.parse
        form = self.page.form(*fields)
        values = {**dict(form.hidden()), **fields}
        action = self.visitor.path_of(urllib.parse.urljoin(self.visitor.origin + self.address, form.action or self.address))
        more = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", self.visitor.origin)]
        return self._go("POST", action, "same-origin", more, urllib.parse.urlencode(values))

    def sign_in(self, user="ann", password=None):
        self.submit(user=user, password=password or ACCOUNTS[user])
        if "code" in self.page.text and "name=code" in self.page.text:
            self.submit(code=CODE)
        return self.page


@pytest.fixture
def make(make_upstream, make_gateway):
    """A gateway in front of an app that keeps its own login."""
    def make(kind="form", *more, site_more="open /open/*"):
        app = OwnLogin(kind)
        upstream = make_upstream(app)
        gateway = make_gateway(configuration(site(upstream.url, login=app.login(*more), more=site_more)))
        gateway.app, gateway.upstream = app, upstream
        return gateway
    return make


@pytest.fixture
def front(make):
    return make()


def browser(gateway, host="app.test"):
    return Visitor(gateway.port, host)


PATIENT = "/patients?patient_id=101&x=%2F+b&&c"


def shown(tab):
    assert tab.page.status == 200 and "id=record" in tab.page.text, (tab.page.response, tab.page.text[:500])
    return tab.address


KINDS = ["form", "steps", "inline", "php"]


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_apps_own_login_the_user_is_at_the_exact_address_that_was_clicked(make, kind):
    gateway = make(kind)
    tab = Tab(browser(gateway))
    page = tab.click(PATIENT)
    assert tab.address.startswith("/login?anteroom=") and "patient" not in tab.address and "101" not in tab.address
    tab.sign_in()
    assert shown(tab) == PATIENT
    last = gateway.upstream.last
    assert last.target == PATIENT and last.get("X-Auth-User") == "ann" and last.get("X-Cliniko-Patient-Id") == "101"
    # Nothing of ours has come to the app.
    for seen in gateway.upstream.requests:
        assert "anteroom" not in seen.target and "anteroom=" not in str([f for f in seen.fields if f[0] != "Via"]), seen
    gateway.wait_for_audit(lambda record: "ann" in json.dumps(record) and "101" in json.dumps(record))
    assert "101" not in "\n".join(gateway.log)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)], ids=str)
def test_three_tabs_come_to_three_patients_in_any_order(make, kind, order):
    gateway = make(kind)
    visitor = browser(gateway)
    targets = [f"/patients?patient_id={n}" for n in (101, 202, 303)]
    tabs = [Tab(visitor) for _ in targets]
    for tab, target in zip(tabs, targets):
        tab.click(target)
    for place in order:
        tabs[place].sign_in()
        assert shown(tabs[place]) == targets[place]
        assert gateway.upstream.last.get("X-Cliniko-Patient-Id") == str((place + 1) * 101)


def test_two_tabs_in_the_middle_of_their_second_step_do_not_mix(make):
    gateway = make("inline")
    visitor = browser(gateway)
    first, second = Tab(visitor), Tab(visitor)
    first.click("/patients?patient_id=101")
    second.click("/patients?patient_id=202")
    first.submit(user="ann", password=ACCOUNTS["ann"])
    second.submit(user="ann", password=ACCOUNTS["ann"])
    second.submit(code="0")
    assert "name=code" in second.page.text
    second.submit(code=CODE)
    assert shown(second) == "/patients?patient_id=202"
    # The app has forgotten the first one's step for the second one's, but the tab knows where it was going.
    first.open(first.address)
    assert shown(first) == "/patients?patient_id=101"


def test_a_wrong_password_and_a_refused_form_lose_nothing(front):
    tab = Tab(browser(front))
    tab.click(PATIENT)
    tab.submit(user="ann", password="wrong")
    assert "Wrong." in tab.page.text
    # A forged form: 302 to /home without a session.
    tab.submit(user="ann", password=ACCOUNTS["ann"], csrf="forged")
    assert tab.address.startswith("/login?anteroom=")
    tab.sign_in()
    assert shown(tab) == PATIENT


def test_a_tab_goes_on_by_itself_when_another_has_signed_in(front):
    visitor = browser(front)
    first, second = Tab(visitor), Tab(visitor)
    first.click("/patients?patient_id=101")
    second.click("/patients?patient_id=202")
    first.sign_in()
    second.open(second.address)
    assert shown(second) == "/patients?patient_id=202"


def test_a_login_by_fetch_comes_out_right_too(make):
    gateway = make("fetch")
    visitor = browser(gateway)
    first, second = Tab(visitor), Tab(visitor)
    first.click("/patients?patient_id=101")
    second.click("/patients?patient_id=202")
    body = json.dumps({"user": "ann", "password": ACCOUNTS["ann"]})
    fields = [("Content-Type", "application/json"), ("Referer", visitor.origin + first.address)]
    assert visitor.fetch("/login/api", "POST", fields, body).status == 200
    first.open("/home")
    assert shown(first) == "/patients?patient_id=101"
    second.open("/home")
    assert shown(second) == "/patients?patient_id=202"


def test_where_no_tab_is_known_a_page_asks_and_never_the_latest_wins(front):
    visitor = browser(front)
    tabs = [Tab(visitor) for _ in range(2)]
    for tab, patient in zip(tabs, (101, 202)):
        tab.click(f"/patients?patient_id={patient}")
    other = Tab(visitor)
    other.click("/login")
    other.sends_referrer = False
    other.sign_in()
    assert other.page.status == 200 and "id=record" not in other.page.text
    assert "Patient 101" in other.page.text and "Patient 202" in other.page.text
    seen = [target for target in front.upstream.targets if target.startswith("/patients")]
    assert seen == []
    link = next(part.split('"')[1] for part in other.page.text.split("href=")[1:] if "tab=" in part)
    other.open(link)
    assert shown(other) == "/patients?patient_id=101"
    # Once is enough.
    other.open("/other")
    assert shown(other) == "/other"


def test_one_waiting_tab_is_asked_about_as_well(front):
    visitor = browser(front)
    Tab(visitor).click("/patients?patient_id=101")
    other = Tab(visitor)
    other.click("/login")
    other.sends_referrer = False
    other.sign_in()
    assert "Patient 101" in other.page.text and "/home" in other.page.text
    other.open("/home")
    assert shown(other) == "/home"


def test_only_login_pages_and_what_is_open_pass_without_a_session(front):
    visitor = browser(front)
    for target in ("/", "/home", "/api/me", "/loginx", "/login/../patients", "/login/%2e%2e/home", "/LOGIN", "/login;x/../home"):
        page = visitor.fetch(target)
        assert page.status in (400, 401), (target, page.response)
    assert visitor.fetch("/open/logo").status == 200 and visitor.fetch("/login").status == 200
    assert {target for target in front.upstream.targets} == {"/open/logo", "/login"}


def test_a_made_up_cookie_is_no_session_and_two_are_none(front):
    visitor = browser(front)
    visitor.jar["sid"] = "made-up"
    assert visitor.fetch("/home").status == 401
    tab = Tab(visitor)
    tab.click(PATIENT)
    tab.sign_in()
    shown(tab)
    value = visitor.jar["sid"]
    double = [("Cookie", f"sid={value}; sid={value}"), ("Sec-Fetch-Mode", "cors")]
    assert visitor.request("GET", "/home", double).status == 401
    assert visitor.request("GET", "/home", [("Cookie", "sid="), ("Sec-Fetch-Mode", "cors")]).status == 401


def test_a_session_of_one_host_is_none_at_another(make_upstream, make_gateway):
    app = OwnLogin()
    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, hosts="app.test *.app.test", login=app.login())))
    tab = Tab(browser(gateway))
    tab.click("/patients?patient_id=1")
    tab.sign_in()
    probes = app.probes
    other = Visitor(gateway.port, "au.app.test")
    other.jar["sid"] = tab.visitor.jar["sid"]
    other.fetch("/home")
    # What the app says of it there is for the app to say: it is asked anew.
    assert app.probes == probes + 1


def test_a_probes_answer_is_shared_and_believed_for_a_while(front):
    visitor = browser(front)
    tab = Tab(visitor)
    tab.click(PATIENT)
    tab.sign_in()
    before = front.app.probes
    for _ in range(20):
        assert visitor.fetch("/api/things").status == 200
    assert front.app.probes == before


def test_many_at_once_are_one_probe(front):
    visitor = browser(front)
    front.app.sessions["known"] = {"user": "bob"}
    visitor.jar["sid"] = "known"
    gate = threading.Event()

    def slow(exchange):
        gate.wait(20)
        return answer(200, json.dumps({"user": {"name": "bob"}}))
    front.app.override = slow
    front.app.lock = threading.Condition(threading.Lock())
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(Visitor(front.port).request(
        "GET", "/api/x", [("Cookie", "sid=known"), ("Sec-Fetch-Mode", "cors")]).status)) for _ in range(10)]
    for thread in threads:
        thread.start()
    until(lambda: front.app.probes >= 1, 10, "a probe")
    gate.set()
    for thread in threads:
        thread.join(20)
    assert answers == [200] * 10 and front.app.probes == 1


@pytest.mark.parametrize("broken,status", [
    (lambda exchange: answer(500, "no"), 502),
    (lambda exchange: exchange.close(), 502),
    (lambda exchange: answer(200, "x" * (2 << 20)), 502),
], ids=["500", "closed", "2 MB"])
def test_an_app_that_does_not_say_lets_nobody_in_and_throws_nobody_out(make, broken, status):
    gateway = make("form", "recheck 1s")
    tab = Tab(browser(gateway))
    tab.click(PATIENT)
    tab.sign_in()
    gateway.app.override = broken
    seen = until(lambda: (page := tab.visitor.fetch("/api/x")).status == status and page, 10, "the end of belief", pause=0.1)
    assert seen.status == status
    gateway.app.override = None
    assert tab.visitor.fetch("/api/x").status == 200


@pytest.mark.parametrize("told", [
    {"user": None}, {"user": {"name": None}}, {"user": {"name": ""}}, {"user": {"name": ["ann"]}}, {"user": {"name": 1.5}}, {"name": "ann"}, "ann",
    {"user": {"name": "a\r\nX-Admin: 1"}}, {"user": {"name": "x" * 300}},
], ids=str)
def test_a_probe_that_names_nobody_is_nobody(make, told):
    gateway = make()
    gateway.app.override = lambda exchange: answer(200, json.dumps(told))
    visitor = browser(gateway)
    visitor.jar["sid"] = "x"
    assert visitor.fetch("/home").status == 401
    assert [target for target in gateway.upstream.targets if target != "/api/me"] == []


def test_the_apps_logout_counts_at_once(front):
    tab = Tab(browser(front))
    tab.click(PATIENT)
    tab.sign_in()
    value = tab.visitor.jar["sid"]
    tab.open("/logout")
    assert tab.address == "/login"
    tab.visitor.jar["sid"] = value
    assert tab.visitor.fetch("/home").status == 401
    front.wait_for_audit(lambda record: "logout" in json.dumps(record))


def test_our_own_logout_refuses_the_apps_session_from_then_on(front):
    visitor = browser(front)
    tab = Tab(visitor)
    tab.click(PATIENT)
    tab.sign_in()
    value = visitor.jar["sid"]
    out = visitor.logout()
    assert out.status == 200 and "sid" not in visitor.jar
    visitor.jar["sid"] = value
    assert visitor.fetch("/home").status == 401
    assert front.app.sessions[value]["user"] == "ann"


def test_another_user_on_a_tab_that_was_left_open_is_asked_first(make):
    gateway = make("form", "recheck 1s")
    visitor = browser(gateway)
    tab = Tab(visitor)
    tab.click("/patients?patient_id=101")
    tab.sign_in("ann")
    # The app ends it.
    gateway.app.sessions.clear()
    until(lambda: visitor.fetch("/home").status == 401, 10, "the end of ann's session", pause=0.1)
    tab.click("/patients?patient_id=202")
    assert tab.address.startswith("/login?")
    tab.sign_in("bob")
    assert "id=record" not in tab.page.text and tab.page.status == 200, tab.page.text
    assert not [seen for seen in gateway.upstream.requests if seen.get("X-Cliniko-Patient-Id") == "202"]


def test_made_up_cookies_of_one_address_are_limited_and_who_is_known_goes_on(make):
    gateway = make("form", "probe_limit 5 in 30d")
    tab = Tab(browser(gateway))
    tab.click(PATIENT)
    tab.sign_in()
    for number in range(12):
        stranger = Visitor(gateway.port)
        stranger.jar["sid"] = f"made-up-{number}"
        last = stranger.fetch("/home")
    assert last.status == 429 and last.get("Retry-After")
    assert tab.visitor.fetch("/home").status == 200
    made_up = [seen for seen in gateway.upstream.requests if "made-up" in (seen.get("Cookie") or "")]
    assert len(made_up) <= 5


def test_tabs_are_bounded_and_the_latest_still_come_back(front):
    visitor = browser(front)
    tabs = []
    for number in range(30):
        tab = Tab(visitor)
        tab.click(f"/patients?patient_id={number + 1}&fill=" + "y" * 900)
        tabs.append(tab)
    own = [name for name in visitor.jar if "-tab-" in name]
    assert len(own) <= 8 and sum(len(name) + len(visitor.jar[name]) for name in own) <= 4096
    for number in (29, 25):
        tabs[number].sign_in()
        assert shown(tabs[number]).startswith(f"/patients?patient_id={number + 1}&")


def test_the_way_back_of_another_browser_leads_nowhere(front):
    mine, theirs = Tab(browser(front)), Tab(browser(front))
    theirs.click("/patients?patient_id=666")
    mine.click("/patients?patient_id=101")
    mine.open(theirs.address)
    mine.sign_in()
    assert mine.address != "/patients?patient_id=666"
    assert not [seen for seen in front.upstream.requests if seen.get("X-Cliniko-Patient-Id") == "666"]


def test_only_named_places_after_a_login_are_replaced(make):
    gateway = make("form", "after_login /elsewhere")
    tab = Tab(browser(gateway))
    tab.click(PATIENT)
    tab.sign_in()
    # The app had its reasons to send people to /home; the choice is kept.
    assert tab.address == "/home" and "Patient 101" in tab.page.text


def test_what_else_the_apps_redirect_says_is_passed_on(front):
    tab = Tab(browser(front))
    tab.click("/login")
    form = tab.page.form("user", "password")
    sent = tab.page.submit({"user": "ann", "password": ACCOUNTS["ann"]}, form)
    assert sent.status == 302 and sent.location == "/home" and sent.get("X-Kept") == "yes" and "sid" in tab.visitor.jar


def test_no_redirect_to_a_login_page_leaves_the_site(make_upstream, make_gateway):
    app = OwnLogin()
    upstream = make_upstream(app)
    login = app.login().replace("page /login /login/*", "page /login /*/*")
    gateway = make_gateway(configuration(site(upstream.url, login=login)))
    tab = Tab(browser(gateway))
    tab.click("/patients?patient_id=101")
    for target in ("//evil.test/x", "//evil.test/login", "/\\evil.test/x"):
        page = tab.visitor.request("GET", target, tab._headers("same-origin"))
        assert "evil" not in (page.get("Location") or ""), page.response


@pytest.mark.parametrize("location", ["/home", "/login/code"])
def test_what_is_left_of_a_forms_body_is_no_request(make, location):
    """The app has answered before it had all of it."""
    gateway = make()
    tab = Tab(browser(gateway))
    tab.click(PATIENT)
    inner = gateway.upstream.app
    early = lambda exchange: answer(302, "", [("Location", location)]) if exchange.method == "POST" else inner(exchange)
    gateway.upstream.app = early
    rest = b"GET /open/smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n"
    fields = [*NAVIGATION, ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(4 + len(rest)))]
    with tab.visitor.connect() as client:
        client.send(tab.visitor.message("POST", tab.address, fields) + b"a=b&")
        first = client.response("POST")
        assert first.status == 302 and first.get("Location").startswith(location)
        client.send(rest + tab.visitor.message("GET", "/open/honest"))
        second = client.response()
        assert second.status == 200 and b"/open/honest" in second.body
    assert "/open/smuggled" not in gateway.upstream.targets


def test_no_other_tab_is_asked_about_once_this_one_has_landed(front):
    visitor = browser(front)
    first, second = Tab(visitor), Tab(visitor)
    first.click("/reports?x=1")
    second.click("/patients?patient_id=202")
    first.sign_in()
    assert shown(first) == "/reports?x=1"
    first.open("/other")
    assert shown(first) == "/other"


def test_session_tells_who_is_signed_in(front):
    tab = Tab(browser(front))
    assert json.loads(tab.visitor.fetch("/.anteroom/session").text) == {"signed_in": False}
    tab.click(PATIENT)
    tab.sign_in()
    told = json.loads(tab.visitor.fetch("/.anteroom/session").text)
    assert told["user"] == "ann" and told["ends_in"] is None


FAULTS = {
    "page": ("login app { signed_in cookie sid; probe /me { user none } }", "page"),
    "cookie": ("login app { page /login; probe /me { user none } }", "signed_in"),
    "probe": ("login app { page /login; signed_in cookie sid }", "probe"),
    "user": ("login app { page /login; signed_in cookie sid; probe /me { } }", "user"),
    "all open": ("login app { page /*; signed_in cookie sid; probe /me { user none } }", "whole app"),
    "all open too": ("login app { page /login /*; signed_in cookie sid; probe /me { user none } }", "whole app"),
    "own cookie": ("login app { page /login; signed_in cookie anteroom; probe /me { user none } }", "name space"),
    "two": ("login app { page /login; signed_in cookie sid; probe /me { user none } }\n    login password { users users.passwd }", "only login"),
    "session": ("login app { page /login; signed_in cookie sid; probe /me { user none } }\n    session { idle 5m }", "idle"),
}


@pytest.mark.parametrize("text,word", FAULTS.values(), ids=FAULTS)
def test_a_wrong_configuration_is_told_with_its_mend(tmp_path, text, word):
    (tmp_path / "gateway.conf").write_text(configuration(site("http://127.0.0.1:9", login=text)))
    ended = run("check", "--config", str(tmp_path / "gateway.conf"))
    assert ended.returncode == 78 and word in ended.stderr and "(" in ended.stderr, ended.stderr


def check_online(tmp_path, upstream, app):
    (tmp_path / "gateway.conf").write_text(configuration(site(upstream.url, login=app.login()), listen="127.0.0.1:8080"))
    return run("check", "--online", "--config", str(tmp_path / "gateway.conf"))


def test_check_online_finds_nothing_wrong_with_an_app_that_answers_as_it_should(tmp_path, make_upstream):
    app = OwnLogin()
    ended = check_online(tmp_path, make_upstream(app), app)
    assert ended.returncode == 0 and app.probes == 2, ended.stderr


PROBES = {
    "everybody": (lambda exchange: answer(200, '{"user": {"name": "guest"}}'), 78, "everybody would be let in"),
    "any cookie": (lambda exchange: answer(200 if "sid=" in (exchange.get("Cookie") or "") else 401, '{"user": {"name": "x"}}'), 78, "made-up cookie"),
    "absent": (lambda exchange: answer(404, "no"), 78, "nobody would ever be signed in"),
    "broken": (lambda exchange: answer(500, "no"), 78, "does not say who is signed in"),
    "closed": (lambda exchange: exchange.close(), 78, "does not answer"),
    "a page": (lambda exchange: answer(200, "<html>", [("Content-Type", "text/html")]), 0, "no JSON document"),
    "no name": (lambda exchange: answer(200, "{}"), 0, "no member user.name"),
}


@pytest.mark.parametrize("probe,status,words", PROBES.values(), ids=PROBES)
def test_check_online_explains_a_probe_that_does_not_answer_as_expected(tmp_path, make_upstream, probe, status, words):
    app = OwnLogin()
    app.override = probe
    ended = check_online(tmp_path, make_upstream(app), app)
    assert ended.returncode == status and words in ended.stderr, (ended.returncode, ended.stderr)
    assert "(" in ended.stderr


def test_check_online_tells_of_an_app_that_is_not_there(tmp_path):
    app = OwnLogin()
    (tmp_path / "gateway.conf").write_text(configuration(site("http://127.0.0.1:9", login=app.login()), listen="127.0.0.1:8080"))
    ended = run("check", "--online", "--config", str(tmp_path / "gateway.conf"))
    assert ended.returncode == 78 and "the app does not answer" in ended.stderr, ended.stderr


def test_an_event_stream_ends_when_the_app_has_ended_the_session(make):
    gateway = make("form", "recheck 1s", site_more="event_stream { idle_timeout 60s }")
    tab = Tab(browser(gateway))
    tab.click(PATIENT)
    tab.sign_in()
    shown(tab)
    inner = gateway.upstream.app

    def app(exchange):
        if exchange.target == "/events":
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\none\n\n\r\n")
            exchange.wait_for_end()
            return None
        return inner(exchange)
    gateway.upstream.app = app
    with tab.visitor.connect() as client:
        client.send(tab.visitor.message("GET", "/events", [("Accept", "text/event-stream"), ("Sec-Fetch-Mode", "cors")]))
        assert client.head().status == 200
        before = gateway.app.probes
        until(lambda: gateway.app.probes > before, 15, "a look at the stream's session")
        gateway.app.sessions.clear()
        until(lambda: not client.more(), 15, "the stream's end")
