"""Apps that keep their own login, each in another way: behind `login app`."""

import json
import secrets
import threading
import urllib.parse

from upstream import answer

ACCOUNTS = {"ann": "the app's own password 1", "bob": "the app's own password 2"}
CODE = "314159"

SCRIPT = """<!doctype html><title>Sign in</title><form id=f><input name=user id=user><input name=password id=password type=password><button id=go>Sign in</button></form><p id=message></p>
<script>f.onsubmit = async event => { event.preventDefault();
  const sent = await fetch('/login/api', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({user: user.value, password: password.value})});
  if (sent.ok) location = '/home'; else message.textContent = 'No.' }</script>"""


class OwnLogin:
    """An app with accounts of its own. `kind`: form (one page, protected against forged forms), steps (a second page), inline (the second form as the answer
    to the first), fetch (JSON), php (a session cookie for everybody, which stays the same)."""

    def __init__(self, kind="form", cookie="sid"):
        self.kind = kind
        self.cookie = cookie
        self.sessions = {}
        self.lock = threading.Lock()
        self.probes = 0
        self.override = None

    # What an operator writes.
    def login(self, *more):
        page = "page /login /login/*"
        return "\n        ".join(["login app {", page, f"signed_in cookie {self.cookie}", "probe /api/me { user json:user.name }", "logout /logout", *more]) + "\n    }"

    def __call__(self, exchange):
        body = exchange.read_body().decode()
        path = exchange.target.partition("?")[0]
        cookies = dict(part.strip().partition("=")[::2] for part in (exchange.get("Cookie") or "").split(";") if part.strip())
        with self.lock:
            session = self.sessions.get(cookies.get(self.cookie))
            user = session and session.get("user")
            if path == "/api/me":
                self.probes += 1
                if self.override:
                    return self.override(exchange)
                return answer(200, json.dumps({"user": {"name": user}}), [("Content-Type", "application/json")]) if user else answer(401, "who?")
            if path == "/logout":
                self.sessions.pop(cookies.get(self.cookie), None)
                return answer(302, "", [("Location", "/login"), ("Set-Cookie", f"{self.cookie}=; Max-Age=0; Path=/")])
            if path == "/login" or path.startswith("/login/"):
                return self._login(exchange, path, cookies, session, body)
        patient = exchange.get("X-Cliniko-Patient-Id") or "none"
        page = f"<!doctype html><title>Record</title><p id=record>{exchange.target} of {patient}</p><p id=user>{exchange.get('X-Auth-User') or ''}</p><a id=on href=/other>on</a>"
        return answer(200, page, [("Content-Type", "text/html")])

    def _page(self, text, fields=(), status=200):
        return answer(status, f"<!doctype html><title>Sign in</title>{text}", [("Content-Type", "text/html"), ("Referrer-Policy", "no-referrer"), *fields])

    def _form(self, cookies, message="", fields=()):
        token = cookies.get("csrf") or secrets.token_hex(8)
        more = [("Set-Cookie", f"csrf={token}; Path=/"), *fields]
        if self.kind == "php" and self.cookie not in cookies:
            identifier = secrets.token_hex(8)
            self.sessions[identifier] = {}
            more.append(("Set-Cookie", f"{self.cookie}={identifier}; Path=/"))
        action = "/login/first" if self.kind == "inline" else "/login"
        return self._page(
            f"<p id=message>{message}</p><form method=post action={action}><input type=hidden name=csrf value={token}><input name=user id=user>"
            "<input name=password id=password type=password><button id=go>Sign in</button></form>", more)

    def _code(self, action):
        return self._page(f"<form method=post action={action}><input name=code id=code><button id=go>Go on</button></form>")

    def _begin(self, cookies, session, user, **more):
        """Headers that give the browser its session."""
        if self.kind == "php" and session is not None:
            session["user"] = user
            return []
        identifier = secrets.token_hex(8)
        self.sessions[identifier] = {"user": user, **more}
        return [("Set-Cookie", f"{self.cookie}={identifier}; Path=/; HttpOnly")]

    def _login(self, exchange, path, cookies, session, body):
        if exchange.method == "GET":
            if path == "/login/code":
                return self._code("/login/code")
            if self.kind == "fetch":
                return self._page(SCRIPT)
            return self._form(cookies)
        if path == "/login/api":
            sent = json.loads(body)
            if ACCOUNTS.get(sent["user"]) != sent["password"]:
                return answer(403, "{}", [("Content-Type", "application/json")])
            return answer(200, "{}", [("Content-Type", "application/json"), *self._begin(cookies, session, sent["user"])])
        sent = dict(urllib.parse.parse_qsl(body))
        if "code" in sent:
            if sent["code"] != CODE or not session or "pending" not in session:
                return self._code(path)
            session["user"] = session.pop("pending")
            return answer(302, "", [("Location", "/home")])
        if sent.get("csrf") != cookies.get("csrf"):
            return answer(302, "", [("Location", "/home")])
        if ACCOUNTS.get(sent.get("user")) != sent.get("password"):
            return self._form(cookies, "Wrong.")
        if self.kind in ("steps", "inline"):
            fields = self._begin(cookies, session, None, pending=sent["user"])
            if self.kind == "steps":
                return answer(302, "", [("Location", "/login/code"), *fields])
            return self._page("<form method=post action=/login/second><input name=code id=code><button id=go>Go on</button></form>", fields)
        return answer(302, "", [("Location", "/home"), ("X-Kept", "yes"), *self._begin(cookies, session, sent["user"])])
