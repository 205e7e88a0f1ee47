"""The tests' own OpenID provider: does all that a good one does, until it is told to do otherwise; remembers everything that it is sent."""

import base64
import hashlib
import html
import http.client
import re
import secrets
import threading
import time
import urllib.parse

import signing
from provider_server import LONGEST_WAIT, Answer, Server, readings

LOGGED_IN = "provider_login"


class Refusal(Exception):
    """An OAuth error (RFC 6749, section 5.2)."""

    def __init__(self, error, description="", status=400):
        super().__init__(error)
        self.answer = Answer.json({"error": error, "error_description": description}, status, [("Cache-Control", "no-store")])


class Client:
    """`method` is how it has to show who it is: client_secret_basic, client_secret_post, private_key_jwt or none."""

    def __init__(self, identifier, method="client_secret_basic", secret=None, key=None, redirects=(), after_logout=()):
        self.identifier = identifier
        self.method = method
        self.secret = secret
        self.key = key
        # Empty: any address will do, for tests that learn the gateway's port after this has begun.
        self.redirects = list(redirects)
        self.after_logout = list(after_logout)


def ann(**more):
    return {
        "sub": "7d1f-ann", "preferred_username": "ann", "name": "Ann Archer", "email": "ann@clinic.test", "email_verified": True,
        "groups": ["clinicians", "admins"], **more}


def bob(**more):
    return {
        "sub": "90c2-bob", "preferred_username": "bob", "name": "Bob Baker", "email": "bob@clinic.test", "email_verified": True,
        "groups": ["reception"], **more}


class Provider:
    """Listens on a port of the kernel's choice. What tests turn:

    - `users`: claims by name. `automatic`: who is logged in without being asked; None shows a form.
    - `override[ENDPOINT]`: a function of the request that answers in the endpoint's place (None: go on as usual).
    - `hold(ENDPOINT)`: lets requests wait.
    - `change_metadata`, `change_id_token`, `change_access_token`, `change_userinfo`, `change_tokens`: get a dict and change it, or return
      another value to be sent.
    - `forge_id_token(claims)`: makes the ID token itself.
    - `change_redirect(parameters)`: gets and returns the pairs that go back to the client.
    - `clock`: by how many seconds its Date is ahead.
    - `keys`, `signer`: what it signs with; `published`: what its key set shows, where that is something else.
    """

    ENDPOINTS = {
        "/.well-known/openid-configuration": "metadata", "/keys": "keys", "/authorize": "authorize", "/token": "token", "/userinfo": "userinfo",
        "/end": "end_session", "/introspect": "introspect",
    }

    def __init__(self, tls=None, host="127.0.0.1", path="/realms/clinic", algorithm="RS256", port=0):
        self.lock = threading.RLock()
        self.path = path
        self.requests = []
        self.faults = []
        self.clients = {}
        self.add_client(Client("anteroom", secret="a secret: 100% +/&? of the client"))
        self.users = {"ann": ann(), "bob": bob()}
        self.automatic = "ann"
        self.keys = [signing.Key(algorithm, "key-1")]
        self.signer = self.keys[0]
        self.published = None
        self.override = {}
        self.metadata_fields = self.keys_fields = ()
        self.claims_in_id_token = True
        self.announces_issuer = True
        self.issues_refresh_tokens = True
        self.rotates_refresh_tokens = True
        self.id_token_lifetime = 300
        self.access_token_lifetime = 300
        self.access_token_audience = "https://app.clinic.test"
        self.change_metadata = self.change_id_token = self.change_access_token = self.change_userinfo = self.change_tokens = None
        self.forge_id_token = None
        self.change_redirect = None
        self.last_id_token = self.last_access_token = None
        self._codes, self._families, self._logins, self._assertions = {}, {}, {}, set()
        self._gates = {}
        self._all_gates = []
        self.clock = 0
        self.tls = tls
        self.port = port
        self.server = None
        self.up()
        self.scheme = "https" if tls else "http"
        self.origin = f"{self.scheme}://{host}:{self.port}"
        self.issuer = self.origin + path

    def up(self):
        """Listens again, on the same port, and knows what it knew."""
        self.server = Server(("127.0.0.1", self.port), self, self.tls)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def stop(self):
        """Nothing listens any more; whatever waited is let go. May be called twice."""
        with self.lock:
            for gate in self._all_gates:
                gate.set()
        if self.server:
            server, self.server = self.server, None
            server.shutdown()
            server.end()
            self.thread.join(10)

    down = stop

    def add_client(self, client):
        self.clients[client.identifier] = client
        return client

    @property
    def client(self):
        return self.clients["anteroom"]

    # What it has seen.

    def seen(self, endpoint, **parameters):
        """The requests of an endpoint, with these parameters."""
        with self.lock:
            found = [request for request in self.requests if request.endpoint == endpoint]
        return [request for request in found if all(request.parameters.get(name) == value for name, value in parameters.items())]

    def count(self, endpoint, **parameters):
        return len(self.seen(endpoint, **parameters))

    @property
    def refreshes(self):
        return self.count("token", grant_type="refresh_token")

    def must_not_have_seen(self, *texts):
        """Fails if any of `texts` is in any request, in clear or merely encoded."""
        with self.lock:
            requests = list(self.requests)
        assert requests, "nobody came"
        for request in requests:
            for reading in readings(request.raw()):
                for text in texts:
                    assert text.encode() not in reading, f"{text!r} is in {request}"

    # What tests do to it.

    def hold(self, endpoint):
        """Requests of this endpoint wait for the event that is returned; they are noted before that."""
        gate = threading.Event()
        with self.lock:
            self._gates[endpoint] = gate
            self._all_gates.append(gate)
        return gate

    def let_go(self, endpoint):
        with self.lock:
            gate = self._gates.pop(endpoint, None)
        if gate:
            gate.set()

    def fail(self, endpoint, status=500, body="<html><body>Internal error</body></html>"):
        self.override[endpoint] = lambda request: Answer(status, body)

    def mend(self, endpoint):
        self.override.pop(endpoint, None)

    def rotate(self, algorithm=None, keep=True):
        """Signs with a new key from now on; without `keep` the old ones leave the key set at once."""
        with self.lock:
            number = len(self.keys) + 1 if keep else int((self.signer.kid or "key-0").rpartition("-")[2]) + 1
            key = signing.Key(algorithm or self.signer.algorithm, f"key-{number}", place=number)
            self.keys = [*self.keys, key] if keep else [key]
            self.signer = key
        return key

    def revoke(self):
        """All refresh tokens are worth nothing any more."""
        with self.lock:
            for family in self._families.values():
                family["revoked"] = True

    @property
    def living_families(self):
        return sum(not family["revoked"] for family in self._families.values())

    @property
    def sids(self):
        """The provider's sessions, the oldest first."""
        return list(self._logins)

    def logout_token(self, sub=None, sid=None, change=None, key=None, header=None, audience=None):
        """A logout token (OpenID Connect Back-Channel Logout, section 2.4)."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": audience or self.client.identifier, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(12),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
        claims |= {"sub": sub} if sub else {}
        claims |= {"sid": sid} if sid else {}
        changed = change(claims) if change else None
        return signing.token(key or self.signer, claims if changed is None else changed, {"typ": "logout+jwt", **(header or {})})

    def send_logout(self, port, token, host="app.test", form=None):
        """Sends a logout token to a gateway; its status and its text."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            body = urllib.parse.urlencode({"logout_token": token} if form is None else form)
            connection.request(
                "POST", "/.anteroom/backchannel", body, {"Host": f"{host}:{port}", "Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def front_channel(self, sid, issuer=None):
        """The target that the provider's own page opens in a frame of the gateway's origin."""
        return "/.anteroom/frontchannel?" + urllib.parse.urlencode({"iss": issuer or self.issuer, "sid": sid})

    def access_token(self, user="ann", change=None, key=None, header=None, **claims):
        """An access token (RFC 9068), as a program would have got it in its own way."""
        made = self._access_claims({"client_id": "program", "scope": "openid"}, self.users[user]) | claims
        changed = change(made) if change else None
        return signing.token(key or self.signer, made if changed is None else changed, {"typ": "at+jwt", **(header or {})})

    # What it answers.

    def respond(self, received):
        with self.lock:
            self.requests.append(received)
            gate = self._gates.get(received.endpoint)
            override = self.override.get(received.endpoint)
        if gate is not None and not gate.wait(LONGEST_WAIT):
            raise AssertionError(f"{received} was not let go")
        answer = override(received) if override else None
        if answer is not None:
            return answer
        endpoint = getattr(self, f"_{received.endpoint}", None)
        if endpoint is None:
            return Answer(404, "<html><body>No such page</body></html>")
        try:
            with self.lock:
                return endpoint(received)
        except Refusal as refusal:
            return refusal.answer

    @staticmethod
    def _changed(change, value):
        changed = change(value) if change else None
        return value if changed is None else changed

    def _metadata(self, received):
        made = {
            "issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize", "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys", "userinfo_endpoint": self.issuer + "/userinfo", "end_session_endpoint": self.issuer + "/end",
            "introspection_endpoint": self.issuer + "/introspect",
            "response_types_supported": ["code"], "response_modes_supported": ["query", "form_post"], "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"],
            "token_endpoint_auth_methods_supported": sorted({client.method for client in self.clients.values()}),
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "scopes_supported": ["openid", "profile", "email", "groups", "offline_access"], "code_challenge_methods_supported": ["S256"],
            "backchannel_logout_supported": True, "backchannel_logout_session_supported": True, "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True, "authorization_response_iss_parameter_supported": self.announces_issuer,
        }
        return Answer.json(self._changed(self.change_metadata, made), fields=self.metadata_fields)

    def _keys(self, received):
        published = self.published if self.published is not None else [key.jwk for key in self.keys]
        return Answer.json({"keys": published}, fields=self.keys_fields)

    def _authorize(self, received):
        asked = received.parameters
        pairs = received.query + received.form
        if len({name for name, _ in pairs if name != "resource"}) != len(pairs):
            return Answer(400, "<p>A parameter came twice.</p>")
        client = self.clients.get(asked.get("client_id"))
        redirect = asked.get("redirect_uri")
        if client is None or not redirect or (client.redirects and redirect not in client.redirects):
            return Answer(400, "<p>Unknown client, or an address that is not registered.</p>")
        if asked.get("do") == "cancel":
            return self._back(asked, [("error", "access_denied"), ("error_description", "The user said no")])
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return self._back(asked, [("error", "unsupported_response_type")])
        if asked.get("code_challenge_method") != "S256" or not re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.get("code_challenge", "")):
            return self._back(asked, [("error", "invalid_request"), ("error_description", "PKCE with S256 is a must")])
        login, cookie = self._login(received, asked)
        if login is None:
            if asked.get("prompt") == "none":
                return self._back(asked, [("error", "login_required")])
            return self._form(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "login": login, "family": None, "used": False}
        return self._back(asked, [("code", code)], cookie)

    def _login(self, received, asked):
        """The provider's session of this browser, and the cookie to set."""
        held = re.search(LOGGED_IN + r"=([^;]+)", received.get("Cookie") or "")
        login = self._logins.get(held[1]) if held else None
        oldest = time.time() - int(asked["max_age"]) if asked.get("max_age", "").isdigit() else 0
        asks_again = asked.get("prompt") in ("login", "select_account") and "user" not in asked
        if login and not login["ended"] and login["at"] >= oldest and not asks_again and "user" not in asked:
            return login, ()
        user = asked.get("user") or (self.automatic if not asks_again or self.automatic else None)
        if user not in self.users:
            return None, ()
        sid = f"sid-{len(self._logins) + 1}-{secrets.token_hex(6)}"
        self._logins[sid] = {"user": user, "sid": sid, "at": time.time(), "ended": False}
        return self._logins[sid], [("Set-Cookie", f"{LOGGED_IN}={sid}; Path=/; HttpOnly; SameSite=Lax")]

    def _form(self, asked):
        hidden = "".join(
            f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in asked.items() if name not in ("user", "do"))
        return Answer(200, f"""<!doctype html><title>Provider</title><h1>Sign in at the provider</h1>
            <form method=post action="{self.path}/authorize">{hidden}<input name=user><button id=login>Sign in</button></form>
            <form method=post action="{self.path}/authorize">{hidden}<input type=hidden name=do value=cancel><button id=cancel>Cancel</button></form>""")

    def _back(self, asked, pairs, fields=()):
        """To the client, with the answer in the address or in a form."""
        pairs = list(pairs)
        pairs += [("state", asked["state"])] if "state" in asked else []
        pairs += [("iss", self.issuer)] if self.announces_issuer else []
        if self.change_redirect:
            pairs = self.change_redirect(pairs)
        if asked.get("response_mode") == "form_post":
            inputs = "".join(f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in pairs)
            page = f"""<!doctype html><title>One moment</title><body onload="document.forms[0].submit()">
                <form method=post action="{html.escape(asked["redirect_uri"])}">{inputs}<noscript><button>Go on</button></noscript></form>"""
            return Answer(200, page, fields=fields)
        return Answer.to(asked["redirect_uri"] + "?" + urllib.parse.urlencode(pairs), fields)

    def _token(self, received):
        asked = received.parameters
        if received.method != "POST" or len(dict(received.form)) != len(received.form):
            raise Refusal("invalid_request")
        client = self._authenticated(received, asked)
        if asked.get("grant_type") == "authorization_code":
            return self._tokens(client, *self._redeemed(client, asked))
        if asked.get("grant_type") == "refresh_token":
            return self._tokens(client, *self._refreshed(client, asked))
        raise Refusal("unsupported_grant_type")

    def _authenticated(self, received, asked):
        basic = re.fullmatch(r"Basic ([A-Za-z0-9+/=]+)", received.get("Authorization") or "")
        if basic:
            identifier, _, secret = base64.b64decode(basic[1]).decode().partition(":")
            # RFC 6749, section 2.3.1: each half is encoded as a form's field before.
            identifier, secret, used = urllib.parse.unquote_plus(identifier), urllib.parse.unquote_plus(secret), "client_secret_basic"
        elif "client_assertion" in asked:
            identifier, secret, used = signing.parts(asked["client_assertion"])[1].get("sub"), None, "private_key_jwt"
        else:
            identifier, secret = asked.get("client_id"), asked.get("client_secret")
            used = "none" if secret is None else "client_secret_post"
        client = self.clients.get(identifier)
        if client is None or client.method != used:
            raise Refusal("invalid_client", f"{identifier} by {used}", 401)
        if used == "private_key_jwt":
            self._check_assertion(client, asked)
        elif used != "none" and not secrets.compare_digest(secret.encode(), client.secret.encode()):
            raise Refusal("invalid_client", "wrong secret", 401)
        return client

    def _check_assertion(self, client, asked):
        """RFC 7523, section 3."""
        text = asked["client_assertion"]
        header, claims = signing.parts(text)
        signed, _, signature = text.rpartition(".")
        audience = claims.get("aud")
        now = time.time()
        wrong = [
            asked.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" and "type",
            header.get("alg") != client.key.algorithm and "alg", not client.key.verifies(signed.encode(), signing.decode(signature)) and "signature",
            (claims.get("iss"), claims.get("sub")) != (client.identifier, client.identifier) and "iss or sub",
            not {self.issuer, self.issuer + "/token"} & set(audience if isinstance(audience, list) else [audience]) and "aud",
            not now - 5 < claims.get("exp", 0) < now + 3600 and "exp", (not claims.get("jti") or claims["jti"] in self._assertions) and "jti",
        ]
        wrong = [each for each in wrong if each]
        if wrong:
            raise Refusal("invalid_client", ", ".join(wrong), 401)
        self._assertions.add(claims["jti"])

    def _redeemed(self, client, asked):
        grant = self._codes.get(asked.get("code"))
        if grant is None or grant["client_id"] != client.identifier:
            raise Refusal("invalid_grant", "unknown code")
        if grant["used"]:
            if grant["family"]:
                grant["family"]["revoked"] = True
            raise Refusal("invalid_grant", "the code has been used")
        challenge = signing.encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if asked.get("redirect_uri") != grant["redirect_uri"] or challenge != grant["code_challenge"]:
            raise Refusal("invalid_grant", "redirect_uri or code_verifier")
        grant["used"] = True
        if self.issues_refresh_tokens:
            grant["family"] = {
                "client": client.identifier, "grant": grant, "login": grant["login"], "current": None, "all": set(), "revoked": False}
            self._families[len(self._families)] = grant["family"]
        return grant, grant["family"], grant.get("nonce")

    def _refreshed(self, client, asked):
        text = asked.get("refresh_token")
        family = next((family for family in self._families.values() if text in family["all"]), None)
        if family is None or family["client"] != client.identifier or family["revoked"] or family["login"]["ended"]:
            raise Refusal("invalid_grant", "unknown or revoked")
        if text != family["current"]:
            family["revoked"] = True
            raise Refusal("invalid_grant", "an old refresh token: everything is revoked")
        return family["grant"], family, None

    def _tokens(self, client, grant, family, nonce):
        login = grant["login"]
        user = self.users.get(login["user"])
        if user is None:
            raise Refusal("invalid_grant", "the account is gone")
        access = signing.token(self.signer, self._changed(self.change_access_token, self._access_claims(grant, user)), {"typ": "at+jwt"})
        claims = {
            "iss": self.issuer, "aud": client.identifier, "sub": user["sub"], "iat": int(time.time()),
            "exp": int(time.time()) + self.id_token_lifetime, "auth_time": int(login["at"]), "sid": login["sid"],
            "at_hash": signing.half_hash(self.signer.algorithm, access)}
        claims |= {"nonce": nonce} if nonce else {}
        if self.claims_in_id_token:
            claims = {**user, **claims}
        claims = self._changed(self.change_id_token, claims)
        self.last_access_token = access
        self.last_id_token = self.forge_id_token(claims) if self.forge_id_token else signing.token(self.signer, claims)
        made = {
            "token_type": "Bearer", "access_token": access, "expires_in": self.access_token_lifetime, "id_token": self.last_id_token,
            "scope": grant["scope"]}
        if family is not None:
            if self.rotates_refresh_tokens or family["current"] is None:
                family["current"] = secrets.token_urlsafe(24)
                family["all"].add(family["current"])
            made["refresh_token"] = family["current"]
        return Answer.json(self._changed(self.change_tokens, made), fields=[("Cache-Control", "no-store")])

    def _access_claims(self, grant, user):
        now = int(time.time())
        return {
            **{name: value for name, value in user.items() if name != "sub"}, "iss": self.issuer, "sub": user["sub"], "aud": self.access_token_audience,
            "client_id": grant["client_id"], "scope": grant["scope"], "iat": now, "exp": now + self.access_token_lifetime, "jti": secrets.token_urlsafe(9)}

    def _bearer(self, text):
        """Whose access token it is."""
        signed, _, signature = (text or "").rpartition(".")
        try:
            claims = signing.parts(text)[1]
            good = any(key.verifies(signed.encode(), signing.decode(signature)) for key in self.keys) and claims["exp"] > time.time()
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            raise Refusal("invalid_token", status=401)
        return claims, next((user for user in self.users.values() if user["sub"] == claims["sub"]), None)

    def _userinfo(self, received):
        field = re.fullmatch(r"Bearer (\S+)", received.get("Authorization") or "")
        _, user = self._bearer(field[1] if field else None)
        if user is None:
            raise Refusal("invalid_token", status=401)
        return Answer.json(self._changed(self.change_userinfo, dict(user)))

    def _end_session(self, received):
        asked = received.parameters
        held = re.search(LOGGED_IN + r"=([^;]+)", received.get("Cookie") or "")
        named = signing.parts(asked["id_token_hint"])[1].get("sid") if asked.get("id_token_hint") else None
        for sid in {held[1] if held else None, named} & set(self._logins):
            self._logins[sid]["ended"] = True
        away = [("Set-Cookie", f"{LOGGED_IN}=; Path=/; Max-Age=0")]
        after = asked.get("post_logout_redirect_uri")
        if not after or (self.client.after_logout and after not in self.client.after_logout):
            return Answer(200, "<!doctype html><title>Provider</title><h1>Signed out at the provider</h1>", fields=away)
        return Answer.to(after + ("?" + urllib.parse.urlencode({"state": asked["state"]}) if asked.get("state") else ""), away)

    def _introspect(self, received):
        asked = received.parameters
        self._authenticated(received, asked)
        try:
            claims, _ = self._bearer(asked.get("token"))
        except Refusal:
            return Answer.json({"active": False})
        return Answer.json({"active": True, **claims})
