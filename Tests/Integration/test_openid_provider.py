"""The tests' own OpenID provider: what it does well, and that it refuses what a good one refuses."""

import base64
import hashlib
import http.client
import json
import secrets
import ssl
import threading
import time
import urllib.parse

import pytest

import signing
from apache import Apache
from authority import Authority
from openid import Person, ProviderVisit
from provider import Answer, Client, Provider, ann
from waiting import until

CALLBACK = "http://app.test/.anteroom/callback"


class Relying:
    """The smallest client: goes through the provider's pages, and asks its endpoints."""

    def __init__(self, provider, identifier="anteroom", context=None):
        self.provider = provider
        self.client = provider.clients[identifier]
        self.context = context
        self.visit = ProviderVisit()
        self.verifier = secrets.token_urlsafe(32)
        self.sent = {
            "response_type": "code", "client_id": identifier, "redirect_uri": CALLBACK, "scope": "openid profile email", "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8), "code_challenge": signing.encode(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256"}

    def call(self, method, address, form=None, fields=None):
        parts = urllib.parse.urlsplit(address)
        made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = made("127.0.0.1", parts.port, timeout=20, **({"context": self.context} if parts.scheme == "https" else {}))
        try:
            body = None if form is None else urllib.parse.urlencode(form)
            kind = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, {**kind, **(fields or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, address, **more):
        status, body = self.call("GET", address, **more)
        assert status == 200, (status, body)
        return json.loads(body)

    def metadata(self):
        return self.get(self.provider.issuer + "/.well-known/openid-configuration")

    def authorize(self, **changed):
        sent = {name: value for name, value in {**self.sent, **changed}.items() if value is not None}
        return self.visit.open(f"{self.provider.issuer}/authorize?{urllib.parse.urlencode(sent)}")

    def answer(self, page):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.location).query))

    def basic(self, secret=None):
        halves = (urllib.parse.quote_plus(self.client.identifier), urllib.parse.quote_plus(secret or self.client.secret))
        return {"Authorization": "Basic " + base64.b64encode(":".join(halves).encode()).decode()}

    def redeem(self, code, fields=None, **changed):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": self.verifier, **changed}
        status, body = self.call("POST", self.provider.issuer + "/token", form, self.basic() if fields is None else fields)
        return status, json.loads(body)

    def refresh(self, text):
        status, body = self.call("POST", self.provider.issuer + "/token", {"grant_type": "refresh_token", "refresh_token": text}, self.basic())
        return status, json.loads(body)

    def tokens(self):
        status, made = self.redeem(self.answer(self.authorize())["code"])
        assert status == 200, made
        return made


@pytest.fixture
def relying(provider):
    return Relying(provider)


def test_discovery_says_where_everything_is_and_under_which_name(provider, relying):
    found = relying.metadata()
    assert found["issuer"] == provider.issuer and found["issuer"].endswith("/realms/clinic")
    assert all(found[name].startswith(provider.issuer + "/") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"))
    assert relying.get(found["jwks_uri"])["keys"][0]["kid"] == "key-1"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
def test_a_user_is_logged_in_at_once_and_the_tokens_are_signed_and_complete(make_provider, algorithm):
    provider = make_provider(algorithm=algorithm)
    relying = Relying(provider)
    answer = relying.answer(relying.authorize())
    assert answer["state"] == relying.sent["state"] and answer["iss"] == provider.issuer
    status, made = relying.redeem(answer["code"])
    assert status == 200
    header, claims = signing.parts(made["id_token"])
    assert header == {"alg": algorithm, "typ": "JWT", "kid": "key-1"}
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (provider.issuer, "anteroom", "7d1f-ann", relying.sent["nonce"])
    assert claims["exp"] > time.time() and claims["at_hash"] == signing.half_hash(algorithm, made["access_token"])
    signed, _, signature = made["id_token"].rpartition(".")
    assert provider.keys[0].verifies(signed.encode(), signing.decode(signature))
    assert not provider.keys[0].verifies(signed.encode(), signing.decode(signing.flipped(made["id_token"]).rpartition(".")[2]))
    userinfo = relying.get(provider.issuer + "/userinfo", fields={"Authorization": f"Bearer {made['access_token']}"})
    assert userinfo["sub"] == claims["sub"] and userinfo["groups"] == ["clinicians", "admins"]


def test_openssl_finds_the_signature_good(provider, relying, tmp_path):
    """An opinion from elsewhere on what the tests sign with."""
    from authority import openssl
    signed, _, signature = relying.tokens()["id_token"].rpartition(".")
    (tmp_path / "key").write_text(provider.keys[0].public_pem)
    (tmp_path / "signature").write_bytes(signing.decode(signature))
    assert b"OK" in openssl("dgst", "-sha256", "-verify", tmp_path / "key", "-signature", tmp_path / "signature", input=signed.encode()).stdout


def test_the_form_is_shown_when_nobody_is_logged_in_by_itself_and_once_is_enough(provider, relying):
    provider.automatic = None
    page = relying.authorize()
    form = page.form("user")
    back = relying.visit.open(urllib.parse.urljoin(provider.issuer, form.action), form.hidden() + [("user", "bob")])
    assert signing.parts(relying.redeem(relying.answer(back)["code"])[1]["id_token"])[1]["preferred_username"] == "bob"
    assert "code" in relying.answer(relying.authorize()), "its cookie says who it is"
    assert relying.authorize(prompt="login").location is None
    assert relying.authorize(max_age="0").location is None
    assert relying.answer(Relying(provider).authorize(prompt="none"))["error"] == "login_required"


def test_the_form_can_be_cancelled(provider, relying):
    provider.automatic = None
    page = relying.authorize()
    back = relying.visit.open(urllib.parse.urljoin(provider.issuer, page.form("do").action), page.form("do").hidden())
    answer = relying.answer(back)
    assert answer["error"] == "access_denied" and answer["state"] == relying.sent["state"] and "code" not in answer


def test_a_form_post_carries_the_answer_in_a_form(provider, relying):
    page = relying.authorize(response_mode="form_post")
    form = page.form("code", "state", "iss")
    assert page.status == 200 and page.location is None and form.action == CALLBACK
    assert relying.redeem(form.value("code"))[0] == 200


@pytest.mark.parametrize("changed", [
    {"code_challenge": None}, {"code_challenge_method": "plain"}, {"response_type": "token"}, {"scope": "profile"}], ids=str)
def test_a_wrong_question_is_answered_with_an_error(relying, changed):
    assert "error" in relying.answer(relying.authorize(**changed))


def test_an_unknown_client_or_address_is_not_sent_anywhere(provider, relying):
    provider.client.redirects = [CALLBACK]
    assert relying.authorize(redirect_uri=CALLBACK + "x").status == 400
    assert relying.authorize(client_id="else").status == 400
    assert relying.authorize().status == 302


def test_a_code_is_good_once_for_its_verifier_and_address(provider, relying):
    for changed in ({"code_verifier": "x" * 43}, {"redirect_uri": CALLBACK + "x"}, {"code": "guess"}):
        code = relying.answer(relying.authorize())["code"]
        assert relying.redeem(**{"code": code, **changed})[0] == 400
    code = relying.answer(relying.authorize())["code"]
    status, made = relying.redeem(code)
    assert status == 200
    assert relying.redeem(code)[1]["error"] == "invalid_grant"
    assert relying.refresh(made["refresh_token"])[1]["error"] == "invalid_grant", "what the code was used for is revoked"


def test_a_secret_of_any_characters_is_checked_in_each_way(provider, relying):
    code = relying.answer(relying.authorize())["code"]
    assert relying.redeem(code, fields=relying.basic("wrong"))[0] == 401
    assert relying.redeem(code, fields={})[0] == 401
    assert relying.redeem(code, fields={}, client_id="anteroom", client_secret=provider.client.secret)[0] == 401, "not the way that is registered"
    assert relying.redeem(code)[0] == 200
    provider.client.method = "client_secret_post"
    code = relying.answer(relying.authorize())["code"]
    assert relying.redeem(code, fields={}, client_id="anteroom", client_secret=provider.client.secret)[0] == 200
    provider.client.method = "none"
    code = relying.answer(relying.authorize())["code"]
    assert relying.redeem(code, fields={}, client_id="anteroom")[0] == 200


def test_a_client_with_a_key_shows_a_signed_assertion_each_time_a_new_one(provider):
    key = signing.Key("ES256", "client-key")
    provider.add_client(Client("keyed", method="private_key_jwt", key=key))
    relying = Relying(provider, "keyed")

    def assertion(**changed):
        now = int(time.time())
        claims = {"iss": "keyed", "sub": "keyed", "aud": provider.issuer, "exp": now + 60, "iat": now, "jti": secrets.token_hex(8), **changed}
        return {"client_assertion": signing.token(key, claims), "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}

    good = assertion()
    for wrong in (assertion(aud="https://else.test"), assertion(exp=1), assertion(iss="else"), {**good, "client_assertion": signing.flipped(good["client_assertion"])}):
        assert relying.redeem(relying.answer(relying.authorize())["code"], fields={}, **wrong)[0] == 401
    assert relying.redeem(relying.answer(relying.authorize())["code"], fields={}, **good)[0] == 200
    assert relying.redeem(relying.answer(relying.authorize())["code"], fields={}, **good)[0] == 401, "a replay"


def test_an_old_refresh_token_revokes_everything(provider, relying):
    first = relying.tokens()["refresh_token"]
    second = relying.refresh(first)[1]["refresh_token"]
    assert second != first and provider.refreshes == 1
    assert relying.refresh(second)[0] == 200
    assert relying.refresh(first)[1]["error"] == "invalid_grant"
    assert relying.refresh(second)[1]["error"] == "invalid_grant"
    assert provider.living_families == 0


def test_claims_follow_the_user_and_a_revoked_user_gets_no_more(provider, relying):
    text = relying.tokens()["refresh_token"]
    provider.users["ann"]["groups"] = ["visitors"]
    made = relying.refresh(text)[1]
    assert signing.parts(made["id_token"])[1]["groups"] == ["visitors"] and "nonce" not in signing.parts(made["id_token"])[1]
    provider.revoke()
    assert relying.refresh(made["refresh_token"])[1]["error"] == "invalid_grant"


def test_the_end_of_the_session_leads_back_and_ends_what_came_of_it(provider, relying):
    made = relying.tokens()
    provider.client.after_logout = [CALLBACK]
    page = relying.visit.open(f"{provider.issuer}/end?" + urllib.parse.urlencode({"id_token_hint": made["id_token"], "post_logout_redirect_uri": CALLBACK, "state": "x"}))
    assert page.location == CALLBACK + "?state=x"
    assert relying.refresh(made["refresh_token"])[1]["error"] == "invalid_grant"
    assert relying.visit.open(f"{provider.issuer}/end?post_logout_redirect_uri=http://else.test/").location is None


def test_an_access_token_can_be_introspected(provider, relying):
    made = relying.tokens()
    introspect = lambda text: json.loads(relying.call("POST", provider.issuer + "/introspect", {"token": text}, relying.basic())[1])
    assert introspect(made["access_token"])["preferred_username"] == "ann"
    assert introspect(signing.flipped(made["access_token"])) == {"active": False}


def test_rotated_keys_sign_what_comes_next(provider, relying):
    old = relying.tokens()
    key = provider.rotate("ES256")
    new = relying.tokens()
    assert signing.parts(old["id_token"])[0]["kid"] == "key-1" and signing.parts(new["id_token"])[0] == {"alg": "ES256", "typ": "JWT", "kid": key.kid}
    assert [each["kid"] for each in relying.get(provider.issuer + "/keys")["keys"]] == ["key-1", "key-2"]
    provider.rotate(keep=False)
    assert [each["kid"] for each in relying.get(provider.issuer + "/keys")["keys"]] == ["key-3"]


def test_it_misbehaves_on_demand(provider, relying):
    provider.change_id_token = lambda claims: claims.update(aud="else")
    provider.change_metadata = lambda found: {**found, "issuer": "https://else.test"}
    provider.change_userinfo = lambda found: "a string"
    provider.change_redirect = lambda pairs: pairs + [pair for pair in pairs if pair[0] == "state"]
    made = relying.tokens()
    assert signing.parts(made["id_token"])[1]["aud"] == "else" and relying.metadata()["issuer"] == "https://else.test"
    assert relying.get(provider.issuer + "/userinfo", fields={"Authorization": f"Bearer {made['access_token']}"}) == "a string"
    assert relying.authorize().location.count("state=") == 2
    provider.forge_id_token = signing.unsigned
    assert relying.tokens()["id_token"].endswith(".")
    provider.fail("token")
    status, body = relying.call("POST", provider.issuer + "/token", {}, {})
    assert status == 500 and b"<html>" in body
    provider.mend("token")
    assert relying.tokens()
    provider.override["metadata"] = lambda _: Answer.long(50 << 20)
    assert len(relying.call("GET", provider.issuer + "/.well-known/openid-configuration")[1]) > 50 << 20


def test_a_held_request_waits_until_it_is_let_go(provider, relying):
    provider.hold("metadata")
    got = []
    thread = threading.Thread(target=lambda: got.append(relying.metadata()))
    thread.start()
    until(lambda: provider.count("metadata") == 1, 10, "the request")
    assert not got
    provider.let_go("metadata")
    thread.join(10)
    assert got and got[0]["issuer"] == provider.issuer


def test_it_finds_what_was_hidden_in_a_request(provider, relying):
    secret = "patient_id=734091826501"
    for hidden in (
        secret, base64.urlsafe_b64encode(secret.encode()).decode(), base64.b64encode(b'{"return":"/' + secret.encode() + b'"}').decode(),
        secret.encode().hex(), urllib.parse.quote(urllib.parse.quote(secret, safe=""), safe=""),
    ):
        relying.authorize(state=hidden)
        with pytest.raises(AssertionError, match="is in"):
            provider.must_not_have_seen(secret)
        provider.requests.clear()
    relying.authorize()
    provider.must_not_have_seen(secret)


def test_it_speaks_tls(make_provider, tmp_path):
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue(tmp_path, "provider", ["localhost", "127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    provider = make_provider(tls=context)
    relying = Relying(provider, context=ssl.create_default_context(cafile=authority.pem))
    assert relying.metadata()["issuer"].startswith("https://127.0.0.1:")
    assert signing.parts(relying.tokens()["id_token"])[1]["sub"] == ann()["sub"]


def test_nothing_listens_after_its_end():
    provider = Provider()
    relying = Relying(provider)
    relying.metadata()
    provider.stop()
    with pytest.raises(OSError):
        relying.metadata()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_somebody_elses_client_signs_in_with_it_and_refuses_what_it_forges(make_provider, tmp_path, algorithm):
    provider = make_provider(algorithm=algorithm)
    # Of its own it sends the secret's characters as they are.
    provider.client.secret = "only-letters-and-digits-4711"
    apache = Apache(tmp_path / "apache", provider)
    try:
        def sign_in():
            person = Person(apache.port)
            first = person.navigate("/GPL-3")
            assert first.status == 302, first.response
            back = person.come_back(person.at_provider(first.response.get("Location")))
            return person.navigate(person.path_of(back.response.get("Location"))) if back.status == 302 else None

        page = sign_in()
        assert page and page.status == 200 and page.response.get("X-Seen-User") == "ann", apache.log
        wrong = {
            "aud": lambda claims: signing.token(provider.signer, {**claims, "aud": "else"}), "nonce": lambda claims: signing.token(provider.signer, {**claims, "nonce": "else"}),
            "flipped": lambda claims: signing.flipped(signing.token(provider.signer, claims)), "none": signing.unsigned,
            "at_hash": lambda claims: signing.token(provider.signer, {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})}
        for name, forge in wrong.items():
            provider.forge_id_token = forge
            assert sign_in() is None, name
        provider.forge_id_token = None
        assert sign_in()
    finally:
        apache.stop()
