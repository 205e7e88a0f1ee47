"""What a browser does that signs in at an OpenID provider, without one."""

import html.parser
import http.client
import ssl
import urllib.parse

from visitor import NAVIGATION, Visitor, forms


class ProviderPage:
    """An answer of a provider to a browser."""

    def __init__(self, status, fields, text):
        self.status = status
        self.fields = fields
        self.text = text

    @property
    def location(self):
        return next((value for name, value in self.fields if name.lower() == "location"), None)

    def form(self, *names):
        found = [form for form in forms(self.text) if set(names) <= set(form.names)]
        assert found, f"no form with {names} in {self.status} {self.text[:1000]}"
        return found[0]


class ProviderVisit:
    """A browser at the provider, with the cookies that it has there."""

    def __init__(self):
        self.jar = {}

    def open(self, address, form=None):
        parts = urllib.parse.urlsplit(address)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection("127.0.0.1", parts.port, timeout=30, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        fields = {"Host": parts.netloc, "Accept": "text/html"}
        if self.jar:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET" if form is None else "POST", target, body, fields)
            answer = connection.getresponse()
            page = ProviderPage(answer.status, answer.getheaders(), answer.read().decode())
        finally:
            connection.close()
        for name, value in page.fields:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.jar[key] = rest.partition(";")[0]
        return page


class Back:
    """How a provider sends a browser back: to an address, or with a form of its own."""

    def __init__(self, address, form=None):
        self.address = address
        self.form = form

    @property
    def pairs(self):
        return self.form if self.form is not None else urllib.parse.parse_qsl(urllib.parse.urlsplit(self.address).query, keep_blank_values=True)

    @property
    def values(self):
        return dict(self.pairs)

    def changed(self, change):
        """The same with other parameters; `change` gets and returns the pairs."""
        pairs = change(list(self.pairs))
        if self.form is not None:
            return Back(self.address, pairs)
        return Back(self.address.partition("?")[0] + "?" + urllib.parse.urlencode(pairs))


class Person(Visitor):
    """A browser that signs in at providers. `away` is where it is a visitor too."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.away = ProviderVisit()

    def begin(self, target="/patients?patient_id=1"):
        """The click on the button while signed out, and what follows until the provider's page; returns that page's address."""
        first = self.navigate(target)
        assert first.status == 302 and first.location.startswith("/.anteroom/login"), first.response
        return self.leave(first.location)

    def leave(self, target):
        """A page of ours that leads to a provider at once; the address there."""
        page = self.navigate(target)
        assert page.status in (302, 303), page.response
        address = page.response.get("Location")
        assert "/authorize" in address, page.response
        return address

    def at_provider(self, address, user=None, cancel=False):
        """Goes to the provider, and does what it asks there."""
        page = self.away.open(address)
        if page.status == 200 and "id=cancel" in page.text:
            form = page.form("do") if cancel else page.form("user")
            sent = form.hidden() + ([] if cancel else [("user", user)])
            page = self.away.open(urllib.parse.urljoin(address, form.action), sent)
        if page.location:
            return Back(page.location)
        assert page.status == 200, (page.status, page.text)
        form = next((form for form in forms(page.text) if form.method == "post"), None)
        assert form, page.text
        return Back(form.action, form.hidden())

    def come_back(self, back):
        """Takes the provider's answer to the gateway; the page that it gives in the end, before a way on to the app is followed."""
        if back.form is None:
            return self.navigate(self.path_of(back.address))
        # From another site, and so without our cookies, which are SameSite=Lax.
        jar, self.jar = self.jar, {}
        fields = [*NAVIGATION, ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://127.0.0.1:1")]
        posted = self.request("POST", self.path_of(back.address), fields, urllib.parse.urlencode(back.form))
        self.jar = {**jar, **self.jar}
        if posted.status != 303:
            return posted
        return self.navigate(posted.location)

    def sign_in_at_provider(self, target="/patients?patient_id=1", user=None):
        """The whole way; the answer that leads on."""
        page = self.come_back(self.at_provider(self.begin(target), user))
        assert page.status in (302, 303), page.response
        return page

    def refused(self, target="/patients?patient_id=1", status=None):
        """The whole way, when it must not end in a session; the page that says so."""
        page = self.come_back(self.at_provider(self.begin(target)))
        self.must_be_stranger(page, status)
        return page

    def must_be_stranger(self, page, status=None):
        assert page.status >= 400 and (status is None or page.status == status), page.response
        assert (page.response.get("Content-Type") or "").startswith("text/html"), page.response
        assert "no-store" in page.response.get("Cache-Control"), page.response
        assert (page.response.get("Content-Security-Policy") or "").startswith("default-src 'none'"), page.response
        assert "<h1" in page.text and "</html>" in page.text, page.text
        assert not self.signed_in()
        assert self.navigate("/patients?patient_id=1").status == 302


class _Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.refresh = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            self.found.append(attributes["href"])
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self.refresh = (attributes.get("content") or "").partition("=")[2].strip(" '\"")


def links(page):
    """The addresses of the links on a page."""
    parser = _Links()
    parser.feed(page.text)
    return parser.found


def refresh_address(page):
    """Where a page's meta refresh leads to, or None."""
    parser = _Links()
    parser.feed(page.text)
    return parser.refresh


def login_links(page):
    """The links of a page that begin a login."""
    return [link for link in links(page) if "/.anteroom/login" in link]


def parameters(address):
    """Those of an address's query; each may be there once."""
    pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs), "a parameter comes twice"
    return dict(pairs)


def retry(page):
    """The link by which a page of trouble leads on."""
    found = [link for link in login_links(page) if "return=" in link]
    assert found, page.text
    return found[0]
