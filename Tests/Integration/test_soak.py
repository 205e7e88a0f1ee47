"""A minute of the soak, and the soak's own judgement."""

import os
import subprocess
import sys

import pytest

from gateway import ROOT, binary
from waiting import processes_of_session

BENCHMARKS = ROOT / "Tests" / "Benchmarks"
sys.path.append(str(BENCHMARKS))

from soak_measure import GROWTH, Tally, grown  # noqa: E402

MB = 1 << 20


class Figures:
    def __init__(self, resident=20 * MB, descriptors=15, threads=8):
        self.resident = resident
        self.descriptors = descriptors
        self.threads = threads


@pytest.mark.soak
@pytest.mark.timeout(240)
def test_a_minute_of_mixed_traffic_is_answered_rightly_and_leaves_nothing_behind():
    running = subprocess.Popen(
        [sys.executable, "-B", str(BENCHMARKS / "soak"), "--seconds", "60", "--rate", "40", "--actors", "12", "--no-build"],
        env={**os.environ, "ANTEROOM_BIN": binary()}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True)
    output, _ = running.communicate(timeout=220)
    print(output)
    assert running.returncode == 0, output
    assert " 0 faults" in output
    assert processes_of_session(running.pid) == []


def test_figures_that_stay_are_flat():
    assert grown(Figures(), Figures(resident=20 * MB + GROWTH), [Figures()] * 40) == []
    assert grown(Figures(descriptors=17), Figures(descriptors=15), []) == []


@pytest.mark.parametrize(
    ("settled", "word"),
    [(Figures(resident=20 * MB + GROWTH + 1), "memory"), (Figures(descriptors=16), "descriptors"), (Figures(threads=9), "threads")])
def test_figures_that_grow_are_not_flat(settled, word):
    found = grown(Figures(), settled, [Figures()] * 40)
    assert len(found) == 1 and found[0].startswith(word)


def test_memory_that_grows_under_load_and_goes_back_at_rest_is_not_flat():
    growing = [Figures(resident=20 * MB + number * MB) for number in range(40)]
    found = grown(Figures(), Figures(), growing)
    assert len(found) == 1 and "under load" in found[0]


def test_a_failure_is_excused_only_while_that_app_was_down():
    tally = Tally()
    tally.outages["solo.test"].append([10.0, 20.0])
    assert tally.was_down("solo.test", 19.0, 25.0) and tally.was_down("solo.test", 5.0, 10.0)
    assert not tally.was_down("solo.test", 20.5, 25.0) and not tally.was_down("pair.test", 12.0, 13.0)
    assert not tally.was_down("files.test", 12.0, 13.0)
