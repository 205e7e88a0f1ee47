"""What the soak counts and weighs, and how it judges."""

import asyncio
import os
import statistics
import time
from pathlib import Path

APPS = ["solo.test", "pair.test"]
FILES = "files.test"
# What settled memory may differ by: the allocator's own slack, and what is kept on purpose (an entry for each logout until its session
# would have ended, for each name that failed to sign in until it is forgotten).
GROWTH = 4 << 20


class Tally:
    """Counts, faults, and when which app was down."""

    def __init__(self):
        self.done = {}
        self.excused = {}
        self.faults = []
        self.shown = set()
        self.answers = 0
        self.outages = {host: [] for host in APPS}

    def count(self, table, name, number=1):
        table[name] = table.get(name, 0) + number

    def fault(self, text):
        self.faults.append(text)
        if len(self.faults) <= 20:
            print(f"fault: {text[:300]}", flush=True)

    def was_down(self, host, began, ended):
        return any(start <= ended and began <= end for start, end in self.outages.get(host, []))


class Pace:
    """Lets `rate` actions a second begin, all actors together."""

    def __init__(self, rate):
        self.interval = 1 / rate
        self.next = 0.0

    async def turn(self):
        now = time.monotonic()
        self.next = max(self.next + self.interval, now)
        await asyncio.sleep(self.next - now)


class Sample:
    """A process's memory in bytes, descriptors and threads."""

    def __init__(self, pid):
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        self.when = time.monotonic()
        self.resident = int(fields["VmRSS"].split()[0]) << 10
        self.private = int(fields["RssAnon"].split()[0]) << 10
        self.threads = int(fields["Threads"])
        self.files = dict(self._files(pid))
        self.descriptors = len(self.files)
        self.sockets = sum(file.startswith("socket:") for file in self.files.values())

    @staticmethod
    def _files(pid):
        """Each descriptor and what it stands for."""
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                yield number, os.readlink(f"/proc/{pid}/fd/{number}")
            except FileNotFoundError:
                pass

    def __str__(self):
        return f"{self.resident / (1 << 20):.1f} MB resident ({self.private / (1 << 20):.1f} MB private), {self.descriptors} descriptors, {self.threads} threads"


def grown(warm, settled, under_load):
    """What is not flat: sentences, or none. `under_load` are the samples of the time between the two."""
    found = []
    if settled.resident - warm.resident > GROWTH:
        found.append(f"memory grew from {warm.resident} to {settled.resident} bytes, more than {GROWTH}")
    if settled.descriptors > warm.descriptors:
        found.append(f"descriptors grew from {warm.descriptors} to {settled.descriptors}")
    if settled.threads > warm.threads:
        found.append(f"threads grew from {warm.threads} to {settled.threads}")
    quarter = len(under_load) // 4
    if quarter >= 3:
        first, last = (statistics.median(sample.resident for sample in part) for part in (under_load[:quarter], under_load[-quarter:]))
        if last - first > GROWTH:
            found.append(f"memory under load grew from {first:.0f} to {last:.0f} bytes, more than {GROWTH}")
    return found
