"""How often the gateway allocates for a request that it forwards, counted by a library that is preloaded into it."""

import collections
import os
import re
import shlex
import struct
import subprocess
from pathlib import Path

from peers import compiler
from processes import compile_program

from gateway import Gateway, configuration, site
from nginx import Nginx
from rawhttp import Client
from visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("malloc", "calloc", "realloc", "aligned")
WARM_UP = 500
REQUESTS = 2000
UPSTREAM = 'keepalive_requests 100000000; server { listen 127.0.0.1:{port}; location / { return 200 "%s"; } }' % ("x" * 64)


def release_binary():
    """The release build, if there is one of the present sources; else None and why not."""
    path = Path(os.environ.get("ANTEROOM_RELEASE_BIN", ROOT / ".build/release/anteroom"))
    if not path.exists():
        return None, f"{path} is not there: run `swift build -c release --product anteroom`"
    sources = [source for source in [*(ROOT / "Sources").rglob("*"), ROOT / "Package.swift"] if source.suffix in (".swift", ".c", ".h")]
    if "ANTEROOM_RELEASE_BIN" not in os.environ and path.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        return None, f"{path} is older than the sources: run `swift build -c release --product anteroom`"
    return path, None


class Counted:
    """A gateway under the library, a plain nginx behind it, and somebody who is signed in, on one connection."""

    def __init__(self, folder, binary, access_log="off", stacks=False):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        library = compile_program("count_allocations", folder, compiler(), "-shared", "-fPIC")
        self.counts = folder / "counts"
        self.counts.write_bytes(bytes(8 * (len(NAMES) + 1)))
        self.stacks = folder / "stacks"
        preload = {"LD_PRELOAD": str(library), "ALLOCATION_COUNTS": str(self.counts), **({"ALLOCATION_STACKS": str(self.stacks)} if stacks else {})}
        wrapper = folder / "anteroom"
        wrapper.write_text("#!/bin/sh\nexec env " + " ".join(shlex.quote(f"{name}={value}") for name, value in preload.items()) + f' {shlex.quote(str(binary))} "$@"\n')
        wrapper.chmod(0o700)
        self.binary = binary
        self.app = Nginx(folder / "app", UPSTREAM)
        self.gateway = self.client = None
        before = os.environ.get("ANTEROOM_BIN")
        os.environ["ANTEROOM_BIN"] = str(wrapper)
        try:
            # One worker: what a thread does first is not to be counted later.
            text = configuration(site(self.app.url)).replace("workers 2", "workers 1").replace("access_log stderr text", f"access_log {access_log}")
            self.gateway = Gateway(folder / "gateway", text)
            self.visitor = Visitor(self.gateway.port)
            self.visitor.sign_in()
            self.client = Client(self.gateway.port)
        except BaseException:
            self.stop()
            raise
        finally:
            if before is None:
                del os.environ["ANTEROOM_BIN"]
            else:
                os.environ["ANTEROOM_BIN"] = before

    def read(self):
        return struct.unpack(f"{len(NAMES)}Q", self.counts.read_bytes()[: 8 * len(NAMES)])

    def record_stacks(self, on):
        with open(self.counts, "r+b") as file:
            file.seek(8 * len(NAMES))
            file.write(struct.pack("Q", on))

    def ask(self, target, times):
        for _ in range(times):
            answer = self.client.request("GET", target, self.visitor.headers())
            assert answer.status == 200 and answer.body == b"x" * 64, answer

    def per_request(self, target, requests=REQUESTS):
        """Allocations a request, by name, once the gateway is warm."""
        self.ask(target, WARM_UP)
        before = self.read()
        self.ask(target, requests)
        return {name: (late - early) / requests for name, early, late in zip(NAMES, before, self.read())}

    def by_stack(self, target, requests=200):
        """(allocations a request, the program's functions from the inside out), the most frequent first."""
        self.ask(target, WARM_UP)
        self.record_stacks(1)
        self.ask(target, requests)
        self.record_stacks(0)
        base = min(int(line.split("-")[0], 16) for line in Path(f"/proc/{self.gateway.pid}/maps").read_text().splitlines() if line.endswith(str(Path(self.binary).resolve())))
        found = collections.Counter(self.stacks.read_text().splitlines() if self.stacks.exists() else ())
        if not found:
            return []
        addresses = sorted({address for stack in found for address in stack.split()})
        # One less: a return address may be the next function's first.
        asked = "".join(f"0x{max(0, int(address, 16) - base - 1):x}\n" for address in addresses)
        told = subprocess.run(["llvm-symbolizer", "--no-inlines", "--functions=linkage", f"--obj={self.binary}"], input=asked, capture_output=True, text=True, check=True).stdout
        functions = [entry.splitlines()[0] for entry in told.strip().split("\n\n")]
        plain = subprocess.run(["swift", "demangle", "--compact", "--simplified"], input="\n".join(functions), capture_output=True, text=True, check=True).stdout.splitlines()
        names = dict(zip(addresses, plain))
        return [(times / requests, [re.sub(r"\(.*", "", names[address]) for address in stack.split() if names[address] not in ("??", "_end")]) for stack, times in found.most_common()]

    def stop(self):
        if self.client:
            self.client.close()
        try:
            if self.gateway:
                self.gateway.stop()
        finally:
            self.app.stop()
