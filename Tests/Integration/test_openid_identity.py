"""Who it is and who is let in, by what a provider says of somebody."""

import pytest

from gateway import account, configuration, oidc, site
from openid import Person, login_links, parameters, retry
from visitor import Visitor

PATIENT = "7340918265017"
FULL = "identity { user X-Auth-User; name X-Auth-Name; email X-Auth-Email; groups X-Auth-Groups }\nopen /open/*"
NAMES = ("X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups")


# Who is let in.


def lets_in(make_front, provider, *rules):
    person = Person(make_front(oidc(provider, *rules)).port)
    page = person.come_back(person.at_provider(person.begin(f"/patients?patient_id={PATIENT}")))
    if page.status == 302:
        assert person.signed_in()
        return True
    person.must_be_stranger(page)
    # A claim that is no text at all says nothing that can be used.
    assert page.status in (403, 502) and PATIENT not in page.text and login_links(page), "another account can be tried"
    return False


@pytest.mark.parametrize("address, verified, expected", [
    ("ann@company.com", True, True), ("Ann@COMPANY.com", True, True), ("ann@company.com", None, True), ("attacker@evil.com@company.com", True, False),
    ("ann@evilcompany.com", True, False), ("ann@sub.company.com", True, False), ("ann@company.com.evil.test", True, False), ("company.com", True, False), ("@company.com", True, False),
    ("ann@company.com", False, False), ("ann@company.com", "false", False), ("", True, False), ("ann@company.com ", True, False), ("ann@evil.test,b@company.com", True, False),
    ("\"x@evil.test\"@company.com", True, False), ("ann@company.com\n", True, False), (["ann@company.com"], True, False), (None, True, False),
], ids=str)
def test_a_domain_rule_lets_in_whose_verified_address_is_there(make_front, provider, address, verified, expected):
    person = provider.users["ann"]
    person["email"] = address
    person["email_verified"] = verified
    if address is None:
        del person["email"]
    if verified is None:
        del person["email_verified"]
    provider.users["ann"] = person
    assert lets_in(make_front, provider, "allow email_domain company.com") == expected


@pytest.mark.parametrize("lines", [["claims { user email }"], ["allow claim email boss@clinic.test"], ["allow email_domain clinic.test"], ["claims { user email }", "allow group clinicians"]], ids=str)
@pytest.mark.parametrize("in_token", [True, False], ids=["token", "userinfo"])
def test_an_address_that_anybody_can_write_down_makes_nobody_somebody_else(make_front, provider, upstream, lines, in_token):
    """email_verified: false is no e-mail, whatever an e-mail is used for."""
    provider.claims_in_id_token = in_token
    provider.users["ann"] |= {"email": "boss@clinic.test", "email_verified": False}
    assert not lets_in(make_front, provider, *lines)
    provider.users["ann"]["email_verified"] = True
    assert lets_in(make_front, provider, *lines)


@pytest.mark.parametrize("groups, expected", [
    (["clinicians"], True), (["admins", "clinicians"], True), ("clinicians", True), (["Clinicians"], False), (["clinicians2"], False), (["x,clinicians"], False), ([], False), (None, False),
    ([["clinicians"]], False), ({"clinicians": True}, False), (["clinicians "], False)], ids=str)
def test_a_group_rule_lets_its_group_in(make_front, provider, groups, expected):
    provider.users["ann"]["groups"] = groups
    assert lets_in(make_front, provider, "allow group clinicians") == expected


@pytest.mark.parametrize("value, expected", [("9188040d", True), ("9188040D", False), (["x", "9188040d"], True), ("", False), (9188040, False), (None, False)], ids=str)
def test_a_claim_rule_lets_in_who_has_the_value(make_front, provider, value, expected):
    provider.users["ann"]["tid"] = value
    assert lets_in(make_front, provider, "allow claim tid 9188040d") == expected


def test_any_rule_suffices_and_the_missing_claim_is_asked_for(make_front, provider):
    provider.claims_in_id_token = False
    assert lets_in(make_front, provider, "allow email_domain else.test", "allow group admins")
    assert provider.count("userinfo") == 1
    assert not lets_in(make_front, provider, "allow email_domain else.test", "allow group else")


def test_who_is_not_let_in_can_take_another_account(make_front, provider):
    provider.automatic = None
    person = Person(make_front(oidc(provider, "allow group clinicians")).port)
    page = person.come_back(person.at_provider(person.begin(f"/patients?patient_id={PATIENT}"), "bob"))
    person.must_be_stranger(page, 403)
    address = person.leave(retry(page))
    assert parameters(address).get("prompt") in ("select_account", "login")
    back = person.come_back(person.at_provider(address, "ann"))
    assert back.location == f"/patients?patient_id={PATIENT}"


# Who it is.



def identity(make_front, provider, upstream, *lines):
    person = Person(make_front(oidc(provider, *lines), more=FULL).port)
    person.navigate(person.sign_in_at_provider("/app").location)
    return [upstream.last.get(name) for name in NAMES]


@pytest.mark.parametrize("in_token", [True, False], ids=["token", "userinfo"])
def test_the_identity_headers_come_from_the_claims(make_front, provider, upstream, in_token):
    provider.claims_in_id_token = in_token
    assert identity(make_front, provider, upstream) == ["ann", "Ann Archer", "ann@clinic.test", "clinicians,admins"]
    assert provider.count("userinfo") == (0 if in_token else 1)


def test_claims_have_other_names_where_the_configuration_says_so(make_front, provider, upstream):
    provider.users["ann"] |= {"upn": "ann@corp", "display": "Dr Archer", "mail": "a@corp.test", "roles": ["one", "two"]}
    assert identity(make_front, provider, upstream, "claims { user upn; name display; email mail; groups roles }") == ["ann@corp", "Dr Archer", "a@corp.test", "one,two"]


def test_an_unverified_address_is_none(make_front, provider, upstream):
    provider.users["ann"]["email_verified"] = False
    assert identity(make_front, provider, upstream)[2] in (None, "")


def test_text_beyond_ascii_travels_as_that_of_accounts_files_does(make_front, make_gateway, provider, upstream):
    name = "Zoë Müller-Łukasz 山田"
    provider.users["ann"]["name"] = name
    found = identity(make_front, provider, upstream)[1]
    gateway = make_gateway(configuration(site(upstream.url, more=FULL)), users=[account("ann", name=name, email="ann@clinic.test")])
    visitor = Visitor(gateway.port)
    visitor.sign_in()
    visitor.navigate("/app")
    assert found == upstream.last.get("X-Auth-Name")


@pytest.mark.parametrize("claim", ["preferred_username", "name", "email", "groups"])
@pytest.mark.parametrize("value", ["a\r\nX-Auth-User: admin", "a\nb", "a\x00b", "a\x1bb", "a\x7fb", "a\tb", "a\u0085b"], ids=ascii)
def test_a_value_with_a_control_byte_never_reaches_the_app(make_front, provider, upstream, claim, value):
    provider.users["ann"][claim] = [value] if claim == "groups" else value
    front = make_front(oidc(provider), more=FULL)
    person = Person(front.port)
    page = person.refused("/app")
    assert "admin" not in page.text
    front.wait_for_log("a sign-in at a provider came to nothing")
    assert upstream.requests == []


def test_a_group_with_a_comma_in_its_name_is_not_two_groups(make_front, provider, upstream):
    provider.users["ann"]["groups"] = ["readers", "x,admins"]
    person = Person(make_front(oidc(provider), more=FULL).port)
    page = person.come_back(person.at_provider(person.begin("/app")))
    if page.status == 302:
        person.navigate(page.location)
        assert "admins" not in [group.strip() for group in (upstream.last.get("X-Auth-Groups") or "").split(",")]
    else:
        person.must_be_stranger(page)


@pytest.mark.parametrize("user", [None, "", 5, True, ["ann"], {"a": 1}, "x" * 5000], ids=lambda user: str(user)[:20])
def test_without_a_usable_name_nobody_signs_in(make_front, provider, upstream, user):
    provider.users["ann"]["preferred_username"] = user
    if user is None:
        del provider.users["ann"]["preferred_username"]
    Person(make_front(oidc(provider)).port).refused("/app")


def test_a_thousand_groups_do_not_break_the_cookie(make_front, provider, upstream):
    """Too many for a cookie: a clear page or all of them, never a broken session."""
    provider.users["ann"]["groups"] = [f"group-{number:04}-of-the-clinic" for number in range(1000)]
    person = Person(make_front(oidc(provider), more=FULL).port)
    page = person.come_back(person.at_provider(person.begin("/app")))
    if page.status == 302:
        assert person.navigate("/app").status == 200
        assert upstream.last.get("X-Auth-Groups").count(",") == 999
        assert len(person.jar["anteroom"]) < 4096
    else:
        person.must_be_stranger(page)


@pytest.mark.parametrize("header, prefix", [("X-Access-Token", ""), ("Authorization", "Bearer ")])
def test_the_app_gets_the_access_token_if_it_is_to(make_front, provider, upstream, header, prefix):
    person = Person(make_front(oidc(provider, f"access_token_header {header}")).port)
    person.navigate(person.sign_in_at_provider("/app").location, [(header, "Bearer forged"), (header.replace("-", "_"), "forged")])
    assert upstream.last.get(header) == prefix + provider.last_access_token
    assert "forged" not in upstream.last.raw_head.decode()
    stranger = Person(person.port)
    stranger.fetch("/open/x", extra=[("X-Access-Token", "forged")])
    if header == "X-Access-Token":
        assert "forged" not in upstream.last.raw_head.decode()


def test_without_that_line_no_token_goes_to_the_app(make_front, provider, upstream):
    person = Person(make_front(oidc(provider)).port)
    person.navigate(person.sign_in_at_provider("/app").location)
    head = upstream.last.raw_head.decode()
    assert provider.last_access_token not in head and provider.last_id_token not in head


def test_max_age_is_asked_for_and_checked(make_front, provider):
    person = Person(make_front(oidc(provider, "max_age 1h")).port)
    address = person.begin()
    assert parameters(address)["max_age"] == "3600"
    assert person.come_back(person.at_provider(address)).status == 302
    for change in (lambda claims: claims.update(auth_time=claims["auth_time"] - 4000), lambda claims: claims.pop("auth_time") and None, lambda claims: claims.update(auth_time="now")):
        provider.change_id_token = change
        Person(person.port).refused()
