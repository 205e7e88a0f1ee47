import os
import shutil

import pytest

from browser import Driver, absence, must_be_there
from gateway import Gateway, configuration, site
from provider import Provider
from upstream import Upstream
from visitor import Visitor


@pytest.fixture
def make_upstream():
    """Starts apps; each must have been spoken to in proper HTTP."""
    made = []

    def make(*arguments):
        made.append(Upstream(*arguments))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    faults = [fault for one in made for fault in one.faults]
    assert not faults, faults


@pytest.fixture
def upstream(make_upstream):
    return make_upstream()


@pytest.fixture
def make_provider():
    """Starts OpenID providers."""
    made = []

    def make(**arguments):
        made.append(Provider(**arguments))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    faults = [fault for one in made for fault in one.faults]
    assert not faults, faults


@pytest.fixture
def provider(make_provider):
    return make_provider()


@pytest.fixture
def make_gateway(tmp_path):
    """Starts gateways from the text of a configuration, and ends them as a service manager does."""
    made = []

    def make(text, users=None, **more):
        made.append(Gateway(tmp_path / f"gateway{len(made)}", text, users, **more))
        return made[-1]

    yield make
    faults = []
    for one in made:
        try:
            one.stop()
        except AssertionError as fault:
            faults.append(fault)
        print(one.output)
        assert "Fatal error" not in one.output
    assert not faults, faults


@pytest.fixture
def front(make_gateway, upstream):
    """A gateway with one site, app.test, in front of `upstream`."""
    return make_gateway(configuration(site(upstream.url, more="open /open/*")))


@pytest.fixture
def make_front(make_gateway, upstream):
    """Starts gateways with one site, app.test, in front of `upstream`, by its ways to sign in."""

    def make(*logins, more="open /open/*", top="", users=None):
        return make_gateway(configuration(site(upstream.url, login="\n    ".join(logins), more=more), top=top), users)

    return make


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Starts browsers."""
    reason = absence()
    if reason:
        (pytest.fail if must_be_there() else pytest.skip)(reason)
    made = Driver(tmp_path_factory.mktemp("home"))
    yield made
    made.stop()


@pytest.fixture
def visitor(front):
    return Visitor(front.port)


@pytest.fixture
def ann(visitor):
    """A visitor who is signed in."""
    visitor.sign_in()
    return visitor


def pytest_collection_modifyitems(items):
    """The longest tests first: four workers share them better."""
    heavy = ("minute_of_mixed_traffic", "test_orthanc", "test_nginx_upstream", "test_demo_browser", "test_openid_browser", "provider_is_down_and", "slow_", "test_load", "back_pressure", "same_time")
    items.sort(key=lambda item: next((place for place, word in enumerate(heavy) if word in item.nodeid), len(heavy)))


def pytest_configure(config):
    missing = [tool for tool in ("htpasswd", "nginx") if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if missing:
        raise pytest.UsageError(f"not installed: {', '.join(missing)} (run Docker/install-packages test)")
