"""Signing in at an OpenID provider: out, back to the very address, and nothing of the patient on the way."""

import itertools
import json
import re
import ssl
import time
import urllib.parse

import pytest

import glewlwyd
import signing
from authority import Authority
from gateway import configuration, oidc, run, site
from openid import Back, Person, links, login_links, parameters, refresh_address, retry
from provider import Client
from tls_client import context
from upstream import refused_port
from visitor import NAVIGATION, Cookie
from waiting import until

PATIENT = "7340918265017"
FULL = "identity { user X-Auth-User; name X-Auth-Name; email X-Auth-Email; groups X-Auth-Groups }\nopen /open/*"
NAMES = ("X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups")


@pytest.fixture
def front(make_front, provider):
    return make_front(oidc(provider))


@pytest.fixture
def person(front):
    return Person(front.port)


# There and back.


@pytest.mark.parametrize("target", [
    "/patients?patient_id=123&x=1", "/patients/?patient_id=1&return=https://x/y;z&a=%2F+b", "/app?url=//example.com&next=//example.com", "/http://example.com",
    "/app?a&b=&&c", "/app?%zz", "/patients?patient%5Fid=9", "/app;x=1/%e2%82%ac?q=%C3%A9", "/patients?patient_id=5&long=" + "x" * 4096,
], ids=lambda target: target[:40])
def test_the_button_leads_through_the_provider_to_the_very_address(person, provider, upstream, target):
    back = person.sign_in_at_provider(target)
    assert back.status == 302 and back.location == target
    assert upstream.requests == []
    assert person.navigate(back.location).status == 200
    assert upstream.last.target == target and upstream.last.get("X-Auth-User") == "ann"


def test_the_patient_header_is_there_after_the_login(person, upstream):
    person.navigate(person.sign_in_at_provider(f"/patients?patient_id={PATIENT}").location)
    assert upstream.last.get("X-Cliniko-Patient-Id") == PATIENT


def test_the_provider_is_asked_as_the_standards_want_it(person, provider):
    address = person.begin()
    assert address.startswith(provider.issuer + "/authorize?")
    asked = parameters(address)
    assert asked["response_type"] == "code" and asked["client_id"] == "anteroom"
    assert asked["redirect_uri"] == f"{person.origin}/.anteroom/callback"
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert asked["code_challenge_method"] == "S256" and re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"])
    assert len(asked["nonce"]) >= 20 and len(asked["state"]) >= 20
    assert asked.get("response_mode", "query") == "query" and "prompt" not in asked and "max_age" not in asked
    person.come_back(person.at_provider(address))
    (sent,) = provider.seen("token")
    form = dict(sent.form)
    assert sent.get("Authorization").startswith("Basic ") and "client_secret" not in form
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", form["code_verifier"]) and form["redirect_uri"] == asked["redirect_uri"]
    assert "cookie" not in [name.lower() for name, _ in sent.fields]


def test_nonce_state_and_verifier_are_new_with_each_attempt(person, provider):
    asked = [parameters(person.begin()) for _ in range(5)]
    for name in ("nonce", "state", "code_challenge"):
        assert len({each[name] for each in asked}) == 5


def test_without_a_ticket_the_login_leads_to_start(make_front, provider):
    person = Person(make_front(oidc(provider), more="start /welcome").port)
    assert person.come_back(person.at_provider(person.leave("/.anteroom/login"))).location == "/welcome"


def test_somebody_who_is_signed_in_is_not_sent_to_the_provider_again(person, provider):
    person.sign_in_at_provider()
    assert person.navigate("/patients?patient_id=2").status == 200
    assert provider.count("authorize") == 1 and provider.count("token") == 1


def test_each_login_is_a_new_session(person):
    person.jar["anteroom"] = "planted"
    person.sign_in_at_provider()
    first = person.jar["anteroom"]
    assert first != "planted"
    other = Person(person.port)
    other.sign_in_at_provider()
    assert other.jar["anteroom"] != first


def test_the_cookies_are_those_of_every_login(person):
    back = person.sign_in_at_provider()
    for cookie in map(Cookie, back.all("Set-Cookie")):
        assert "httponly" in cookie.attributes and cookie.attributes["samesite"].lower() == "lax" and "domain" not in cookie.attributes
    assert "ann" not in str(person.jar)


# Tabs.


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_three_tabs_finished_in_any_order_come_to_three_patients(person, upstream, order):
    targets = [f"/patients?patient_id={patient}&tab={patient}" for patient in (101, 202, 303)]
    answers = [person.at_provider(person.begin(target)) for target in targets]
    for tab in order:
        page = person.come_back(answers[tab])
        assert page.status == 302 and page.location == targets[tab]
        assert person.navigate(page.location).status == 200
        assert upstream.last.get("X-Cliniko-Patient-Id") == str((tab + 1) * 101)


def test_tabs_that_were_opened_before_any_had_a_cookie_each_come_back_to_their_own_patient(front):
    tabs = [Person(front.port) for _ in range(6)]
    begun = [tab.begin(f"/patients?patient_id={number}") for number, tab in enumerate(tabs, 100)]
    browser = Person(front.port)
    for tab in tabs:
        browser.jar |= tab.jar
    for number in (5, 2, 0, 4):
        assert browser.come_back(browser.at_provider(begun[number])).location == f"/patients?patient_id={100 + number}"


def test_no_cookie_is_made_for_each_attempt(person, provider):
    person.begin("/patients?patient_id=1")
    first = set(person.jar)
    for number in range(10):
        person.at_provider(person.begin(f"/patients?patient_id={number + 2}"))
    assert set(person.jar) == first and len(first) <= 2
    assert len(person.cookie_header()) < 500


def test_another_account_in_a_tab_that_was_left_open_does_not_act_under_the_first_ones_name(person, provider, upstream):
    provider.automatic = None
    one, two = person.begin("/patients?patient_id=1"), person.begin("/patients?patient_id=2")
    assert person.come_back(person.at_provider(one, "ann")).location == "/patients?patient_id=1"
    # Somebody else at the same desk, some time later, and not known to the provider yet.
    person.away.jar.clear()
    page = person.come_back(person.at_provider(two, "bob"))
    if page.status == 302:
        assert page.location == "/patients?patient_id=2"
        person.navigate(page.location)
        assert upstream.last.get("X-Auth-User") == "bob"
    else:
        assert page.status == 200 and upstream.requests == []


# What comes back wrong.


def test_a_callback_that_comes_twice_leads_to_its_own_patient_and_costs_nothing(person, provider):
    back = person.at_provider(person.begin("/patients?patient_id=5"))
    other = person.at_provider(person.begin("/patients?patient_id=6"))
    assert person.come_back(back).location == "/patients?patient_id=5"
    assert person.come_back(other).location == "/patients?patient_id=6"
    for _ in range(3):
        assert person.come_back(back).location == "/patients?patient_id=5"
    # A code that is sent twice would have the provider revoke all that came of it.
    assert len({request.parameters["code"] for request in provider.seen("token")}) == provider.count("token")
    assert provider.living_families == provider.count("token") and person.signed_in()


def test_a_reload_while_the_provider_is_slow_does_not_send_the_code_twice(front, provider):
    """A code that comes again makes good providers revoke what came of it: the session would end with its first refresh."""
    person = Person(front.port)
    back = person.at_provider(person.begin("/patients?patient_id=5"))
    provider.hold("token")
    request = person.message("GET", person.path_of(back.address), NAVIGATION)
    with person.connect() as one, person.connect() as two:
        one.send(request)
        until(lambda: provider.count("token") == 1, 10, "the token request")
        two.send(request)
        # Whatever the second is told, it is told it without the provider, or once the first has its answer.
        for _ in range(10):
            assert Person(front.port).fetch("/open/x").status == 200
        provider.let_go("token")
        answers = [one.response(), two.response()]
    assert provider.count("token") == 1 and provider.living_families == 1
    assert answers[0].status == 302
    person.keep(answers[0])
    assert person.signed_in()
    if answers[1].status == 302:
        assert person.path_of(answers[1].get("Location")) == "/patients?patient_id=5"
    else:
        assert "/.anteroom/login" in answers[1].text and "</html>" in answers[1].text
        assert not answers[1].all("Set-Cookie")


def test_a_form_sent_after_the_session_ended_is_said_to_be_lost_before_the_provider_is_gone_to(person, provider, upstream):
    sent = [*NAVIGATION, ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", person.origin), ("Referer", f"{person.origin}/patients?patient_id=5")]
    first = person.request("POST", "/save", sent, "note=half")
    assert first.status in (302, 303)
    page = person.navigate(first.location)
    assert page.status == 200 and "not saved" in page.text
    back = person.come_back(person.at_provider(person.leave(login_links(page)[0])))
    assert back.location == "/patients?patient_id=5" and upstream.requests == []


def test_a_callback_that_comes_twice_to_somebody_who_signed_out_meanwhile_is_a_page(person, provider):
    back = person.at_provider(person.begin("/patients?patient_id=5"))
    person.come_back(back)
    person.logout()
    page = person.come_back(back)
    person.must_be_stranger(page)


def test_a_callback_in_another_browser_is_no_login(front, provider, upstream):
    one, other = Person(front.port), Person(front.port)
    back = one.at_provider(one.begin("/patients?patient_id=5"))
    for _ in range(2):
        page = other.come_back(back)
        assert page.status >= 400 and "patient_id" not in page.text
        assert not other.signed_in() and provider.count("token") == 0
        # Once without a binding of its own, once with another.
        other.begin("/patients?patient_id=6")
    assert one.come_back(back).location == "/patients?patient_id=5"


def test_an_altered_state_is_no_login(person, provider):
    back = person.at_provider(person.begin("/patients?patient_id=5"))
    state = back.values["state"]
    step = max(1, len(state) // 12)
    altered = [state[:at] + ("A" if state[at] != "A" else "B") + state[at + 1:] for at in range(0, len(state) - 1, step)]
    altered += ["", "A", state[:-4], state[4:], state + "AAAA", state + state, "\u00e9", "../" + state]
    for each in altered:
        page = person.come_back(back.changed(lambda pairs: [(name, each if name == "state" else value) for name, value in pairs]))
        person.must_be_stranger(page)
    assert provider.count("token") == 0
    assert person.come_back(back).location == "/patients?patient_id=5"


def test_a_state_of_another_host_is_no_login(make_gateway, provider, upstream):
    gateway = make_gateway(configuration(site(upstream.url, hosts="*.app.test", login=oidc(provider))))
    one, other = Person(gateway.port, "au.app.test"), Person(gateway.port, "uk.app.test")
    back = one.at_provider(one.begin())
    other.jar = dict(one.jar)
    page = other.navigate(back.address[len(one.origin):])
    other.must_be_stranger(page)
    assert one.come_back(back).status == 302


@pytest.mark.parametrize("query", [
    "", "&", "=", "code", "code=x", "state=x", "code=x&state=x", "error=access_denied", "error=access_denied&state=x", "code=x&code=y&state=x", "%zz=1", "answer=x", "answer=&state=x",
    "code=" + "x" * 8000, "error=%3Cscript%3Ealert(1)%3C/script%3E&state=x", "iss=x&state=%00"], ids=lambda query: query[:30] or "empty")
def test_junk_at_the_callback_is_a_clear_page(front, provider, query):
    person = Person(front.port)
    person.begin()
    page = person.navigate("/.anteroom/callback" + (f"?{query}" if query else ""))
    assert 400 <= page.status < 500, page.response
    assert "<h1" in page.text and "<script>alert" not in page.text
    assert not person.signed_in() and provider.count("token") == 0


@pytest.mark.parametrize("twice", ["state", "code", "iss"])
def test_a_parameter_that_comes_twice_is_no_login(person, provider, twice):
    provider.change_redirect = lambda pairs: pairs + [(name, value) for name, value in pairs if name == twice]
    person.refused()
    assert provider.count("token") == 0
    provider.change_redirect = lambda pairs: pairs + [(twice, "else")]
    person.refused()
    assert provider.count("token") == 0


@pytest.mark.parametrize("change", [
    lambda pairs: [pair for pair in pairs if pair[0] != "iss"], lambda pairs: [(name, "https://else.test" if name == "iss" else value) for name, value in pairs],
    lambda pairs: [(name, value + "/" if name == "iss" else value) for name, value in pairs]], ids=["none", "else", "slash"])
def test_an_answer_that_names_another_issuer_or_none_is_no_login(person, provider, change):
    provider.change_redirect = change
    person.refused()
    assert provider.count("token") == 0


def test_an_issuer_in_the_answer_is_compared_even_if_none_was_announced(make_front, provider):
    provider.announces_issuer = False
    person = Person(make_front(oidc(provider)).port)
    provider.change_redirect = lambda pairs: pairs + [("iss", "https://else.test")]
    person.refused()
    provider.change_redirect = None
    assert person.sign_in_at_provider().status == 302


# Answers that are errors.


@pytest.mark.parametrize("error", ["access_denied", "login_required", "interaction_required", "server_error", "temporarily_unavailable", "invalid_scope", "no_such_thing"])
def test_an_error_is_a_page_with_a_retry_that_keeps_the_patient(person, provider, front, error):
    provider.change_redirect = lambda pairs: [("error", error), ("error_description", "said <b>the</b> provider")] + [pair for pair in pairs if pair[0] != "code"]
    page = person.refused(f"/patients?patient_id={PATIENT}")
    assert "<b>the</b>" not in page.text and PATIENT not in page.text
    front.wait_for_log(error)
    provider.change_redirect = None
    back = person.come_back(person.at_provider(person.leave(retry(page))))
    assert back.location == f"/patients?patient_id={PATIENT}"
    assert provider.count("token") == 1


def test_who_cancels_at_the_provider_can_try_again(person, provider):
    provider.automatic = None
    page = person.come_back(person.at_provider(person.begin(f"/patients?patient_id={PATIENT}"), cancel=True))
    person.must_be_stranger(page)
    back = person.come_back(person.at_provider(person.leave(retry(page)), "bob"))
    assert back.location == f"/patients?patient_id={PATIENT}"


def test_what_an_error_says_cannot_break_the_log(person, provider, front):
    forged = "2026-01-01T00:00:00.000Z error forged"
    provider.change_redirect = lambda pairs: [("error", f"x\n{forged}\x1b[31m" + "y" * 3000), ("state", dict(pairs)["state"]), ("iss", provider.issuer)]
    page = person.refused()
    assert forged not in page.text
    assert not any(line.startswith(forged) or "\x1b" in line or len(line) > 3000 for line in front.log)


def test_somebody_elses_code_is_no_login(front, provider):
    """Code injection: an attacker's code, for which the verifier and the nonce are others."""
    provider.automatic = "bob"
    attacker = Person(front.port)
    stolen = attacker.at_provider(attacker.begin()).values["code"]
    provider.automatic = "ann"
    victim = Person(front.port)
    back = victim.at_provider(victim.begin())
    page = victim.come_back(back.changed(lambda pairs: [(name, stolen if name == "code" else value) for name, value in pairs]))
    victim.must_be_stranger(page)


def test_a_refused_login_is_in_the_audit_trail_with_its_reason(make_front, provider):
    front = make_front(oidc(provider, "allow group else"))
    Person(front.port).refused()
    (record,) = front.wait_for_audit(lambda record: record["event"] == "login")
    assert record["outcome"] == "refused" and record["user"] == "ann" and record["reason"]


def test_more_sign_ins_at_once_than_there_may_be_are_put_off_and_lose_nothing(make_front, provider):
    front = make_front(oidc(provider), top="limits { pending_logins 1 }")
    one, two = Person(front.port), Person(front.port)
    first, second = one.at_provider(one.begin("/patients?patient_id=1")), two.at_provider(two.begin("/patients?patient_id=2"))
    provider.hold("token")
    with one.connect() as client:
        client.send(one.message("GET", one.path_of(first.address), NAVIGATION))
        until(lambda: provider.count("token") == 1, 10, "the token request")
        page = two.come_back(second)
        assert page.status == 503 and page.response.get("Retry-After") and not two.signed_in()
        provider.let_go("token")
        assert client.response().status == 302
    # The reload that the page asks for.
    assert two.come_back(second).location == "/patients?patient_id=2"


def test_whoever_goes_away_amid_a_sign_in_leaves_the_place_to_others(make_front, provider):
    front = make_front(oidc(provider), top="limits { pending_logins 1 }")
    one, two = Person(front.port), Person(front.port)
    first, second = one.at_provider(one.begin("/patients?patient_id=1")), two.at_provider(two.begin("/patients?patient_id=2"))
    provider.hold("token")
    with one.connect() as client:
        client.send(one.message("GET", one.path_of(first.address), NAVIGATION))
        until(lambda: provider.count("token") == 1, 10, "the token request")
    provider.let_go("token")
    until(lambda: two.come_back(second).status == 302, 10, "the place")


def test_a_sign_in_does_not_hold_up_the_end(make_front, provider):
    front = make_front(oidc(provider), top="shutdown_timeout 1s")
    person = Person(front.port)
    back = person.at_provider(person.begin())
    provider.hold("token")
    with person.connect() as client:
        client.send(person.message("GET", person.path_of(back.address), NAVIGATION))
        until(lambda: provider.count("token") == 1, 10, "the token request")
        began = time.monotonic()
        front.stop()
        assert time.monotonic() - began < 8


def test_a_reload_amid_a_sign_in_disturbs_nobody(make_front, provider):
    front = make_front(oidc(provider), top="admin run/admin.sock")
    person = Person(front.port)
    back = person.at_provider(person.begin("/patients?patient_id=1"))
    provider.hold("token")
    with person.connect() as client:
        client.send(person.message("GET", person.path_of(back.address), NAVIGATION))
        until(lambda: provider.count("token") == 1, 10, "the token request")
        assert run("reload", "--config", str(front.file)).returncode == 0
        provider.let_go("token")
        answer = client.response()
    assert answer.status == 302 and answer.get("Location").endswith("/patients?patient_id=1")
    person.keep(answer)
    assert person.signed_in()


def test_endpoints_that_have_a_query_keep_it(make_provider, make_front):
    provider = make_provider()
    provider.change_metadata = lambda found: {
        **found, "authorization_endpoint": found["authorization_endpoint"] + "?tenant=a%2Fb&p=", "end_session_endpoint": found["end_session_endpoint"] + "?p=x"}
    person = Person(make_front(oidc(provider)).port)
    address = person.begin()
    assert address.startswith(provider.issuer + "/authorize?tenant=a%2Fb&p=&") and parameters(address)["client_id"] == "anteroom"
    person.come_back(person.at_provider(address))
    address = refresh_address(person.logout())
    assert address.startswith(provider.issuer + "/end?p=x&") and parameters(address)["client_id"] == "anteroom"


def test_long_tokens_fit(make_front, provider, upstream):
    provider.change_access_token = lambda claims: {**claims, "roles": "x" * 6000}
    provider.change_id_token = lambda claims: {**claims, "roles": "x" * 6000}
    person = Person(make_front(oidc(provider, "access_token_header X-Access-Token")).port)
    person.navigate(person.sign_in_at_provider("/app").location)
    assert upstream.last.get("X-Access-Token") == provider.last_access_token
    assert len(person.cookie_header()) < 2000
    page = person.logout()
    assert page.status == 200 and not person.signed_in()


@pytest.mark.parametrize("how", ["restart", "upgrade"])
def test_an_attempt_that_was_begun_before_a_restart_is_finished_after_it(make_front, provider, how):
    front = make_front(oidc(provider), top="admin run/admin.sock")
    person = Person(front.port)
    back = person.at_provider(person.begin(f"/patients?patient_id={PATIENT}"))
    getattr(front, how)()
    assert person.come_back(back).location == f"/patients?patient_id={PATIENT}"


# Where browsers speak https.


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_over_tls_of_our_own_the_provider_is_told_https(make_gateway, provider, upstream, tmp_path, mode):
    authority = Authority(tmp_path / "ca")
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    gateway = make_gateway(configuration(
        site(upstream.url, login=oidc(provider, f"response_mode {mode}")), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))
    person = Person(gateway.port, tls=context(authority))
    address = person.begin("/patients?patient_id=9")
    assert parameters(address)["redirect_uri"] == f"https://app.test:{gateway.port}/.anteroom/callback"
    assert person.come_back(person.at_provider(address)).location == "/patients?patient_id=9"
    assert all(name.startswith("__Host-") for name in person.jar)


def test_behind_a_trusted_proxy_the_provider_is_told_what_browsers_use(make_front, provider):
    front = make_front(oidc(provider), top="trusted_proxies 127.0.0.0/8")
    said = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.test"), ("X-Forwarded-For", "192.0.2.1")]
    person = Person(front.port, always=said)
    first = person.navigate("/patients?patient_id=9")
    address = person.navigate(first.response.get("Location")).response.get("Location")
    assert parameters(address)["redirect_uri"].startswith("https://app.test")
    assert parameters(address)["redirect_uri"].endswith("/.anteroom/callback")
    stranger = Person(make_front(oidc(provider)).port, always=[("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test")])
    assert parameters(stranger.begin())["redirect_uri"] == f"{stranger.origin}/.anteroom/callback"


# Form post.


@pytest.fixture
def posting(make_front, provider):
    return Person(make_front(oidc(provider, "response_mode form_post")).port)


def test_a_form_post_leads_to_the_very_address(posting, provider):
    address = posting.begin(f"/patients?patient_id={PATIENT}&x=%2F")
    assert parameters(address)["response_mode"] == "form_post"
    back = posting.at_provider(address)
    assert back.form is not None
    page = posting.come_back(back)
    assert page.status == 302 and page.location == f"/patients?patient_id={PATIENT}&x=%2F"
    assert posting.signed_in()


def test_the_form_itself_is_no_login_and_sets_no_cookie(posting, provider):
    back = posting.at_provider(posting.begin())
    cookies = posting.jar
    for jar in ({}, dict(cookies)):
        posting.jar = jar
        posted = posting.request(
            "POST", "/.anteroom/callback", [*NAVIGATION, ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "null")], urllib.parse.urlencode(back.form))
        assert posted.status == 303 and not posted.all("Set-Cookie")
        assert posted.location.startswith("/.anteroom/callback?")
        assert back.values["code"] not in posted.location, "the answer is not in any address to read"
    assert provider.count("token") == 0


def test_a_posted_answer_counts_in_its_own_browser_alone(posting, provider):
    back = posting.at_provider(posting.begin("/patients?patient_id=5"))
    other = Person(posting.port)
    other.begin("/patients?patient_id=6")
    other.must_be_stranger(other.come_back(back))
    assert provider.count("token") == 0
    assert posting.come_back(back).location == "/patients?patient_id=5"


def test_a_posted_answer_has_a_bound(posting, provider):
    back = posting.at_provider(posting.begin())
    posted = posting.request(
        "POST", "/.anteroom/callback", [*NAVIGATION, ("Content-Type", "application/x-www-form-urlencoded")],
        urllib.parse.urlencode([*back.form, ("more", "x" * 100_000)]))
    assert posted.status == 413
    assert posting.come_back(back).status == 302


def test_an_error_by_form_keeps_the_patient_too(posting, provider):
    provider.automatic = None
    page = posting.come_back(posting.at_provider(posting.begin(f"/patients?patient_id={PATIENT}"), cancel=True))
    posting.must_be_stranger(page)
    assert posting.come_back(posting.at_provider(posting.leave(retry(page)), "ann")).location == f"/patients?patient_id={PATIENT}"


# What the provider and others get to know.


def test_nothing_of_the_patient_reaches_the_provider(make_front, provider, upstream):
    provider.claims_in_id_token = False
    for mode in ("query", "form_post"):
        person = Person(make_front(oidc(provider, f"response_mode {mode}")).port)
        for target in (f"/patients?patient_id={PATIENT}&name=Quillfeather", f"/records/Quillfeather/{PATIENT}?{'x' * 3000}"):
            person.jar.clear()
            person.navigate(person.sign_in_at_provider(target).location)
            assert upstream.last.target == target
    assert provider.count("userinfo") == 4
    provider.must_not_have_seen(PATIENT, "Quillfeather", "/patients", "patient_id", "/records")


def test_the_length_of_the_state_does_not_tell_the_patient(person):
    lengths = {len(parameters(person.begin(f"/patients?patient_id={patient}"))["state"]) for patient in ("1", "12345", "9223372036854775807")}
    assert len(lengths) == 1


def test_the_provider_sees_no_referer_of_ours(person, front):
    page = person.navigate(person.navigate(f"/patients?patient_id={PATIENT}").location)
    assert page.response.get("Referrer-Policy") in ("same-origin", "no-referrer")


def test_no_secret_is_in_the_log(person, provider, front):
    person.sign_in_at_provider(f"/patients?patient_id={PATIENT}")
    provider.fail("token")
    Person(front.port).refused(f"/patients?patient_id={PATIENT}")
    (redeemed, failed) = provider.seen("token")
    front.stop()
    for secret in (
        provider.client.secret, provider.last_id_token, provider.last_access_token, signing.parts(provider.last_id_token)[1]["nonce"],
        redeemed.parameters["code"], failed.parameters["code"], redeemed.parameters["code_verifier"], PATIENT, person.jar["anteroom"]):
        assert secret not in front.output


def test_requests_of_scripts_get_401_and_no_redirect_or_cookie(person, provider):
    for _ in range(20):
        answer = person.fetch("/api/poll")
        assert answer.status == 401 and answer.response.get("Location") is None and not answer.all("Set-Cookie")
        assert answer.response.get("Content-Type").startswith("application/problem+json")
    assert person.jar == {} and provider.count("authorize") == 0


def test_the_login_is_in_the_audit_trail(person, front):
    person.sign_in_at_provider()
    (login,) = front.wait_for_audit(lambda record: record["event"] == "login" and record["outcome"] == "signed-in")
    assert login["user"] == "ann"


# Several logins.


@pytest.fixture
def two(make_provider):
    first, second = make_provider(), make_provider()
    second.automatic = "bob"
    return first, second


def with_number(page, number):
    return next(link for link in login_links(page) if f"with={number}" in link)


def test_a_choice_is_offered_and_keeps_the_patient(make_front, two):
    front = make_front(oidc(two[0], title="Staff"), oidc(two[1], title="Partners"))
    for number, user in ((1, "ann"), (2, "bob")):
        person = Person(front.port)
        page = person.navigate(person.navigate(f"/patients?patient_id={PATIENT}").location)
        assert page.status == 200 and "Staff" in page.text and "Partners" in page.text and PATIENT not in page.text
        back = person.come_back(person.at_provider(person.leave(with_number(page, number))))
        assert back.location == f"/patients?patient_id={PATIENT}"
        assert json.loads(person.fetch("/.anteroom/session").text)["user"] == user


def test_the_choice_is_remembered_and_can_be_made_again(make_front, two):
    person = Person(make_front(oidc(two[0], title="Staff"), oidc(two[1], title="Partners")).port)
    page = person.navigate(person.navigate("/patients?patient_id=1").location)
    chosen = person.navigate(with_number(page, 2))
    for cookie in map(Cookie, chosen.all("Set-Cookie")):
        assert "httponly" in cookie.attributes and cookie.attributes["samesite"].lower() == "lax" and "domain" not in cookie.attributes
    person.come_back(person.at_provider(chosen.response.get("Location")))
    person.logout()
    address = person.begin("/patients?patient_id=2")
    assert address.startswith(two[1].issuer), "the last choice"
    page = person.navigate("/.anteroom/login?choose=1")
    assert page.status == 200 and "Staff" in page.text and "Partners" in page.text
    assert person.leave(with_number(page, 1)).startswith(two[0].issuer)


def test_a_password_and_a_provider_on_one_page(make_front, provider):
    front = make_front(oidc(provider, title="Staff"), 'login password "Locums" { users users.passwd }')
    person = Person(front.port)
    page = person.navigate(person.navigate("/patients?patient_id=8").location)
    assert page.status == 200 and "Staff" in page.text
    other = Person(front.port)
    assert page.sign_in("bob").location == "/patients?patient_id=8"
    page = other.navigate(other.navigate("/patients?patient_id=9").location)
    assert other.come_back(other.at_provider(other.leave(with_number(page, 1)))).location == "/patients?patient_id=9"


def test_from_trouble_with_one_login_a_way_leads_to_the_others(make_front, two):
    person = Person(make_front(oidc(two[0], title="Staff"), oidc(two[1], title="Partners")).port)
    two[0].fail("token")
    page = person.navigate(person.navigate("/patients?patient_id=3").location)
    page = person.come_back(person.at_provider(person.leave(with_number(page, 1))))
    person.must_be_stranger(page)
    others = next(link for link in login_links(page) if "choose=1" in link)
    page = person.navigate(others)
    assert person.come_back(person.at_provider(person.leave(with_number(page, 2)))).location == "/patients?patient_id=3"


def test_an_answer_of_one_provider_is_no_answer_of_another(make_front, two):
    """Mix-up: the other provider's code, with this one's state."""
    person = Person(make_front(oidc(two[0], title="Staff"), oidc(two[1], title="Partners")).port)
    page = person.navigate(person.navigate("/patients?patient_id=3").location)
    own = person.at_provider(person.leave(with_number(page, 1)))
    other = person.at_provider(person.leave(with_number(page, 2)))
    page = person.come_back(other.changed(lambda pairs: [(name, own.values["state"] if name == "state" else value) for name, value in pairs]))
    person.must_be_stranger(page)
    assert two[0].count("token") == 0 and two[1].count("token") == 0


def test_the_same_name_at_two_providers_is_two_people(make_front, two):
    """Whoever signs in elsewhere is asked before a patient of somebody else's ticket opens."""
    two[1].users["bob"]["preferred_username"] = "ann"
    person = Person(make_front(oidc(two[0], title="Staff"), oidc(two[1], title="Partners"), more="session { idle 2s; lifetime 1h }").port)
    page = person.navigate(person.navigate("/patients?patient_id=3").location)
    person.come_back(person.at_provider(person.leave(with_number(page, 1))))
    until(lambda: not person.signed_in(), 15, "the end of the session", pause=0.2)
    page = person.navigate(person.navigate("/patients?patient_id=4").location + "&choose=1")
    page = person.come_back(person.at_provider(person.leave(with_number(page, 2))))
    assert page.status == 200 and "patient_id=4" not in page.response.everything()


def test_a_site_without_a_provider_has_no_callback(make_gateway, upstream):
    person = Person(make_gateway(configuration(site(upstream.url))).port)
    for target in ("/.anteroom/callback?code=x&state=x", "/.anteroom/frontchannel?iss=x&sid=x"):
        assert person.navigate(target).status == 404
    for target in ("/.anteroom/callback", "/.anteroom/backchannel"):
        assert person.request("POST", target, [("Content-Type", "application/x-www-form-urlencoded")], "a=b").status == 404


# Ways to show who the gateway is.


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_the_gateway_shows_who_it_is_as_the_provider_wants_it(make_provider, make_front, method):
    provider = make_provider()
    provider.client.method = method
    assert Person(make_front(oidc(provider)).port).sign_in_at_provider().status == 302
    assert provider.count("token") == 1


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384"])
def test_the_gateway_shows_who_it_is_by_a_key(make_provider, make_gateway, upstream, tmp_path, algorithm):
    provider = make_provider()
    key = signing.Key(algorithm, "client-key", place=500)
    path = tmp_path / "client.key"
    path.write_text(key.private_pem)
    path.chmod(0o600)
    provider.add_client(Client("anteroom", method="private_key_jwt", key=key))
    person = Person(make_gateway(configuration(site(upstream.url, login=oidc(provider, f"private_key {path}")))).port)
    assert person.sign_in_at_provider().status == 302
    person.jar.clear()
    assert person.sign_in_at_provider().status == 302, "with a new assertion"
    header, claims = signing.parts(provider.seen("token")[0].parameters["client_assertion"])
    assert header["alg"] == algorithm and claims["exp"] - claims["iat"] <= 300


def test_a_secret_comes_from_a_file(provider, make_gateway, upstream, tmp_path):
    (tmp_path / "oidc.secret").write_text(provider.client.secret + "\n")
    (tmp_path / "oidc.secret").chmod(0o600)
    login = oidc(provider).replace(f'"{provider.client.secret}"', f"file:{tmp_path}/oidc.secret")
    assert Person(make_gateway(configuration(site(upstream.url, login=login))).port).sign_in_at_provider().status == 302


@pytest.fixture
def secure(make_provider, tmp_path):
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue(tmp_path, "provider", ["127.0.0.1"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return make_provider(tls=server), authority


def test_a_provider_over_https_is_believed_by_the_authority_that_is_named(secure, make_front, tmp_path):
    provider, authority = secure
    assert Person(make_front(oidc(provider, f"ca {authority.pem}")).port).sign_in_at_provider().status == 302


def test_a_certificate_that_nobody_vouches_for_is_not_believed(secure, make_front, tmp_path):
    provider, _ = secure
    other = Authority(tmp_path / "other")
    for lines in ([], [f"ca {other.pem}"]):
        front = make_front(oidc(provider, *lines))
        page = Person(front.port).navigate("/.anteroom/login")
        assert page.status == 503 and "<h1" in page.text
        front.wait_for_log("certificate")
    assert provider.requests == []


def test_a_certificate_for_another_name_is_not_believed(make_provider, make_front, tmp_path):
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue(tmp_path, "provider", ["else.test"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    provider = make_provider(tls=server)
    assert Person(make_front(oidc(provider, f"ca {authority.pem}")).port).navigate("/.anteroom/login").status == 503
    assert provider.requests == []


# Out again.


def test_a_logout_goes_on_to_the_provider_and_ends_its_session(person, provider, upstream):
    person.sign_in_at_provider(f"/patients?patient_id={PATIENT}")
    provider.client.after_logout = [f"{person.origin}/.anteroom/logout"]
    page = person.logout()
    assert page.status == 200 and not person.signed_in()
    address = refresh_address(page)
    assert address in links(page) and address.startswith(provider.issuer + "/end?")
    sent = parameters(address)
    assert sent["id_token_hint"] == provider.last_id_token and sent["client_id"] == "anteroom"
    assert sent["post_logout_redirect_uri"] == f"{person.origin}/.anteroom/logout"
    back = person.away.open(address)
    assert back.status == 302
    page = person.navigate(person.path_of(back.location))
    assert page.status == 200 and not person.signed_in()
    provider.automatic = None
    assert person.away.open(person.begin()).status == 200, "the provider asks who it is"
    provider.must_not_have_seen(PATIENT)


def test_a_local_logout_leaves_the_providers_session_alone(make_front, provider):
    person = Person(make_front(oidc(provider, "logout local")).port)
    person.sign_in_at_provider()
    page = person.logout()
    assert page.status == 200 and not person.signed_in() and refresh_address(page) is None
    assert provider.issuer not in page.text


def test_a_logout_works_with_a_provider_that_has_no_address_for_it_or_is_down(make_provider, make_front):
    provider = make_provider()
    provider.change_metadata = lambda found: {name: value for name, value in found.items() if name != "end_session_endpoint"}
    person = Person(make_front(oidc(provider)).port)
    person.sign_in_at_provider()
    page = person.logout()
    assert page.status == 200 and not person.signed_in() and refresh_address(page) is None


def test_the_apps_own_logout_ends_our_session_too(make_front, provider):
    person = Person(make_front(oidc(provider), more="app_logout /logout").port)
    person.sign_in_at_provider()
    person.navigate("/logout")
    assert not person.signed_in()


# A provider that nobody reaches.


def test_a_provider_that_is_down_is_a_clear_page_and_the_retry_keeps_the_patient(make_front, make_provider):
    provider = make_provider()
    provider.down()
    front = make_front(oidc(provider))
    person = Person(front.port)
    page = person.navigate(person.navigate(f"/patients?patient_id={PATIENT}").location)
    assert page.status == 503 and page.response.get("Retry-After") and "<h1" in page.text
    provider.up()
    address = []

    def back_up():
        page = person.navigate(retry_of[0])
        address.append(page.response.get("Location"))
        return page.status == 302

    retry_of = [retry(page)]
    until(back_up, 60, "the provider to be asked again", pause=0.2)
    assert person.come_back(person.at_provider(address[-1])).location == f"/patients?patient_id={PATIENT}"
    assert provider.count("token") == 1


def test_healthz_does_not_depend_on_the_provider(make_front):
    class Nobody:
        issuer = f"http://127.0.0.1:{refused_port()}"
        client = Client("anteroom", secret="x")

    front = make_front(oidc(Nobody()))
    person = Person(front.port)
    assert person.fetch("/.anteroom/healthz").status == 200 and person.fetch("/open/x").status == 200


# A real provider.


def test_a_real_provider_signs_somebody_in(make_gateway, upstream, tmp_path):
    reason = glewlwyd.absence()
    if reason:
        pytest.fail(reason)
    real = glewlwyd.Glewlwyd(tmp_path / "glewlwyd")
    try:
        real.client = Client("anteroom", secret=glewlwyd.SECRET)
        gateway = make_gateway(configuration(site(upstream.url, login=oidc(real), more=FULL)))
        person = Person(gateway.port)
        real.add_client(person.origin)
        real.grant("anteroom")
        first = person.navigate(f"/patients?patient_id={PATIENT}")
        address = person.navigate(first.location).response.get("Location")
        assert address.startswith(real.issuer + "/auth?")
        back = person.come_back(Back(real.code(address)))
        assert back.status == 302 and back.location == f"/patients?patient_id={PATIENT}"
        person.navigate(back.location)
        assert [upstream.last.get(name) for name in NAMES] == ["ann", "Ann Archer", "ann@clinic.test", "clinicians,admins"]
        # A restart of its own: new keys, under other names.
        real.rotate_keys()
        person.jar.clear()
        address = person.navigate(person.navigate("/patients?patient_id=4").location).response.get("Location")
        assert person.come_back(Back(real.code(address))).status == 302
    finally:
        real.stop()
