"""The container's health check: Docker/healthcheck, against the gateway and against what is not well."""

import os
import socket
import subprocess

import pytest

from gateway import ROOT, configuration, site
from upstream import answer


def healthcheck(port, address=None):
    """How the check ends. The limit is the one after which a container engine gives up."""
    environment = {**os.environ, "ANTEROOM_HEALTH_PORT": str(port)}
    environment.pop("ANTEROOM_HEALTH_ADDRESS", None)
    if address:
        environment["ANTEROOM_HEALTH_ADDRESS"] = address
    done = subprocess.run([str(ROOT / "Docker/healthcheck")], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    return done.returncode


@pytest.mark.parametrize("listen, address", [("127.0.0.1:0", None), ("[::1]:0", "::1")], ids=["standard", "named"])
def test_a_running_gateway_is_healthy_where_it_listens(make_gateway, listen, address):
    gateway = make_gateway(configuration(site("http://127.0.0.1:9"), listen=listen))
    assert healthcheck(gateway.port, address) == 0
    gateway.stop()
    assert healthcheck(gateway.port, address) != 0


def test_any_answer_but_200_is_unhealthy(make_upstream):
    upstream = make_upstream(lambda _: answer(503, "x"))
    assert healthcheck(upstream.port) != 0
    assert upstream.targets == ["/.anteroom/healthz"]


def test_a_gateway_that_accepts_and_never_answers_is_unhealthy():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert healthcheck(silent.getsockname()[1]) != 0
