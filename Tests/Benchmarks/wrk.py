"""One run of wrk, and what it says."""

import re
import subprocess
from pathlib import Path

UNITS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}
SCRIPT = Path(__file__).resolve().parent / "load.lua"


class Wrong(Exception):
    """A peer did not answer as it has to."""


def _microseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def wrk(url, seconds, connections, headers, mode=()):
    """Runs for `seconds`, or longer if nothing large is through by then; returns the requests answered, their rate, and the latencies' median
    and 99th percentile in µs."""
    command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    for name, value in headers:
        command += ["-H", f"{name}: {value}"]
    if mode:
        command += ["-s", str(SCRIPT)]
    command += [url] + (["--", *map(str, mode)] if mode else [])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if re.search(r"Non-2xx|Socket errors", done.stdout):
        raise Wrong(f"{url} answered wrongly:\n{done.stdout}")
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])
    if not count and seconds < 20:
        return wrk(url, seconds * 3, connections, headers, mode)
    if not count:
        raise Wrong(f"{url} answered nothing within {seconds} s")
    found = {"count": count, "rate": float(re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)[1])}
    # Of requests that are sent together wrk knows no latency of each.
    if mode[:1] != ("pipeline",):
        for key, percent in (("p50", 50), ("p99", 99)):
            found[key] = _microseconds(re.search(rf"^ +{percent}%\s+(\S+)", done.stdout, re.MULTILINE)[1])
    return found
