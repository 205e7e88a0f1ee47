"""`login app` with an app that answers its logins with its inner address: what the gateway says in the app's place is rewritten as well."""

import pytest

from gateway import configuration, site
from own_login import OwnLogin
from test_app_login import PATIENT, Tab, shown
from visitor import Visitor

INNER = "http://app.internal:8080/clinic"


class InnerLogin(OwnLogin):
    """An app that believes it is below `INNER`, in redirects and cookies."""

    def __call__(self, exchange):
        head, blank, body = super().__call__(exchange).partition(b"\r\n\r\n")
        head = head.replace(b"\r\nLocation: /", f"\r\nLocation: {INNER}/".encode())
        head = head.replace(b"; Path=/", b"; Domain=app.internal; Path=/clinic")
        return head + blank + body


@pytest.fixture
def make(make_upstream, make_gateway):
    """Somebody's browser at a gateway in front of such an app, which keeps all answers; it comes by https as far as the gateway is told."""

    def make(kind, inner=f"inner {INNER}/", more="cookies { secure on; same_site lax }"):
        app = InnerLogin(kind)
        upstream = make_upstream(app)
        gateway = make_gateway(configuration(
            site(f"{upstream.url} {{\n{inner}\n}}", login=app.login(), more=more), listen="127.0.0.1:0 { scheme https }"))
        visitor = Visitor(gateway.port, scheme="https")
        visitor.answers = []
        ask = visitor.request

        def request(*arguments, **options):
            page = ask(*arguments, **options)
            visitor.answers.append(page.response)
            return page

        visitor.request = request
        return visitor

    return make


@pytest.mark.parametrize("kind", ["form", "steps", "inline", "php"])
def test_an_apps_login_at_its_inner_address_ends_at_the_patient_that_was_clicked(make, kind):
    visitor = make(kind)
    tab = Tab(visitor)
    tab.click(PATIENT)
    tab.sign_in()
    assert shown(tab) == PATIENT
    ours = ("__Host-", "__Secure-", "anteroom")
    cookies = [line for answer in visitor.answers for line in answer.all("Set-Cookie") if not line.startswith(ours)]
    assert {line.partition("=")[0] for line in cookies} == {"sid", "csrf"}
    for line in cookies:
        attributes = [part.strip() for part in line.split(";")[1:]]
        assert sorted(attributes) in (["Path=/", "SameSite=Lax", "Secure"], ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]), line
    assert not [answer for answer in visitor.answers if "app.internal" in (answer.get("Location") or "")]


def test_a_login_that_does_not_work_is_answered_with_the_public_address_too(make):
    visitor = make("form")
    tab = Tab(visitor)
    tab.click(PATIENT)
    tab.submit(user="ann", password="wrong", csrf="forged")
    refused = [answer for answer in visitor.answers if answer.get("Location") == f"{visitor.origin}/home"]
    assert len(refused) == 1 and "sid" not in visitor.jar


def test_turned_off_the_apps_login_goes_on_as_the_app_wrote_it(make):
    visitor = make("form", "rewrite off", "")
    tab = Tab(visitor)
    tab.click(PATIENT)
    page = tab.page
    with pytest.raises(AssertionError, match="leads off the site"):
        tab.submit(user="ann", password="wrong", csrf="forged")
    assert page.all("Set-Cookie")[0].endswith("; Domain=app.internal; Path=/clinic")
    assert visitor.answers[-1].get("Location") == f"{INNER}/home"
