"""Programs that bring an access token of the provider instead of a cookie (RFC 6750, RFC 9068)."""

import base64
import time

import pytest

import signing
from gateway import PASSWORD, configuration, oidc, site
from openid import Person
from rawhttp import Client
from visitor import NAVIGATION, Visitor

AUDIENCE = "https://app.clinic.test"
FULL = "identity { user X-Auth-User; name X-Auth-Name; email X-Auth-Email; groups X-Auth-Groups }\nopen /open/*"


def bearer(forward="no"):
    return f"bearer {{ audience {AUDIENCE}; forward {forward} }}"


@pytest.fixture
def front(make_front, provider):
    return make_front(oidc(provider, bearer()), more=FULL)


@pytest.fixture
def program(front):
    return Visitor(front.port)


def bring(program, token, target="/app", method="GET", extra=(), **more):
    return program.fetch(target, method, [("Authorization", f"Bearer {token}"), *extra], **more)


def challenges(answer):
    """Those of RFC 6750; for people there may be another."""
    return [value for value in answer.all("WWW-Authenticate") if value.startswith("Bearer")]


def refused(answer, status=401, error="invalid_token"):
    assert answer.status == status, answer.response
    (challenge,) = challenges(answer)
    assert f'error="{error}"' in challenge, challenge
    assert answer.response.get("Location") is None
    assert not answer.all("Set-Cookie") and "no-store" in answer.response.get("Cache-Control")


def test_a_program_is_let_in_with_its_identity_and_without_a_cookie(program, provider, upstream):
    answer = bring(program, provider.access_token())
    assert answer.status == 200 and not answer.all("Set-Cookie") and program.jar == {}
    seen = upstream.last
    assert [seen.get(name) for name in ("X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups")] == ["ann", "Ann Archer", "ann@clinic.test", "clinicians,admins"]
    assert seen.get("Authorization") is None


def test_a_token_for_one_site_opens_no_other(make_gateway, provider, upstream):
    """However often it was used at its own: on each loop of the gateway."""
    other = oidc(provider, f"bearer {{ audience https://other.clinic.test; forward no }}")
    gateway = make_gateway(configuration(site(upstream.url, login=oidc(provider, bearer())), site(upstream.url, hosts="other.test", login=other)))
    token = provider.access_token()
    for _ in range(20):
        assert bring(Visitor(gateway.port), token).status == 200
    for _ in range(20):
        refused(bring(Visitor(gateway.port, "other.test"), token))


def test_a_tab_behind_the_scheme_is_no_way_around_the_check(program, upstream):
    count = len(upstream.requests)
    assert program.fetch("/open/x", extra=[("Authorization", "Bearer\tmade.up.token")]).status in (400, 401)
    assert len(upstream.requests) == count


def test_the_token_goes_on_to_the_app_if_it_is_to(make_front, provider, upstream):
    token = provider.access_token()
    assert bring(Visitor(make_front(oidc(provider, bearer("yes"))).port), token).status == 200
    assert upstream.last.get("Authorization") == f"Bearer {token}"


def test_a_program_opens_a_patient_and_is_in_the_audit_trail(program, provider, upstream, front):
    assert bring(program, provider.access_token(), "/patients?patient_id=77").status == 200
    assert upstream.last.get("X-Cliniko-Patient-Id") == "77"
    record = front.wait_for_audit(lambda record: record["event"] == "patient-request" and record["outcome"] == "shown")[0]
    assert record["user"] == "ann"
    assert bring(program, provider.access_token(), "/patients?patient_id=0").status == 400
    answer = bring(program, provider.access_token(), "/app", "POST", [("Content-Type", "application/json")], body=b"{}")
    assert answer.status == 200 and upstream.last.method == "POST" and upstream.last.body == b"{}"


def test_a_program_cannot_forge_what_the_gateway_says(program, provider, upstream):
    bring(program, provider.access_token(), extra=[("X-Auth-User", "admin"), ("X_Auth_User", "admin"), ("X-Cliniko-Patient-Id", "9")])
    assert upstream.last.get("X-Auth-User") == "ann" and "admin" not in upstream.last.raw_head.decode().replace("admins", "")
    assert upstream.last.get("X-Cliniko-Patient-Id") is None


def test_without_a_token_a_program_is_told_how_and_a_browser_goes_to_the_login(program, provider):
    answer = program.fetch("/app")
    (challenge,) = challenges(answer)
    assert answer.status == 401 and "error=" not in challenge, "RFC 6750, section 3.1"
    assert program.navigate("/app").status == 302


def test_a_site_without_bearer_takes_no_token(make_front, provider, upstream):
    program = Visitor(make_front(oidc(provider)).port)
    answer = bring(program, provider.access_token())
    assert answer.status == 401 and challenges(answer) == []
    assert upstream.requests == []


def drop(name):
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def put(**values):
    return lambda claims: {**claims, **values}


CLAIMS = {
    "other aud": put(aud="https://else.test"), "the client as aud": put(aud="anteroom"), "part of the aud": put(aud=AUDIENCE + "/x"), "no aud": drop("aud"), "aud empty": put(aud=[]),
    "other iss": put(iss="https://else.test"), "no iss": drop("iss"), "expired": put(exp=int(time.time()) - 600), "no exp": drop("exp"), "exp 1e300": put(exp=1e300),
    "exp is a text": put(exp=str(int(time.time()) + 600)), "not yet valid": put(nbf=int(time.time()) + 86_400), "no sub": drop("sub"), "sub is a number": put(sub=5),
    "no user": drop("preferred_username"), "control byte": put(preferred_username="ann\r\nX-Auth-User: admin"), "a list as user": put(preferred_username=["ann"]),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_token_with_wrong_claims_is_refused(program, provider, upstream, case):
    refused(bring(program, provider.access_token(change=CLAIMS[case])))
    assert upstream.requests == []
    assert bring(program, provider.access_token()).status == 200


def test_a_token_for_several_audiences_is_good_for_each(program, provider):
    assert bring(program, provider.access_token(aud=["https://else.test", AUDIENCE])).status == 200


FORGED = {
    "none": lambda provider, claims: signing.unsigned(claims),
    "HS256": lambda provider, claims: signing.with_shared_secret(provider.signer.public_pem, claims, provider.signer.kid),
    "client secret": lambda provider, claims: signing.with_shared_secret(provider.client.secret, claims),
    "flipped": lambda provider, claims: signing.flipped(signing.token(provider.signer, claims, {"typ": "at+jwt"})),
    "another key": lambda provider, claims: signing.token(signing.Key("RS256", provider.signer.kid, place=960), claims, {"typ": "at+jwt"}),
    "an unknown key": lambda provider, claims: signing.token(signing.Key("RS256", "unknown", place=961), claims, {"typ": "at+jwt"}),
    "a logout token": lambda provider, claims: provider.logout_token(sub="7d1f-ann", audience=AUDIENCE),
    "another type": lambda provider, claims: signing.token(provider.signer, claims, {"typ": "dpop+jwt"}),
    "critical": lambda provider, claims: signing.token(provider.signer, claims, {"typ": "at+jwt", "crit": ["x"], "x": 1}),
    "opaque": lambda provider, claims: "0123456789abcdef", "two parts": lambda provider, claims: "a.b", "dots": lambda provider, claims: "..",
}


@pytest.mark.parametrize("case", FORGED)
@pytest.mark.parametrize("navigates", [False, True], ids=["fetch", "navigation"])
def test_a_forged_token_is_refused_and_leads_to_no_login(program, provider, upstream, case, navigates):
    claims = signing.parts(provider.access_token())[1]
    token = FORGED[case](provider, claims)
    answer = program.navigate("/app", [("Authorization", f"Bearer {token}")]) if navigates else bring(program, token)
    refused(answer)
    assert navigates or answer.response.get("Content-Type").startswith("application/problem+json")
    assert upstream.requests == []


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a b", "Bearer \"x\"", "bearer ,", "Bearer é"], ids=ascii)
def test_a_field_that_is_none_is_a_bad_request(program, upstream, value):
    answer = program.fetch("/app", extra=[("Authorization", value)])
    assert answer.status in (400, 401) and upstream.requests == []


def test_two_tokens_are_a_bad_request(program, provider, upstream):
    fields = [("Authorization", f"Bearer {provider.access_token()}"), ("Authorization", f"Bearer {provider.access_token('bob')}")]
    refused(program.fetch("/app", extra=fields), 400, "invalid_request")
    assert upstream.requests == []


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_has_no_case_and_may_have_blanks_behind_it(program, provider, scheme):
    assert program.fetch("/app", extra=[("Authorization", f"{scheme} {provider.access_token()}")]).status == 200


def test_a_token_counts_in_its_field_alone(program, provider, upstream):
    token = provider.access_token()
    assert program.fetch(f"/app?access_token={token}").status == 401
    answer = program.fetch("/app", "POST", [("Content-Type", "application/x-www-form-urlencoded")], f"access_token={token}")
    assert answer.status == 401 and upstream.requests == []


def test_allow_rules_hold_for_programs_too(make_front, provider, upstream):
    program = Visitor(make_front(oidc(provider, bearer(), "allow group clinicians")).port)
    assert bring(program, provider.access_token("ann")).status == 200
    refused(bring(program, provider.access_token("bob")), 403, "insufficient_scope")
    assert len(upstream.requests) == 1


def test_tokens_of_a_program_open_no_session(program, provider):
    token = provider.access_token()
    assert bring(program, token).status == 200
    assert program.fetch("/app").status == 401 and program.navigate("/app").status == 302


def test_people_go_on_with_their_cookies(make_front, provider, upstream):
    person = Person(make_front(oidc(provider, bearer())).port)
    person.sign_in_at_provider()
    assert person.fetch("/app").status == 200
    # What a page of the app sends to it under a scheme of its own is the app's business.
    assert person.fetch("/app", extra=[("Authorization", "Basic YTpi")]).status == 200
    assert upstream.last.get("Authorization") == "Basic YTpi"


@pytest.mark.parametrize("forward", ["yes", "no"])
def test_a_token_that_nobody_has_judged_never_reaches_the_app(make_front, provider, upstream, forward):
    """An app behind `bearer` may rely on the tokens that it gets: a cookie is no way round that."""
    person = Person(make_front(oidc(provider, bearer(forward)), more=FULL).port)
    person.sign_in_at_provider()
    claims = signing.parts(provider.access_token("bob"))[1]
    for forged in (signing.unsigned(claims), signing.token(signing.Key("RS256", "key-1", place=970), claims, {"typ": "at+jwt"})):
        for target in ("/app", "/open/x"):
            answer = person.fetch(target, extra=[("Authorization", f"Bearer {forged}")])
            assert answer.status in (200, 401)
    assert all(exchange.get("Authorization") is None for exchange in upstream.requests)


def test_another_scheme_is_no_token(program, upstream):
    answer = program.fetch("/app", extra=[("Authorization", "Basic " + base64.b64encode(f"ann:{PASSWORD}".encode()).decode())])
    assert answer.status == 401 and "error=" not in challenges(answer)[0] and upstream.requests == []


def test_open_paths_stay_open(program, provider, upstream):
    assert program.fetch("/open/x").status == 200
    assert bring(program, provider.access_token(), "/open/x").status == 200
    assert upstream.last.get("X-Auth-User") == "ann"


def test_a_good_token_costs_the_provider_nothing_and_needs_it_not(program, provider):
    token = provider.access_token()
    assert bring(program, token).status == 200
    keys = provider.count("keys")
    assert keys <= 2 and provider.count("introspect") == provider.count("userinfo") == 0
    provider.down()
    for _ in range(10):
        assert bring(program, token).status == 200
    assert bring(program, provider.access_token("bob")).status == 200


def test_unknown_keys_cost_the_provider_one_request_a_minute(program, provider):
    assert bring(program, provider.access_token()).status == 200
    before = provider.count("keys")
    for number in range(10):
        refused(bring(program, provider.access_token(header={"kid": f"unknown-{number}"})))
    assert provider.count("keys") <= before + 1
    assert bring(program, provider.access_token()).status == 200


def test_rotated_keys_are_picked_up(program, provider):
    assert bring(program, provider.access_token()).status == 200
    provider.rotate("EdDSA")
    assert bring(program, provider.access_token()).status == 200


def test_requests_on_one_connection_are_each_judged_by_their_own_token(program, provider, upstream):
    with Client(program.port) as client:
        for user in ("ann", "bob", "ann", "bob"):
            answer = client.request("GET", "/app", program.headers([("Authorization", f"Bearer {provider.access_token(user)}")]))
            assert answer.status == 200 and upstream.last.get("X-Auth-User") == user
        assert client.request("GET", "/app", program.headers([("Accept", "*/*")])).status == 401


def test_two_providers_of_one_site_each_have_their_programs(make_provider, make_front, upstream):
    first, second = make_provider(), make_provider(algorithm="ES256")
    program = Visitor(make_front(oidc(first, bearer(), title="One"), oidc(second, bearer(), title="Two")).port)
    for provider in (first, second):
        assert bring(program, provider.access_token("bob")).status == 200
    refused(bring(program, second.access_token(iss=first.issuer)))


def test_no_token_is_in_the_log(front, program, provider):
    good, bad = provider.access_token(), signing.flipped(provider.access_token())
    bring(program, good)
    bring(program, bad)
    program.fetch("/app", extra=[("Authorization", f"Bearer {good} {bad}")])
    front.stop()
    written = front.output + str(front.audit())
    for token in (good, bad):
        assert token not in written and token.split(".")[1] not in written and token.split(".")[2] not in written


def test_a_navigation_with_a_token_is_let_in(program, provider):
    assert program.request("GET", "/app", [*NAVIGATION, ("Authorization", f"Bearer {provider.access_token()}")]).status == 200
