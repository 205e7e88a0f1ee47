"""A request that is forwarded in steady state allocates next to nothing."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from allocation_count import Counted, release_binary

# The most allocations that a forwarded request may take, of all threads together, in a release build: by path and access log. This leaves
# room for what happens by the clock, and for the memory of log lines that still grows on a busy machine; not for one allocation in fifty
# requests, or twenty.
PATIENT = "/patients?patient_id=123456"
MOST = {("/other", "off"): 0.02, (PATIENT, "off"): 0.05, (PATIENT, "access.log text"): 0.05}


@pytest.mark.parametrize("target, access_log", MOST)
def test_a_forwarded_request_takes_no_more_allocations_than_the_bound(tmp_path, target, access_log):
    binary, reason = release_binary()
    if not binary:
        pytest.skip(reason)
    counted = Counted(tmp_path / "counted", binary, access_log)
    try:
        found = counted.per_request(target)
    finally:
        counted.stop()
    print(f"{target}, access log {access_log}: {sum(found.values()):.3f} allocations a request: {found}")
    assert sum(found.values()) <= MOST[target, access_log], found
