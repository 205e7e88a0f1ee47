"""What a browser does, without one: keeps cookies, follows the way to the login page, fills in its form."""

import html.parser
import json
import urllib.parse

from gateway import PASSWORD
from rawhttp import Client, message

NAVIGATION = [
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-AU"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-User", "?1"),
    ("Sec-Fetch-Dest", "document"),
]


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action")
        self.method = (attributes.get("method") or "get").lower()
        self.inputs = []

    @property
    def names(self):
        return [entry.get("name") for entry in self.inputs]

    def value(self, name):
        return next((entry.get("value") or "" for entry in self.inputs if entry.get("name") == name), None)

    def hidden(self):
        return [(entry["name"], entry.get("value") or "") for entry in self.inputs if entry.get("type") == "hidden" and entry.get("name")]


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []
        self.inside = None
        self.scripts = 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.inside = Form(attributes)
            self.forms.append(self.inside)
        elif tag in ("input", "button", "select", "textarea") and self.inside is not None:
            entry = dict(attributes)
            entry.setdefault("type", "submit" if tag == "button" else "text")
            self.inside.inputs.append(entry)
        elif tag == "script":
            self.scripts += 1

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None


def forms(text):
    parser = _Forms()
    parser.feed(text)
    return parser.forms


def scripts(text):
    parser = _Forms()
    parser.feed(text)
    return parser.scripts


class Cookie:
    def __init__(self, line):
        first, *attributes = line.split(";")
        self.name, _, self.value = first.strip().partition("=")
        self.attributes = {}
        for attribute in attributes:
            name, _, value = attribute.strip().partition("=")
            self.attributes[name.lower()] = value
        self.line = line

    @property
    def deletes(self):
        return self.attributes.get("max-age", "1").startswith(("0", "-")) or "1970" in self.attributes.get("expires", "")


class Page:
    """An answer that a visitor got, with the address it came from."""

    def __init__(self, visitor, target, response):
        self.visitor = visitor
        self.target = target
        self.response = response

    def __getattr__(self, name):
        return getattr(self.response, name)

    def form(self, *fields):
        """The form that has inputs of these names."""
        found = [form for form in forms(self.response.text) if set(fields) <= set(form.names)]
        assert len(found) == 1, f"{len(found)} forms with {fields} in {self.response.status} {self.response.text[:2000]}"
        return found[0]

    def submit(self, fields, form, headers=None, origin=True):
        """Sends a form with its hidden fields and `fields` over them, as a browser does."""
        values = dict(form.hidden())
        values.update(fields)
        body = urllib.parse.urlencode({name: value for name, value in values.items() if value is not None})
        action = urllib.parse.urljoin(self.visitor.origin + self.target, form.action or "")
        sent = [
            *[(name, value) for name, value in NAVIGATION if name != "Sec-Fetch-Site"], ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"), ("Referer", self.visitor.origin + self.target),
        ]
        if origin:
            sent.append(("Origin", self.visitor.origin if origin is True else origin))
        sent = [(name, value) for name, value in sent if name not in (headers or {})] + list((headers or {}).items())
        return self.visitor.request("POST", self.visitor.path_of(action), sent, body)

    def sign_in(self, user="ann", password=PASSWORD, **changed):
        """Fills in the login form."""
        form = self.form("user", "password")
        assert form.method == "post"
        return self.submit({"user": user, "password": password, **changed}, form)

    @property
    def location(self):
        """The path and query that a redirect leads to; fails if it leaves the site."""
        value = self.response.get("Location")
        assert value is not None, f"no Location in {self.response}"
        return self.visitor.path_of(value)


class Visitor:
    """One browser profile at one host of the gateway. `always` are fields that something on the way adds to each request, `connection` is what
    `Client` takes."""

    def __init__(self, port, host="app.test", tls=None, scheme=None, always=(), **connection):
        self.port = port
        self.host = host
        self.tls = tls
        self.scheme = scheme or ("https" if tls else "http")
        self.always = list(always)
        self.connection = connection
        self.jar = {}

    @property
    def authority(self):
        return f"{self.host}:{self.port}"

    @property
    def origin(self):
        return f"{self.scheme}://{self.authority}"

    def at(self, host):
        """The same browser at another host (which has cookies of its own)."""
        return Visitor(self.port, host, self.tls, self.scheme, self.always, **self.connection)

    def path_of(self, address):
        if address.startswith(self.origin + "/"):
            return address[len(self.origin):]
        assert address.startswith("/") and not address.startswith(("//", "/\\")), f"leads off the site: {address!r}"
        return address

    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())

    def headers(self, fields=()):
        """Host and cookies, then `fields`."""
        head = [("Host", self.authority)]
        if self.jar and not any(name.lower() == "cookie" for name, _ in fields):
            head.append(("Cookie", self.cookie_header()))
        return head + self.always + list(fields)

    def keep(self, response):
        """Takes in what Set-Cookie says."""
        for line in response.all("Set-Cookie"):
            cookie = Cookie(line)
            if cookie.deletes:
                self.jar.pop(cookie.name, None)
            else:
                self.jar[cookie.name] = cookie.value

    def connect(self, **options):
        return Client(self.port, tls=self.tls, **{**self.connection, **options})

    def request(self, method, target, fields=(), body=None):
        """One request on a connection of its own; cookies are kept."""
        with self.connect() as client:
            response = client.request(method, target, self.headers(fields), body)
        self.keep(response)
        return Page(self, target, response)

    def navigate(self, target, extra=()):
        """A top-level GET, as a click on the patient button is."""
        return self.request("GET", target, NAVIGATION + list(extra))

    def fetch(self, target, method="GET", extra=(), body=None):
        """A request by a script."""
        return self.request(
            method, target, [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Site", "same-origin"), *extra], body)

    def message(self, method, target, fields=(), body=None):
        """The bytes of a request with this visitor's Host and cookies."""
        return message(method, target, self.headers(fields), body)

    def login_page(self, target="/patients?patient_id=1"):
        """Clicks while signed out, and follows the redirect to the login page."""
        first = self.navigate(target)
        assert first.status == 302, first.response
        assert first.location.startswith("/.anteroom/login"), first.location
        page = self.navigate(first.location)
        assert page.status == 200, page.response
        page.form("user", "password")
        return page

    def sign_in(self, user="ann", password=PASSWORD, target="/patients?patient_id=1"):
        """The whole way through the login; returns the answer that leads back."""
        back = self.login_page(target).sign_in(user, password)
        assert back.status == 303, f"{user} could not sign in: {back.response}"
        return back

    def signed_in(self):
        """Whether the gateway knows this visitor; asking is no activity."""
        answer = self.fetch("/.anteroom/session")
        return answer.status == 200 and bool(json.loads(answer.text).get("user"))

    def logout(self):
        page = self.navigate("/.anteroom/logout")
        assert page.status == 200, page.response
        return page.submit({}, page.form("token"))
