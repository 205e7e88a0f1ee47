"""Sessions that follow their provider: renewed with it, ended by it, and not disturbed when it is away."""

import signal
import threading
import time
import urllib.parse

import pytest

import signing
from gateway import configuration, oidc, run, site
from openid import Person
from provider import Client as Registered
from rawhttp import Client
from visitor import NAVIGATION
from waiting import until

TOKEN = "access_token_header X-Access-Token"
FULL = "identity { user X-Auth-User; name X-Auth-Name; email X-Auth-Email; groups X-Auth-Groups }\nopen /open/*"


@pytest.fixture
def front(make_front, provider):
    return make_front(oidc(provider, TOKEN), more=FULL, top="admin run/admin.sock")


def signed_in(front, **more):
    person = Person(front.port, **more)
    person.sign_in_at_provider()
    return person


def short(provider, front, seconds=1):
    """Somebody whose first access token is good for `seconds`; those that come with a refresh last."""
    provider.access_token_lifetime = seconds
    person = signed_in(front)
    provider.access_token_lifetime = 3600
    person.expires = signing.parts(provider.last_access_token)[1]["exp"]
    return person


def run_out(person):
    until(lambda: time.time() > person.expires + 0.05, 30, "the access token to run out")


def ended(person):
    return person.fetch("/app").status == 401 and person.navigate("/app").status == 302


def goes_on(person):
    return person.fetch("/app").status == 200


# Refresh.


def test_tokens_are_renewed_before_they_run_out(front, provider, upstream):
    person = short(provider, front, 4)
    first = provider.last_access_token

    def renewed():
        assert goes_on(person)
        token = upstream.last.get("X-Access-Token")
        assert signing.parts(token)[1]["exp"] > time.time() - 0.5, "the app gets no token that has run out"
        return token != first

    until(renewed, 20, "another access token", pause=0.1)
    assert upstream.last.get("X-Access-Token") == provider.last_access_token
    assert provider.refreshes == 1 and provider.count("authorize") == 1
    (sent,) = provider.seen("token", grant_type="refresh_token")
    assert sent.get("Authorization").startswith("Basic ")


def test_tokens_that_are_fresh_are_left_alone(front, provider):
    person = signed_in(front)
    for _ in range(20):
        assert goes_on(person)
    assert provider.refreshes == 0


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_six_parallel_requests_are_one_refresh_and_nobody_is_logged_out(front, provider, upstream, late):
    for number in range(3):
        person = short(provider, front)
        if late:
            run_out(person)
        provider.hold("token")
        clients = [Client(front.port) for _ in range(6)]
        try:
            for client in clients:
                client.send(person.message("GET", "/app", [("Accept", "*/*")]))
            until(lambda: provider.refreshes == number + 1, 10, "the refresh")
            provider.let_go("token")
            assert [client.response().status for client in clients] == [200] * 6
        finally:
            for client in clients:
                client.close()
        assert person.signed_in() and goes_on(person)
        assert provider.refreshes == number + 1 and provider.living_families == number + 1


def test_who_waits_for_a_refresh_gets_the_new_token_to_the_app(front, provider, upstream):
    person = short(provider, front)
    run_out(person)
    assert goes_on(person)
    assert upstream.last.get("X-Access-Token") == provider.last_access_token and provider.refreshes == 1


@pytest.mark.parametrize("how", ["id token", "userinfo", "userinfo without an id token"])
def test_groups_and_names_are_read_anew_with_each_refresh(front, provider, upstream, how):
    provider.claims_in_id_token = how == "id token"
    person = short(provider, front)
    provider.users["ann"] |= {"groups": ["visitors"], "name": "Ann Baker"}
    if how.endswith("without an id token"):
        provider.change_tokens = lambda tokens: {name: value for name, value in tokens.items() if name != "id_token"}

    def new():
        assert goes_on(person)
        return upstream.last.get("X-Auth-Groups") == "visitors"

    until(new, 20, "the new groups")
    assert upstream.last.get("X-Auth-Name") == "Ann Baker" and upstream.last.get("X-Auth-User") == "ann"


def test_a_refused_refresh_ends_the_session(front, provider):
    person, other = short(provider, front), signed_in(front)
    provider.revoke()
    run_out(person)
    assert ended(person), "and whoever waited for it is not let through"
    assert goes_on(other), "its own tokens have not run out"
    front.wait_for_log("does not renew", "ann")
    refreshes = provider.refreshes
    assert ended(person) and provider.refreshes == refreshes


def test_a_refused_refresh_ends_the_session_at_the_next_request(front, provider):
    person = short(provider, front, 4)
    provider.revoke()
    until(lambda: ended(person), 20, "the end", pause=0.1)


def test_who_is_not_among_the_allowed_any_more_is_out_with_the_next_refresh(make_front, provider):
    front = make_front(oidc(provider, "allow group clinicians"))
    person = short(provider, front)
    provider.users["ann"]["groups"] = ["visitors"]
    run_out(person)
    until(lambda: ended(person), 20, "the end")


@pytest.mark.parametrize("change", [
    {"sub": "90c2-bob"}, {"iss": "https://else.test"}, {"aud": "else"}, {"exp": 1}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}], ids=str)
def test_a_refresh_with_a_token_of_somebody_else_gives_nobody_that_name(front, provider, upstream, change):
    person = short(provider, front)
    provider.users["ann"] |= {"preferred_username": "admin"}
    provider.change_id_token = lambda claims: {**claims, **change}
    run_out(person)
    person.fetch("/app")
    until(lambda: provider.refreshes >= 1, 10, "the refresh")
    until(lambda: ended(person), 10, "the end of the session")
    assert all(exchange.get("X-Auth-User") == "ann" for exchange in upstream.requests)


def test_a_refresh_that_brings_no_new_refresh_token_goes_on_with_the_old_one(front, provider):
    provider.rotates_refresh_tokens = False
    provider.change_tokens = lambda tokens: tokens if provider.refreshes == 0 else {name: value for name, value in tokens.items() if name != "refresh_token"}
    person = short(provider, front)
    provider.access_token_lifetime = 1

    def twice():
        assert goes_on(person)
        return provider.refreshes >= 2

    until(twice, 20, "the second refresh", pause=0.1)
    assert person.signed_in()


def test_without_a_refresh_token_the_session_lasts_as_long_as_the_gateway_says(make_front, provider):
    provider.issues_refresh_tokens = False
    front = make_front(oidc(provider))
    person = short(provider, front)
    run_out(person)
    assert goes_on(person) and provider.refreshes == 0


def test_nobody_asks_for_a_refresh_in_the_name_of_somebody_who_left(front, provider):
    person = short(provider, front)
    cookies = dict(person.jar)
    person.logout()
    person.jar = cookies
    run_out(person)
    assert ended(person) and provider.refreshes == 0


def test_a_logout_amid_a_refresh_stays_a_logout(front, provider):
    person = short(provider, front)
    run_out(person)
    cookies = dict(person.jar)
    provider.hold("token")
    with person.connect() as client:
        client.send(person.message("GET", "/app", [("Accept", "*/*")]))
        until(lambda: provider.refreshes == 1, 10, "the refresh")
        assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
        provider.let_go("token")
        assert client.response().status == 401
    person.jar = dict(cookies)
    assert ended(person)
    front.restart()
    person.jar = dict(cookies)
    assert ended(person) and provider.refreshes == 1


@pytest.mark.parametrize("said", [None, 0, -5, "300", "soon", 1e300, 1 << 70, True, [], 2.5], ids=str)
def test_an_odd_lifetime_of_a_token_is_neither_a_fault_nor_a_storm(front, provider, said):
    provider.change_tokens = lambda tokens: {name: value for name, value in {**tokens, "expires_in": said}.items() if value is not None}
    person = signed_in(front)
    for _ in range(10):
        assert goes_on(person)
    assert provider.refreshes <= 10 and provider.living_families == 1


# The provider is away.


def test_signed_in_users_go_on_while_the_provider_is_down_and_new_ones_get_a_clear_page(make_front, provider, upstream):
    front = make_front(oidc(provider))
    person = short(provider, front)
    provider.down()
    run_out(person)
    for _ in range(5):
        assert goes_on(person) and person.navigate("/patients?patient_id=5").status == 200
    assert upstream.last.get("X-Auth-User") == "ann"
    new = Person(front.port)
    page = new.navigate(new.navigate("/patients?patient_id=6").location)
    if page.status == 302:
        # What it says of itself is still fresh; the code cannot be exchanged, should one come.
        assert page.response.get("Location").startswith(provider.issuer)
    else:
        new.must_be_stranger(page, 503)
        assert page.response.get("Retry-After")
    provider.up()
    until(lambda: provider.refreshes == 1 or not goes_on(person), 60, "the refresh that was put off", pause=0.2)
    assert goes_on(person) and provider.living_families == 1


@pytest.mark.parametrize("status", [500, 503, 429, 404, 200], ids=str)
def test_a_provider_that_fails_ends_no_session(make_front, provider, status):
    front = make_front(oidc(provider))
    person = short(provider, front)
    provider.fail("token", status)
    run_out(person)
    for _ in range(10):
        assert goes_on(person)
    assert 1 <= provider.refreshes <= 2, "it is not asked with every request"


def test_the_code_of_a_new_user_comes_while_the_provider_goes_down(make_front, provider):
    front = make_front(oidc(provider))
    person = Person(front.port)
    back = person.at_provider(person.begin("/patients?patient_id=6"))
    provider.down()
    person.must_be_stranger(person.come_back(back), 503)


# Back-channel logout.



@pytest.mark.parametrize("by", ["sub", "sid", "both"])
def test_a_logout_token_ends_the_sessions_that_it_names_at_once(front, provider, by):
    provider.automatic = "bob"
    bob = signed_in(front)
    provider.automatic = "ann"
    first = signed_in(front)
    first_sid = provider.sids[-1]
    second = signed_in(front)
    named = {"sub": {"sub": "7d1f-ann"}, "sid": {"sid": first_sid}, "both": {"sub": "7d1f-ann", "sid": first_sid}}[by]
    with Client(front.port) as client:
        request = first.message("GET", "/app", NAVIGATION)
        client.send(request)
        assert client.response().status == 200
        status, _ = provider.send_logout(front.port, provider.logout_token(**named))
        assert status == 200
        client.send(request)
        assert client.response().status == 302
    assert ended(first) and ended(second) == (by == "sub") and goes_on(bob)
    record = front.wait_for_audit(lambda record: record["event"] == "logout")[0]
    assert record["user"] == "ann"


def test_a_logout_token_counts_once(front, provider):
    signed_in(front)
    token = provider.logout_token(sub="7d1f-ann")
    assert provider.send_logout(front.port, token)[0] == 200
    again = signed_in(front)
    assert provider.send_logout(front.port, token)[0] == 400
    assert goes_on(again)


def test_a_logout_token_for_nobody_here_is_fine(front, provider):
    person = signed_in(front)
    assert provider.send_logout(front.port, provider.logout_token(sub="nobody"))[0] == 200
    assert goes_on(person)


@pytest.mark.parametrize("way", ["logout", "refresh"])
def test_who_signs_in_after_a_session_that_was_ended_is_asked_before_its_patient_opens(front, provider, upstream, way):
    """The tab was left open by somebody whose session the provider has ended."""
    if way == "logout":
        person = signed_in(front)
        assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
    else:
        person = short(provider, front)
        provider.revoke()
        run_out(person)
        assert ended(person)
    address = person.begin("/patients?patient_id=4711")
    provider.automatic, person.away.jar = "bob", {}
    page = person.come_back(person.at_provider(address))
    assert page.status == 200 and page.form("confirm"), page.response
    assert not [seen for seen in upstream.requests if seen.get("X-Cliniko-Patient-Id") == "4711"]


def test_the_same_person_goes_straight_on_after_a_session_that_was_ended(front, provider):
    person = signed_in(front)
    assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
    assert person.sign_in_at_provider("/patients?patient_id=4711").location == "/patients?patient_id=4711"


def test_somebody_can_sign_in_again_after_a_logout(front, provider):
    person = signed_in(front)
    assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
    assert ended(person)
    person.sign_in_at_provider()
    assert goes_on(person)


def drop(name):
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def put(**values):
    return lambda claims: {**claims, **values}


LOGOUT = {
    "other aud": put(aud="else"), "no aud": drop("aud"), "aud empty": put(aud=[]),
    "other iss": put(iss="https://else.test"), "no iss": drop("iss"),
    "a nonce": put(nonce="x"), "an empty nonce": put(nonce=""), "a nonce that is null": put(nonce=None),
    "no events": drop("events"), "other events": put(events={"http://else.test/event": {}}), "events in a list": put(events=["http://schemas.openid.net/event/backchannel-logout"]),
    "events in a text": put(events="http://schemas.openid.net/event/backchannel-logout"),
    "an event that is no object": put(events={"http://schemas.openid.net/event/backchannel-logout": True}),
    "neither sub nor sid": drop("sub"), "sub is a number": put(sub=7), "sub is empty": put(sub=""),
    "no jti": drop("jti"), "jti is empty": put(jti=""), "no iat": drop("iat"), "iat in the future": put(iat=int(time.time()) + 86_400),
    "no exp and not fresh": lambda claims: {**drop("exp")(claims), "iat": int(time.time()) - 3600}, "exp 1e300": put(exp=1e300), "expired": put(exp=int(time.time()) - 600),
}


@pytest.mark.parametrize("case", LOGOUT)
def test_a_logout_token_with_wrong_claims_ends_nothing(front, provider, case):
    person = signed_in(front)
    status, text = provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann", change=LOGOUT[case]))
    assert status == 400, text
    assert goes_on(person)
    front.wait_for_log("logout token")


def test_a_logout_token_of_an_older_provider_counts_while_it_is_fresh(front, provider):
    """Drafts of the standard asked for no exp, and providers in use send none."""
    person = signed_in(front)
    token = provider.logout_token(sub="7d1f-ann", change=drop("exp"))
    assert provider.send_logout(front.port, token)[0] == 200
    assert ended(person)
    again = signed_in(front)
    assert provider.send_logout(front.port, token)[0] == 400
    assert goes_on(again)


def _forged_logout(provider):
    claims = signing.parts(provider.logout_token(sub="7d1f-ann"))[1]
    good = provider.logout_token(sub="7d1f-ann")
    return {
        "none": signing.unsigned(claims), "HS256": signing.with_shared_secret(provider.signer.public_pem, claims, provider.signer.kid),
        "client secret": signing.with_shared_secret(provider.client.secret, claims), "flipped": signing.flipped(good),
        "another key": provider.logout_token(sub="7d1f-ann", key=signing.Key("RS256", provider.signer.kid, place=950)),
        "an unknown key": provider.logout_token(sub="7d1f-ann", key=signing.Key("RS256", "unknown", place=951)),
        "an id token": provider.last_id_token, "an access token": provider.last_access_token, "junk": "x.y.z", "empty": "", "long": good + "A" * 200_000,
    }


def test_a_forged_logout_token_ends_nothing(front, provider):
    person = signed_in(front)
    for name, token in _forged_logout(provider).items():
        status, text = provider.send_logout(front.port, token)
        assert status in (400, 413), (name, status, text)
        assert goes_on(person), name
    for form in ({}, {"token": "x"}, [("logout_token", provider.logout_token(sub="7d1f-ann"))] * 2):
        assert provider.send_logout(front.port, None, form=form)[0] == 400
    assert goes_on(person)
    assert person.request("GET", "/.anteroom/backchannel?logout_token=" + provider.logout_token(sub="7d1f-ann"), NAVIGATION).status == 405
    assert goes_on(person)
    assert provider.client.secret not in front.output


def test_a_logout_is_kept_over_a_restart(front, provider):
    person, other = signed_in(front), signed_in(front)
    assert provider.send_logout(front.port, provider.logout_token(sid=provider.sids[0]))[0] == 200
    front.kill()
    front.start()
    person.port = other.port = front.port
    assert ended(person)


def test_a_logout_token_with_another_type_is_no_logout_token(front, provider):
    person = signed_in(front)
    for kind in ("at+jwt", "dpop+jwt"):
        assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann", header={"typ": kind}))[0] == 400
        assert goes_on(person)
    # Not all providers give it its type (it is only recommended).
    assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann", header={"typ": "JWT"}))[0] == 200
    assert ended(person)


def test_a_logout_token_ends_what_stays_open_too(make_gateway, make_upstream, provider):
    """Server-sent events of a session that the provider ends."""
    begun = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"

    def app(exchange):
        exchange.send(begun)
        exchange.wait_for_end()

    gateway = make_gateway(configuration(site(make_upstream(app).url, login=oidc(provider))))
    person = Person(gateway.port)
    person.sign_in_at_provider()
    with person.connect() as client:
        client.send(person.message("GET", "/events", [("Accept", "text/event-stream")]))
        assert client.head().status == 200
        assert provider.send_logout(gateway.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
        until(lambda: not client.more(), 15, "the end of the stream")


def test_the_oldest_session_makes_room_for_a_new_one(make_front, provider):
    front = make_front(oidc(provider), top="limits { provider_sessions 2 }")
    people = []
    for _ in range(3):
        people.append(signed_in(front))
        now = int(time.time())
        # Logins of one second are equally old.
        until(lambda: int(time.time()) > now, 5, "the next second")
    assert goes_on(people[2]) and goes_on(people[1]) and ended(people[0])


# Front-channel logout.


def test_the_providers_page_ends_the_session_that_it_names_without_a_cookie(front, provider):
    first = signed_in(front)
    second = signed_in(front)
    frame = Person(front.port)
    answer = frame.request("GET", provider.front_channel(provider.sids[0]), [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "cross-site")])
    assert answer.status == 200 and not answer.all("Set-Cookie") and "no-store" in answer.response.get("Cache-Control")
    assert ended(first) and goes_on(second)


def test_a_front_channel_logout_that_names_nobody_ends_nothing(front, provider):
    person = signed_in(front)
    good = provider.sids[0]
    for target in (
        provider.front_channel("guess"), provider.front_channel(good, "https://else.test"), f"/.anteroom/frontchannel?sid={good}", "/.anteroom/frontchannel", "/.anteroom/frontchannel?iss=" + urllib.parse.quote(provider.issuer, safe=""),
        provider.front_channel(good) + f"&sid={good}", provider.front_channel(""), provider.front_channel(good[:-1]),
    ):
        answer = Person(front.port).navigate(target)
        assert answer.status in (200, 400)
        assert goes_on(person), target
    assert Person(front.port).request("POST", provider.front_channel(good), [("Content-Type", "application/x-www-form-urlencoded")], "").status == 405
    assert goes_on(person)


# Restarts, reloads, rotated keys.


def test_a_restart_keeps_sessions_and_what_renews_them(front, provider, upstream):
    person = short(provider, front, 4)
    lasting = signed_in(front)
    lasting_sid = provider.sids[-1]
    front.restart()
    assert goes_on(lasting) and upstream.last.get("X-Auth-Groups") == "clinicians,admins"
    assert upstream.last.get("X-Access-Token")
    run_out(person)
    assert goes_on(person)
    assert provider.refreshes == 1 and upstream.last.get("X-Access-Token") == provider.last_access_token
    assert provider.send_logout(front.port, provider.logout_token(sid=lasting_sid))[0] == 200
    assert ended(lasting) and goes_on(person)


def test_what_the_provider_said_last_counts_after_a_restart(front, provider, upstream):
    person = short(provider, front)
    provider.users["ann"]["groups"] = ["visitors"]
    run_out(person)
    until(lambda: goes_on(person) and upstream.last.get("X-Auth-Groups") == "visitors", 10, "the new groups")
    front.restart()
    assert goes_on(person) and upstream.last.get("X-Auth-Groups") == "visitors" and provider.refreshes == 1


def test_what_is_kept_of_sessions_is_the_gateways_alone(front, provider):
    signed_in(front)
    front.restart()
    for path in (front.directory / "state").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.is_dir() and path.stat().st_mode & 0o007 == 0, path


def test_a_session_survives_two_restarts_and_a_refresh_between_them(front, provider):
    person = short(provider, front)
    run_out(person)
    front.restart()
    assert goes_on(person) and provider.refreshes == 1
    front.restart()
    assert goes_on(person) and provider.living_families == 1


def test_a_hand_over_keeps_sessions(front, provider, upstream):
    person = short(provider, front, 4)
    front.upgrade()
    assert goes_on(person)
    run_out(person)
    assert goes_on(person)
    assert provider.refreshes == 1 and provider.living_families == 1
    assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 200
    assert ended(person)


def test_a_hand_over_amid_a_refresh_does_not_use_a_refresh_token_twice(front, provider):
    """The old process has sent it, and gets another one for it, when the new one begins."""
    person = short(provider, front, 4)
    provider.hold("token")
    until(lambda: goes_on(person) and provider.refreshes == 1, 20, "the refresh", pause=0.1)
    upgrade = threading.Thread(target=front.upgrade)
    upgrade.start()
    try:
        # The old process waits for its answer while the new one is there already.
        front.wait_for_log("sessions are being renewed")
    finally:
        provider.let_go("token")
        upgrade.join(60)
    run_out(person)
    for _ in range(3):
        assert goes_on(person)
    assert provider.living_families == 1


def test_a_stop_amid_a_refresh_keeps_the_session(front, provider):
    """What the provider answers at last is not lost: the token that was sent is worth nothing any more."""
    person = short(provider, front, 4)
    provider.hold("token")
    until(lambda: goes_on(person) and provider.refreshes == 1, 20, "the refresh", pause=0.1)
    front.signal(signal.SIGTERM)
    front.wait_for_log("stopping")
    provider.let_go("token")
    # A second signal would end the wait.
    front.wait_for_log("info stopped")
    front.restart()
    run_out(person)
    for _ in range(3):
        assert goes_on(person)
    assert provider.living_families == 1


def test_no_token_is_on_the_disk_or_in_the_log_in_clear(front, provider):
    person = short(provider, front)
    run_out(person)
    assert goes_on(person)
    front.stop()
    secrets = [provider.last_access_token, provider.last_id_token, provider.client.secret]
    secrets += [text for family in provider._families.values() for text in family["all"]]
    for path in front.directory.rglob("*"):
        if path.is_file() and path.name != "gateway.conf":
            data = path.read_bytes()
            for secret in secrets:
                assert secret.encode() not in data and secret.encode()[5:30] not in data, path
    for secret in secrets:
        assert secret not in front.output


def test_a_reload_that_changes_nothing_keeps_sessions_and_one_that_changes_whom_it_lets_in_ends_them(front, provider):
    person = signed_in(front)
    text = front.file.read_text()

    def reload(changed):
        front.file.write_text(changed)
        assert run("reload", "--config", str(front.file)).returncode == 0, front.output

    reload(text + "\n")
    assert goes_on(person)
    reload(text.replace(TOKEN, TOKEN + "\n        allow group else"))
    until(lambda: ended(person), 10, "the end")


def test_a_new_secret_is_used_for_those_who_are_signed_in_already(front, provider):
    person = short(provider, front)
    old = provider.client.secret
    provider.client.secret = "the next secret"
    front.file.write_text(front.file.read_text().replace(old, provider.client.secret))
    assert run("reload", "--config", str(front.file)).returncode == 0, front.output
    run_out(person)
    assert goes_on(person) and provider.refreshes == 1 and provider.living_families == 1
    assert goes_on(signed_in(front))


@pytest.mark.parametrize("kind", ["secret", "key"])
def test_a_new_secret_in_the_same_file_is_used_after_a_reload(make_gateway, upstream, make_provider, tmp_path, kind):
    provider = make_provider()
    path = tmp_path / "credential"

    def write(number):
        if kind == "secret":
            provider.client.secret = f"secret number {number}"
            text = provider.client.secret
        else:
            key = signing.Key("ES256", "client-key")
            provider.add_client(Registered("anteroom", method="private_key_jwt", key=key))
            text = key.private_pem
        path.write_text(text + "\n")
        path.chmod(0o600)

    write(1)
    login = oidc(provider, f"private_key {path}") if kind == "key" else oidc(provider).replace(f'"{provider.client.secret}"', f"file:{path}")
    front = make_gateway(configuration(site(upstream.url, login=login), top="admin run/admin.sock"))
    person = short(provider, front)
    write(2)
    assert run("reload", "--config", str(front.file)).returncode == 0, front.output
    run_out(person)
    assert goes_on(person) and provider.refreshes == 1 and provider.living_families == 1
    assert goes_on(signed_in(front))


def test_a_provider_that_is_taken_out_of_the_configuration_takes_its_sessions_along(front, provider, make_provider):
    person = signed_in(front)
    other = make_provider(algorithm="ES256")
    front.file.write_text(front.file.read_text().replace(provider.issuer, other.issuer))
    assert run("reload", "--config", str(front.file)).returncode == 0, front.output
    assert ended(person)
    new = Person(front.port)
    assert new.begin().startswith(other.issuer)
    assert provider.send_logout(front.port, provider.logout_token(sub="7d1f-ann"))[0] == 400


def test_keys_are_rotated_while_users_are_signed_in(front, provider, upstream):
    person = short(provider, front)
    provider.rotate("ES256", keep=False)
    run_out(person)
    assert goes_on(person) and provider.refreshes == 1
    assert goes_on(signed_in(front))
    assert provider.send_logout(front.port, provider.logout_token(sid=provider.sids[0]))[0] == 200
    assert ended(person)


def test_keys_that_are_unknown_while_they_cannot_be_asked_for_end_no_session(front, provider):
    person = short(provider, front)
    provider.rotate("ES256", keep=False)
    provider.fail("keys")
    run_out(person)
    assert goes_on(person)
    assert goes_on(person) and provider.refreshes == 1 and provider.living_families == 1


def test_many_people_are_renewed_side_by_side(front, provider, upstream):
    provider.access_token_lifetime = 1
    people = [signed_in(front) for _ in range(8)]
    provider.access_token_lifetime = 3600
    until(lambda: time.time() > signing.parts(provider.last_access_token)[1]["exp"], 10, "the end of all tokens")
    found = []
    threads = [threading.Thread(target=lambda one=person: found.append(goes_on(one))) for person in people for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [True] * 24
    assert provider.living_families == 8
