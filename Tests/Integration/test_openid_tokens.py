"""What a provider, or who pretends to be one, may send: nobody is signed in by it, a page says so, the log says why and gives no secret away."""

import base64
import json
import re
import time

import pytest

import signing
from gateway import oidc
from openid import Person
from provider import Answer
from waiting import until

PATIENT = "7340918265017"
NOTHING = "a sign-in at a provider came to nothing"


@pytest.fixture
def front(make_front, provider):
    return make_front(oidc(provider))


def comes_to_nothing(front, provider, words=None, status=None):
    """A whole sign-in that must fail; returns its page. `words` is what the log has to say, as a pattern."""
    person = Person(front.port)
    page = person.refused(f"/patients?patient_id={PATIENT}", status)
    line = front.wait_for_log(NOTHING)
    reason = line.partition(NOTHING)[2]
    assert words is None or re.search(words, reason, re.IGNORECASE), f"the log says: {line}"
    secrets = [provider.client.secret, PATIENT, provider.last_id_token, provider.last_access_token]
    for sent in provider.seen("token"):
        secrets += [sent.parameters.get("code"), sent.parameters.get("code_verifier"), sent.get("Authorization")]
    for secret in filter(None, secrets):
        assert secret not in front.output and secret not in page.text
    return page


def signs_in(front):
    person = Person(front.port)
    assert person.sign_in_at_provider().status == 302
    assert person.signed_in()
    return person


# Claims. Each is a change of an ID token that is good otherwise, and signed.

def drop(name):
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def put(**values):
    return lambda claims: {**claims, **values}


CLAIMS = {
    "other aud": (put(aud="else"), "aud"),
    "aud in a list of others": (put(aud=["else", "more"]), "aud"),
    "aud is part of a name": (put(aud="anteroom2"), "aud"),
    "aud is empty": (put(aud=[]), "aud"),
    "aud is a number": (put(aud=1), "aud"),
    "aud is an object": (put(aud={"anteroom": True}), "aud"),
    "no aud": (drop("aud"), "aud"),
    "an audience besides us": (put(aud=["anteroom", "else"]), "aud|azp"),
    "azp is another": (put(azp="else"), "azp|authorized party"),
    "other iss": (put(iss="https://else.test"), "iss"),
    "iss with a slash": (lambda claims: {**claims, "iss": claims["iss"] + "/"}, "iss"),
    "iss in upper case": (lambda claims: {**claims, "iss": claims["iss"].upper()}, "iss"),
    "iss in a list": (lambda claims: {**claims, "iss": [claims["iss"]]}, "iss"),
    "no iss": (drop("iss"), "iss"),
    "exp 1e300": (put(exp=1e300), "exp"),
    "exp is a text": (put(exp=str(int(time.time()) + 600)), "exp"),
    "exp is true": (put(exp=True), "exp"),
    "exp is null": (put(exp=None), "exp"),
    "exp is zero": (put(exp=0), "exp"),
    "exp is negative": (put(exp=-1), "exp"),
    "exp beyond 64 bits": (put(exp=1 << 64), "exp"),
    "expired more than the skew ago": (lambda claims: {**claims, "exp": int(time.time()) - 90}, "exp"),
    "no exp": (drop("exp"), "exp"),
    "no iat": (drop("iat"), "iat"),
    "issued in the future": (lambda claims: {**claims, "iat": int(time.time()) + 3600}, "iat|future|clock"),
    "not yet valid": (lambda claims: {**claims, "nbf": int(time.time()) + 3600}, "nbf|not yet|clock"),
    "nonce is another": (put(nonce="else"), "nonce"),
    "nonce is in a list": (lambda claims: {**claims, "nonce": [claims["nonce"]]}, "nonce"),
    "no nonce": (drop("nonce"), "nonce"),
    "nonce is empty": (put(nonce=""), "nonce"),
    "no sub": (drop("sub"), "sub"),
    "sub is empty": (put(sub=""), "sub"),
    "sub is a number": (put(sub=7), "sub"),
    "sub is too long": (put(sub="x" * 256), "sub"),
    "at_hash of another token": (put(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    "at_hash is empty": (put(at_hash=""), "at_hash"),
    "at_hash is a number": (put(at_hash=1), "at_hash"),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_token_with_wrong_claims_signs_nobody_in(front, provider, case):
    provider.change_id_token, words = CLAIMS[case]
    comes_to_nothing(front, provider, words)
    provider.change_id_token = None
    signs_in(front)


FINE = {
    "aud in a list": lambda claims: {**claims, "aud": ["anteroom"]},
    "azp is us": put(azp="anteroom"),
    "exp with a fraction": lambda claims: {**claims, "exp": claims["exp"] + 0.75},
    "exp as a number with an exponent": lambda claims: {**claims, "exp": 1e11},
    "expired within the skew": lambda claims: {**claims, "exp": int(time.time()) - 20},
    "issued a little in the future": lambda claims: {**claims, "iat": int(time.time()) + 30},
    "no at_hash": drop("at_hash"),
    "no auth_time": drop("auth_time"),
    "no sid": drop("sid"),
    "claims nobody knows": put(a=[{"b": None}], c=1.5, d="\u0000"),
}


@pytest.mark.parametrize("case", FINE)
def test_what_the_standard_allows_is_taken(front, provider, case):
    provider.change_id_token = FINE[case]
    signs_in(front)


# Signatures.

def header_with(**fields):
    def forge(provider, claims):
        return signing.token(provider.signer, claims, fields)
    return forge


def _attacker(provider, claims, **header):
    return signing.token(signing.Key(provider.signer.algorithm, provider.signer.kid, place=900), claims, header)


def _der(provider, claims):
    """ECDSA as OpenSSL has it by itself, rather than the two halves that JOSE wants."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    signed = signing.token(provider.signer, claims).rpartition(".")[0]
    return f"{signed}.{signing.encode(provider.signer.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))}"


def _swapped(provider, claims):
    """Another payload under a good signature."""
    good = signing.token(provider.signer, claims)
    head, _, signature = good.split(".")
    return f"{head}.{signing.compact({**claims, 'preferred_username': 'admin'})}.{signature}"


def _zero(provider, claims):
    signed = signing.token(provider.signer, claims).rpartition(".")[0]
    return f"{signed}.{signing.encode(bytes(64))}"


FORGED = {
    "alg none": lambda provider, claims: signing.unsigned(claims),
    "alg None": lambda provider, claims: signing.unsigned(claims, "None"),
    "alg NONE with a signature": lambda provider, claims: signing.unsigned(claims, "NONE", "AAAA"),
    "alg is empty": lambda provider, claims: signing.unsigned(claims, ""),
    "no signature": lambda provider, claims: signing.token(provider.signer, claims).rpartition(".")[0] + ".",
    "HS256 with the public key as secret": lambda provider, claims: signing.with_shared_secret(provider.signer.public_pem, claims, provider.signer.kid),
    "HS256 with the public key's number as secret": lambda provider, claims: signing.with_shared_secret(signing.decode(provider.signer.jwk["n"]), claims, provider.signer.kid),
    "HS256 with the client's secret": lambda provider, claims: signing.with_shared_secret(provider.client.secret, claims),
    "a key of somebody else's under the known name": lambda provider, claims: _attacker(provider, claims),
    "a key of somebody else's without a name": lambda provider, claims: _attacker(provider, claims, kid=None),
    "a key of somebody else's in the header": lambda provider, claims: _attacker(
        provider, claims, jwk=signing.Key(provider.signer.algorithm, provider.signer.kid, place=900).jwk, kid=None),
    "a flipped byte": lambda provider, claims: signing.flipped(signing.token(provider.signer, claims)),
    "the first byte flipped": lambda provider, claims: signing.flipped(signing.token(provider.signer, claims), 0),
    "the last byte flipped": lambda provider, claims: signing.flipped(signing.token(provider.signer, claims), -1),
    "a byte cut off": lambda provider, claims: signing.token(provider.signer, claims)[:-3],
    "another payload": _swapped,
    "a header that must be understood": header_with(crit=["b64"], b64=False),
    "another algorithm for that key": header_with(alg="ES256"),
    "another hash for that key": header_with(alg="RS512"),
    "two parts": lambda provider, claims: signing.token(provider.signer, claims).rpartition(".")[0],
    "four parts": lambda provider, claims: signing.token(provider.signer, claims) + ".AAAA",
    "five parts": lambda provider, claims: "a.b.c.d.e",
    "empty": lambda provider, claims: "",
    "a blank before it": lambda provider, claims: " " + signing.token(provider.signer, claims),
    "padding": lambda provider, claims: signing.token(provider.signer, claims) + "==",
    "the other base64": lambda provider, claims: "+/" + signing.token(provider.signer, claims),
    "of 100 KB": lambda provider, claims: signing.token(provider.signer, {**claims, "more": "x" * 100_000}),
    "a payload that is no object": lambda provider, claims: signing.token(provider.signer, ["list"]),
    "a payload that is a text": lambda provider, claims: signing.token(provider.signer, "text"),
    "nested without end": lambda provider, claims: signing.token(provider.signer, {**claims, "deep": json.loads("[" * 300 + "]" * 300)}),
    "a number": lambda provider, claims: 5,
    "null": lambda provider, claims: None,
    "a list": lambda provider, claims: [signing.token(provider.signer, claims)],
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_or_broken_token_signs_nobody_in(front, provider, case):
    provider.forge_id_token = lambda claims: FORGED[case](provider, claims)
    page = Person(front.port).refused(f"/patients?patient_id={PATIENT}")
    front.wait_for_log(NOTHING)
    for secret in (provider.client.secret, PATIENT, provider.last_access_token):
        assert secret not in front.output and secret not in page.text
    provider.forge_id_token = None
    signs_in(front)


@pytest.mark.parametrize("forge", [_der, _zero], ids=["der", "zero"])
def test_signatures_of_curves_are_two_halves_and_not_zero(make_provider, make_front, forge):
    provider = make_provider(algorithm="ES256")
    front = make_front(oidc(provider))
    provider.forge_id_token = lambda claims: forge(provider, claims)
    comes_to_nothing(front, provider)
    provider.forge_id_token = None
    signs_in(front)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
def test_each_algorithm_is_verified(make_provider, make_front, algorithm):
    provider = make_provider(algorithm=algorithm)
    front = make_front(oidc(provider))
    signs_in(front)
    provider.forge_id_token = lambda claims: signing.flipped(signing.token(provider.signer, claims))
    comes_to_nothing(front, provider)


def test_a_token_without_a_key_name_is_tried_against_every_fitting_key(front, provider):
    provider.keys = [signing.Key("ES256", "a"), signing.Key("RS256", "b", place=700), signing.Key("EdDSA", "c"), *provider.keys, signing.Key("RS256", None, place=701)]
    provider.forge_id_token = lambda claims: signing.token(provider.signer, claims, {"kid": None})
    signs_in(front)
    provider.signer = provider.keys[-1]
    provider.forge_id_token = None
    signs_in(front)


KEY_SETS = {
    "for encryption": lambda jwk: [{**jwk, "use": "enc"}],
    "for another algorithm": lambda jwk: [{**jwk, "alg": "RS512"}],
    "of another kind": lambda jwk: [{"kty": "oct", "k": signing.encode(b"x" * 32), "kid": jwk["kid"], "alg": "HS256"}],
    "none": lambda jwk: [],
    "a text": lambda jwk: "keys",
    "not for verifying": lambda jwk: [{**jwk, "key_ops": ["encrypt"]}],
    "without its number": lambda jwk: [{name: value for name, value in jwk.items() if name != "n"}],
    "with an even number": lambda jwk: [{**jwk, "n": signing.encode(signing.decode(jwk["n"])[:-1] + b"\x00")}],
    "with the exponent one": lambda jwk: [{**jwk, "e": "AQ"}],
}


@pytest.mark.parametrize("case", KEY_SETS)
def test_a_key_that_is_not_for_this_verifies_nothing(make_provider, make_front, case):
    provider = make_provider()
    provider.published = KEY_SETS[case](provider.signer.jwk)
    comes_to_nothing(make_front(oidc(provider)), provider)


def test_a_key_of_1024_bits_verifies_nothing(make_provider, make_front):
    provider = make_provider()
    provider.signer = signing.Key("RS256", "small", place=800, bits=1024)
    provider.keys = [provider.signer]
    comes_to_nothing(make_front(oidc(provider)), provider)


def test_strange_keys_beside_a_good_one_do_no_harm(make_provider, make_front):
    provider = make_provider()
    provider.published = [
        {}, {"kty": "RSA"}, {"kty": "xyz", "kid": "key-1"}, {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}, {"kty": "OKP", "crv": "X25519", "x": "AAAA"}, provider.signer.jwk]
    signs_in(make_front(oidc(provider)))


def test_rotated_keys_are_picked_up_at_once(front, provider):
    signs_in(front)
    before = provider.count("keys")
    provider.rotate("ES256")
    signs_in(front)
    provider.signer = provider.keys[0]
    signs_in(front)
    assert provider.count("keys") <= before + 1


def test_unknown_key_names_cost_the_provider_one_request_a_minute(front, provider):
    signs_in(front)
    before = provider.count("keys")
    provider.forge_id_token = lambda claims: signing.token(provider.signer, claims, {"kid": f"unknown-{time.monotonic_ns()}"})
    for _ in range(5):
        Person(front.port).refused()
    assert provider.count("keys") <= before + 1


def test_keys_and_metadata_are_asked_for_once_while_they_are_fresh(make_provider, make_front):
    provider = make_provider()
    provider.metadata_fields = provider.keys_fields = [("Cache-Control", "public, max-age=3600")]
    front = make_front(oidc(provider))
    for _ in range(4):
        signs_in(front)
    assert provider.count("metadata") == 1 and provider.count("keys") == 1


@pytest.mark.parametrize("said", ["no-store", "max-age=0", "no-cache, max-age=-1", "max-age=99999999999999999999", "max-age=x", ""])
def test_whatever_caching_a_provider_asks_for_it_is_not_asked_with_every_login(make_provider, make_front, said):
    provider = make_provider()
    provider.metadata_fields = provider.keys_fields = [("Cache-Control", said)]
    front = make_front(oidc(provider))
    for _ in range(5):
        signs_in(front)
    assert provider.count("metadata") <= 2 and provider.count("keys") <= 2
    # Nor never again.
    provider.rotate()
    signs_in(front)


# Answers that are none. What one endpoint says, and how the sign-in ends.

HTML = Answer(200, "<!doctype html><title>Maintenance</title><h1>We are back soon</h1>")
BROKEN = {
    "500": (lambda request: Answer(500, "<h1>Internal error</h1>"), 503),
    "404": (lambda request: Answer(404, "<h1>Not found</h1>"), 503),
    "HTML": (lambda request: HTML, 503),
    "50 MB": (lambda request: Answer.long(50 << 20), 503),
    "nothing": (lambda request: Answer(200, b"", "application/json"), 503),
    "half of it": (lambda request: Answer(200, b'{"issuer": "', "application/json"), 503),
    "a text": (lambda request: Answer.json("a text"), None),
    "a list": (lambda request: Answer.json([{}]), None),
    "null": (lambda request: Answer.json(None), None),
    "an empty object": (lambda request: Answer.json({}), None),
    "nested without end": (lambda request: Answer(200, b'{"a":' + b"[" * 100_000, "application/json"), 503),
    "no UTF-8": (lambda request: Answer(200, b'{"sub": "\xff\xfe"}', "application/json"), None),
    "a redirect": (lambda request: Answer.to(request.target + "?again"), 503),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("endpoint", ["token", "userinfo", "keys"])
def test_an_answer_that_is_none_signs_nobody_in(make_provider, make_front, endpoint, case):
    provider = make_provider()
    provider.claims_in_id_token = False
    answer, status = BROKEN[case]
    provider.override[endpoint] = answer
    front = make_front(oidc(provider))
    # Without keys a token is as good as none; whoever fails is the provider either way.
    comes_to_nothing(front, provider, status=status if endpoint != "keys" else None)
    assert front.status("VmHWM") < 400_000, "the memory of a long answer"
    assert all("?again" not in request.target for request in provider.requests), "a redirect was followed"
    if endpoint != "keys":
        provider.mend(endpoint)
        signs_in(front)


@pytest.mark.parametrize("case", BROKEN)
def test_a_provider_that_does_not_say_what_it_is_leads_nobody_anywhere(make_provider, make_front, case):
    provider = make_provider()
    provider.override["metadata"] = BROKEN[case][0]
    front = make_front(oidc(provider))
    page = Person(front.port).navigate("/.anteroom/login")
    assert page.status == 503 and "<h1" in page.text, page.response
    front.wait_for_log(NOTHING, provider.issuer)


METADATA = {
    "another issuer": put(issuer="https://else.test"),
    "the issuer with a slash": lambda found: {**found, "issuer": found["issuer"] + "/"},
    "no issuer": drop("issuer"),
    "no authorization endpoint": drop("authorization_endpoint"),
    "no token endpoint": drop("token_endpoint"),
    "no key set": drop("jwks_uri"),
    "a token endpoint without TLS": put(token_endpoint="http://login.example.test/token"),
    "a key set without TLS": put(jwks_uri="http://login.example.test/keys"),
    "an authorization endpoint that is a script": put(authorization_endpoint="javascript:alert(1)"),
    "an authorization endpoint with a line in it": lambda found: {**found, "authorization_endpoint": found["authorization_endpoint"] + "\r\nSet-Cookie: a=b"},
    "endpoints that are numbers": put(authorization_endpoint=1, token_endpoint=2),
    "no algorithm but none": put(id_token_signing_alg_values_supported=["none"]),
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata_that_cannot_be_right_leads_nobody_anywhere(make_provider, make_front, case):
    provider = make_provider()
    provider.change_metadata = METADATA[case]
    front = make_front(oidc(provider))
    page = Person(front.port).navigate("/.anteroom/login")
    assert page.status == 503 and "<h1" in page.text and page.response.get("Location") is None, page.response
    front.wait_for_log(NOTHING)


@pytest.mark.parametrize("endpoint", ["metadata", "keys", "token", "userinfo"])
def test_a_slow_answer_is_waited_for_ten_seconds_and_no_longer(make_provider, make_front, endpoint):
    provider = make_provider()
    provider.claims_in_id_token = False
    provider.hold(endpoint)
    person = Person(make_front(oidc(provider)).port)
    began = time.monotonic()
    page = person.navigate("/.anteroom/login")
    if endpoint != "metadata":
        page = person.come_back(person.at_provider(page.response.get("Location")))
    assert page.status == 503 and "<h1" in page.text
    assert 5 < time.monotonic() - began < 14
    provider.let_go(endpoint)
    until(lambda: person.navigate("/.anteroom/login").status == 302, 60, "the next try", pause=0.2)


def test_others_are_served_while_a_provider_is_slow(make_provider, make_front, upstream):
    provider = make_provider()
    provider.hold("token")
    front = make_front(oidc(provider))
    person = Person(front.port)
    back = person.at_provider(person.begin())
    with person.connect() as client:
        client.send(person.message("GET", person.path_of(back.address)))
        until(lambda: provider.count("token") == 1, 10, "the token request")
        for _ in range(20):
            assert Person(front.port).fetch("/open/x").status == 200
        provider.let_go("token")
        assert client.response().status == 302


# The token endpoint's and userinfo's content.

TOKENS = {
    "no id token": drop("id_token"),
    "an error in place of tokens": lambda tokens: {"error": "invalid_grant"},
    "an id token of another client": lambda tokens: {**tokens, "id_token": "x.y.z"},
}


@pytest.mark.parametrize("case", TOKENS)
def test_tokens_that_are_none_sign_nobody_in(front, provider, case):
    provider.change_tokens = TOKENS[case]
    comes_to_nothing(front, provider)


def test_a_refused_code_is_a_clear_page(front, provider):
    provider.override["token"] = lambda request: Answer.json({"error": "invalid_grant", "error_description": "the <b>code</b> is old"}, 400)
    page = comes_to_nothing(front, provider, "invalid_grant")
    assert "<b>code</b>" not in page.text


def test_a_refused_client_says_in_the_log_what_to_mend(front, provider):
    provider.override["token"] = lambda request: Answer.json({"error": "invalid_client"}, 401)
    comes_to_nothing(front, provider, "invalid_client")


USERINFO = {
    "a text": lambda found: "ann",
    "another sub": put(sub="90c2-bob"),
    "no sub": drop("sub"),
    "a sub that is a number": put(sub=1),
    "a sub in another case": lambda found: {**found, "sub": found["sub"].upper()},
    "a list": lambda found: [found],
}


@pytest.mark.parametrize("case", USERINFO)
def test_userinfo_of_somebody_else_or_none_signs_nobody_in(make_provider, make_front, case):
    provider = make_provider()
    provider.claims_in_id_token = False
    provider.change_userinfo = USERINFO[case]
    front = make_front(oidc(provider))
    comes_to_nothing(front, provider)
    provider.change_userinfo = None
    signs_in(front)


def test_an_error_that_a_provider_writes_does_not_break_the_log(front, provider):
    text = base64.b64encode(b"x" * 3000).decode()
    provider.override["token"] = lambda request: Answer.json({"error": "evil\n2026-01-01 ERROR forged", "error_description": "a\x1b[31m" + text}, 400)
    comes_to_nothing(front, provider)
    assert not [line for line in front.log if line.startswith("2026-01-01 ERROR forged")]
    assert all("\x1b" not in line and len(line) < 4000 for line in front.log)
