"""A sign-in gateway for `login forward`: says of each request whether it may pass, has a page to sign in at, and misbehaves on demand."""

import html
import secrets
import threading
import urllib.parse

from upstream import Upstream, answer

COPY = "copy Remote-User Remote-Name Remote-Email Remote-Groups"


class Checker:
    """`style` is how it turns people away: `nginx` answers 401, `authelia` 401 with the address of its page, `traefik` goes there with 302."""

    def __init__(self, style="nginx", tls=None):
        self.style = style
        self.people = {"ann": ("Ann Archer", "ann@clinic.test", "clinicians,admins"), "bob": ("Bob Baker", "bob@clinic.test", "clinicians")}
        self.sessions = {}
        self.override = None
        self.denied = set()
        self.cookies = []
        self.more = []
        # The cookie's further attributes, so that it may be one for all hosts of a domain.
        self.attributes = "; Path=/; HttpOnly"
        self.lock = threading.Lock()
        self.server = Upstream(self._serve, tls=tls)

    @property
    def port(self):
        return self.server.port

    @property
    def url(self):
        return self.server.url

    @property
    def asked(self):
        """The questions so far."""
        return [exchange for exchange in list(self.server.requests) if exchange.target.startswith("/check")]

    def stop(self):
        self.server.stop()
        assert not self.server.faults, self.server.faults

    def login(self, *lines, sign_in=True, copy=COPY):
        """A `login forward` that asks it."""
        own = [f"check {self.url}/check", copy]
        if sign_in:
            own.append(f"sign_in {self.url}/page?rd={{url}}")
        return "login forward {\n" + "".join(f"        {line}\n" for line in [*own, *lines]) + "    }"

    def sign_in(self, user="ann"):
        """What the browser's cookie would be after this user has signed in at the page."""
        token = secrets.token_hex(8)
        with self.lock:
            self.sessions[token] = user
        return token

    def user(self, exchange):
        for line in exchange.all("Cookie"):
            for part in line.split("; "):
                name, _, value = part.partition("=")
                if name == "portal" and value in self.sessions:
                    return self.sessions[value]
        return None

    def _serve(self, exchange):
        exchange.read_body()
        path, _, query = exchange.target.partition("?")
        fields = urllib.parse.parse_qs(query)
        if path == "/check":
            return self.override(exchange) if self.override else self.judge(exchange)
        if path == "/page":
            return self._page(exchange, fields)
        if path == "/out":
            with self.lock:
                self.sessions.clear()
            return answer(200, "<!doctype html><title>Portal</title><h1 id=out>signed out at the portal</h1>", [("Content-Type", "text/html")])
        return answer(404)

    def judge(self, exchange):
        """What a checker that is well answers."""
        user = self.user(exchange)
        uri = exchange.get("X-Forwarded-Uri") or ""
        cookies = [("Set-Cookie", cookie) for cookie in self.cookies]
        if user is None:
            url = exchange.get("X-Original-URL")
            location = [("Location", f"{self.url}/page?rd={urllib.parse.quote(url, safe='')}")]
            if self.style == "traefik":
                return answer(302, fields=location + cookies)
            return answer(401, fields=(location if self.style == "authelia" else []) + cookies)
        if uri in self.denied:
            return answer(403, fields=cookies)
        name, mail, groups = self.people.get(user, ("", "", ""))
        return answer(200, fields=[("Remote-User", user), ("Remote-Name", name), ("Remote-Email", mail), ("Remote-Groups", groups), *self.more, *cookies])

    def _page(self, exchange, fields):
        target = fields.get("rd", ["/"])[0]
        user = fields.get("user", [None])[0]
        if user is None:
            page = f"""<!doctype html><title>Portal</title><form action=/page><input type=hidden name=rd value="{html.escape(target)}">
                <input id=user name=user><button id=go>Sign in at the portal</button></form>"""
            return answer(200, page, [("Content-Type", "text/html; charset=utf-8")])
        return answer(302, fields=[("Location", target), ("Set-Cookie", f"portal={self.sign_in(user)}{self.attributes}")])
