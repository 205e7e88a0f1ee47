"""Sessions and their cookies: what opens, what does not, and what ends them."""

import base64
import json
import time

import pytest

from gateway import PASSWORD, account, accounts, configuration, site, write_accounts
from rawhttp import Client
from visitor import NAVIGATION, Cookie, Visitor
from waiting import until


def session_cookie(visitor):
    return visitor.jar["anteroom"]


def with_cookie(visitor, header):
    """A navigation with exactly this Cookie field."""
    return visitor.request("GET", "/app", [("Cookie", header), *NAVIGATION])


@pytest.mark.parametrize("header", [
    ";;=; =x; a", "anteroom", "anteroom=", "anteroom=;", "=anteroom", "anteroom=AAAA", "anteroom=" + "A" * 200, "anteroom=%00%ff", 'anteroom="quoted"', "anteroom=é", "a=b,anteroom=x",
    "anteroom=" + base64.urlsafe_b64encode(bytes(range(200))).decode(), "x" * 8000, "; ".join(f"c{n}={n}" for n in range(200)), "__Host-anteroom=x; anteroom=y",
], ids=lambda header: header[:30])
def test_junk_in_the_cookie_field_means_not_signed_in_and_never_an_error(visitor, upstream, header):
    assert with_cookie(visitor, header).status == 302
    assert visitor.request("GET", "/app", [("Cookie", header), ("Accept", "*/*")]).status == 401
    assert visitor.request("GET", "/open/x", [("Cookie", header)]).status == 200
    assert "x-auth-user" not in upstream.last.names()


def test_other_cookies_around_ours_do_no_harm(ann, upstream):
    own = ann.cookie_header()
    assert with_cookie(ann, f";;=; =x; a; {own}; " + "; ".join(f"c{n}={n}" for n in range(200))).status == 200
    assert upstream.last.get("X-Auth-User") == "ann"


def test_our_cookie_three_times_is_no_login_even_if_one_is_valid(ann, upstream):
    value = session_cookie(ann)
    for header in (f"anteroom=x; anteroom={value}; anteroom=y", f"anteroom={value}; anteroom=x; anteroom=x"):
        assert with_cookie(ann, header).status == 302
    assert upstream.requests == []


def test_a_flipped_bit_anywhere_closes_the_seal(ann, upstream):
    value = session_cookie(ann)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for position in range(0, len(value) - 1, max(1, len(value) // 24)):
        if value[position] not in alphabet:
            continue
        flipped = alphabet[alphabet.index(value[position]) ^ 32]
        assert with_cookie(ann, f"anteroom={value[:position]}{flipped}{value[position + 1:]}").status == 302
    for other in (value[:-1], value + "A", value[1:], value.lower(), value * 2):
        assert with_cookie(ann, f"anteroom={other}").status == 302
    assert upstream.requests == []
    assert with_cookie(ann, f"anteroom={value}").status == 200


def test_a_session_of_one_host_does_not_open_another(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, hosts="*.app.test"), site(upstream.url, hosts="else.test")))
    first = Visitor(gateway.port, "au.app.test")
    first.sign_in()
    for host in ("uk.app.test", "else.test"):
        second = Visitor(gateway.port, host)
        second.jar = dict(first.jar)
        assert second.navigate("/app").status == 302
    assert upstream.requests == []
    assert first.navigate("/app").status == 200


def test_a_session_sealed_by_another_gateway_means_nothing(ann, make_gateway, upstream):
    stranger = Visitor(make_gateway(configuration(site(upstream.url))).port)
    stranger.jar = dict(ann.jar)
    assert stranger.navigate("/app").status == 302


def test_the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(visitor):
    back = visitor.sign_in()
    cookies = {cookie.name: cookie for cookie in map(Cookie, back.all("Set-Cookie"))}
    assert "anteroom" in cookies and "__Host-anteroom" not in cookies
    for cookie in cookies.values():
        assert "httponly" in cookie.attributes
        assert cookie.attributes["samesite"].lower() == "lax"
        assert cookie.attributes["path"].startswith("/")
        assert "domain" not in cookie.attributes and "secure" not in cookie.attributes
    assert cookies["anteroom"].attributes["path"] == "/"


def test_the_name_for_https_is_not_accepted_over_plain_http(ann, upstream):
    assert with_cookie(ann, f"__Host-anteroom={session_cookie(ann)}").status == 302


def test_the_cookie_shows_nothing_of_whose_it_is(ann):
    value = session_cookie(ann)
    plain = base64.urlsafe_b64decode(value.split(".")[-1] + "===")
    assert b"ann" not in plain and b"Archer" not in plain


def test_a_planted_session_is_not_the_one_after_the_login(visitor):
    visitor.jar["anteroom"] = "planted"
    visitor.sign_in()
    first = session_cookie(visitor)
    assert first != "planted"
    # Signing in again while signed in: a new session, and the planted one is not kept alive by it.
    page = visitor.navigate("/.anteroom/login")
    if page.status == 200:
        page.sign_in()
        assert session_cookie(visitor) != first


def test_logout_ends_the_session_at_once_on_every_connection(visitor, upstream):
    visitor.sign_in()
    old = visitor.cookie_header()
    request = visitor.message("GET", "/app", NAVIGATION)
    with Client(visitor.port) as one, Client(visitor.port) as two, Client(visitor.port) as three:
        for client in (one, two, three):
            client.send(request)
            assert client.response().status == 200
        before = len(upstream.requests)
        page = visitor.logout()
        assert page.status in (200, 302, 303)
        for client in (one, two, three):
            client.send(request)
            assert client.response().status == 302
    assert with_cookie(visitor, old).status == 302
    assert len(upstream.requests) == before


def test_logout_clears_the_cookie_and_the_cache(ann):
    set_at_login = "anteroom"
    page = ann.logout()
    assert '"cache"' in page.get("Clear-Site-Data")
    cleared = [cookie for cookie in map(Cookie, page.all("Set-Cookie")) if cookie.name == set_at_login]
    assert len(cleared) == 1 and cleared[0].deletes
    attributes = cleared[0].attributes
    assert attributes["path"] == "/" and "httponly" in attributes and attributes["samesite"].lower() == "lax" and "domain" not in attributes


def test_a_get_of_logout_only_asks(ann):
    page = ann.navigate("/.anteroom/logout")
    assert page.status == 200 and page.form("token").method == "post"
    assert ann.signed_in()
    assert ann.navigate("/app").status == 200


def test_logout_without_token_or_from_elsewhere_is_refused(ann):
    page = ann.navigate("/.anteroom/logout")
    form = page.form("token")
    for answer in (
        page.submit({"token": ""}, form), page.submit({"token": "x" * 43}, form), page.submit({}, form, origin="http://evil.test"), page.submit({}, form, origin="null"),
        ann.request("POST", "/.anteroom/logout", [*NAVIGATION, ("Origin", ann.origin), ("Content-Type", "application/x-www-form-urlencoded")], b""),
    ):
        assert answer.status in (400, 403), answer.response
        assert ann.signed_in()


def test_the_apps_own_logout_address_ends_our_session_too(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more="app_logout /logout"))).port)
    visitor.sign_in()
    old = visitor.cookie_header()
    page = visitor.navigate("/logout")
    assert page.status == 200 and "/logout" in upstream.targets
    assert with_cookie(visitor, old).status == 302


def test_taking_a_user_out_of_the_accounts_file_ends_the_session(front, upstream):
    ann, bob = Visitor(front.port), Visitor(front.port)
    ann.sign_in("ann")
    bob.sign_in("bob")
    write_accounts(front.users, [line for line in accounts() if not line.startswith("ann:")])
    until(lambda: ann.navigate("/app").status == 302, 15, "the removed user's session to end")
    assert bob.navigate("/app").status == 200


def test_a_new_password_ends_the_sessions_of_the_old_one(front):
    ann, bob = Visitor(front.port), Visitor(front.port)
    ann.sign_in("ann")
    bob.sign_in("bob")
    write_accounts(front.users, [account("ann", "an altogether new one", "Ann Archer", "ann@clinic.test", "clinicians,admins")] + [line for line in accounts() if line.startswith("bob:")])
    until(lambda: ann.navigate("/app").status == 302, 15, "the session of the old password to end")
    assert bob.navigate("/app").status == 200
    assert ann.login_page().sign_in("ann", PASSWORD).status == 403
    ann.sign_in("ann", "an altogether new one")


def test_groups_that_were_taken_away_are_not_sent_any_more(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="identity { user X-Auth-User; groups X-Auth-Groups }")))
    visitor = Visitor(gateway.port)
    visitor.sign_in()
    visitor.navigate("/app")
    assert upstream.last.get("X-Auth-Groups") == "clinicians,admins"
    write_accounts(gateway.users, [account("ann", name="Ann Archer", email="ann@clinic.test", groups="clinicians")])
    # Either the session ends, or it goes on with what the file says now.
    until(lambda: visitor.navigate("/app").status == 302 or upstream.last.get("X-Auth-Groups") == "clinicians", 15, "the group to be gone")


def test_a_new_user_can_sign_in_without_a_restart(make_gateway, upstream):
    login = "login password { users users.passwd; throttle { account 100 in 10m } }"
    front = make_gateway(configuration(site(upstream.url, login=login)))
    write_accounts(front.users, [*accounts(), account("eve", "a password for eve")])
    visitor = Visitor(front.port)

    def signs_in():
        return visitor.login_page().sign_in("eve", "a password for eve").status == 303

    until(signs_in, 15, "the new account", pause=1.0)


def test_logouts_and_sessions_outlive_a_restart(front):
    ann, bob = Visitor(front.port), Visitor(front.port)
    ann.sign_in("ann")
    bob.sign_in("bob")
    old = ann.cookie_header()
    ann.logout()
    front.restart()
    assert bob.navigate("/app").status == 200
    assert with_cookie(ann, old).status == 302


def test_an_idle_session_runs_out_and_the_next_click_comes_back_after_the_login(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more="session { idle 2s; lifetime 1h }"))).port)
    visitor.sign_in()
    assert visitor.signed_in()
    # Asking is no activity: this loop would keep the session alive for ever if it were.
    until(lambda: not visitor.signed_in(), 15, "the session to run out")
    assert visitor.navigate("/patients?patient_id=5").status == 302
    assert upstream.requests == []
    assert visitor.sign_in(target="/patients?patient_id=5").location == "/patients?patient_id=5"


def test_background_requests_are_no_activity_and_others_are(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more="session { idle 2s; lifetime 1h }\nbackground /api/poll /live/*"))).port)
    visitor.sign_in()
    began = time.monotonic()
    # Twice the idle limit with activity: still there.
    until(lambda: (visitor.navigate("/app").status != 200) or time.monotonic() - began > 4, 10, "four seconds of work", pause=0.2)
    assert visitor.navigate("/app").status == 200
    until(lambda: visitor.fetch("/api/poll").status == 401, 15, "the session to run out under polling", pause=0.1)


def test_the_lifetime_is_absolute(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more="session { idle 2s; lifetime 4s }"))).port)
    visitor.sign_in()
    until(lambda: visitor.navigate("/app").status == 302, 15, "the lifetime to end", pause=0.1)


def test_the_login_page_neither_shows_nor_extends_a_live_session(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more="session { idle 2s; lifetime 1h }"))).port)
    visitor.sign_in()
    page = visitor.navigate("/.anteroom/login")
    assert "ann" not in page.text.lower().split() and "Archer" not in page.text

    def ended():
        page = visitor.navigate("/.anteroom/login")
        assert "anteroom" not in [cookie.name for cookie in map(Cookie, page.all("Set-Cookie")) if not cookie.deletes]
        return not visitor.signed_in()

    until(ended, 15, "the session to run out")


def test_open_paths_and_refusals_set_no_session_cookie(visitor):
    for page in (visitor.fetch("/open/x"), visitor.fetch("/app"), visitor.fetch("/.anteroom/healthz"), visitor.fetch("/.anteroom/session")):
        assert page.all("Set-Cookie") == []


def test_the_session_page_gives_an_end_that_lies_ahead(ann):
    state = json.loads(ann.fetch("/.anteroom/session").text)
    assert len(state) >= 2, state
