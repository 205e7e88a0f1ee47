"""What came out: medians, ratios within rounds, targets, as text and as JSON lines."""

from statistics import median

PEER_TITLES = {
    "anteroom": "Anteroom", "nginx": "nginx", "haproxy": "HAProxy", "floor": "floor (relay)", "auth_request": "nginx auth_request", "openidc": "mod_auth_openidc"}
PROXIES = ("nginx", "haproxy")


class Results:
    """All results of all rounds; `row`, `peer` and `key` name one figure of each round."""

    def __init__(self, entries):
        self.entries = entries
        self.found = {(entry["row"], entry["peer"], entry["round"]): entry for entry in entries}
        self.rounds = sorted({entry["round"] for entry in entries})

    def peers(self, row):
        return [name for name in PEER_TITLES if any(entry["row"] == row and entry["peer"] == name for entry in self.entries)]

    def values(self, row, peer, key):
        return [self.found[row, peer, number][key] for number in self.rounds if key in self.found.get((row, peer, number), ())]

    def median(self, row, peer, key):
        values = self.values(row, peer, key)
        return median(values) if values else None

    def ratios(self, over, under, best=max):
        """Median, least and most of over / under within each round. Each is (row, peers, key); of several peers the `best` one counts."""
        found = []
        for number in self.rounds:
            pair = []
            for row, peers, key in (over, under):
                values = [self.found[row, peer, number][key] for peer in peers if key in self.found.get((row, peer, number), ())]
                if values:
                    pair.append(best(values))
            if len(pair) == 2 and pair[1]:
                found.append(pair[0] / pair[1])
        return (median(found), min(found), max(found)) if found else None


def ours_to(row, key, peers, best):
    return lambda results: results.ratios((row, ("anteroom",), key), (row, peers, key), best)


def own(over, under, key):
    return lambda results: results.ratios((over, ("anteroom",), key), (under, ("anteroom",), key))


def idle_p99(results):
    return results.ratios(("idle", ("anteroom",), "p99"), ("idle", ("anteroom",), "p99_alone"))


def idle_bytes(results):
    # Of later rounds the allocator still has the memory: the first one counts.
    values = results.values("idle", "anteroom", "idle_bytes")
    return (max(values), min(values), max(values)) if values else None


def tls_idle_bytes(results):
    ours, theirs = (results.values("tls-idle", peer, "idle_bytes") for peer in ("anteroom", "nginx"))
    return (max(ours) / max(theirs),) * 3 if ours and theirs else None


def large_peak(row):
    def megabytes(results):
        values = [value / 1048576 for value in results.values(row, "anteroom", "peak")]
        return (median(values), min(values), max(values)) if values else None

    return megabytes


# The row, what it says, the bound (at least, at most) and how it is found.
TARGETS = [
    ("c64", "throughput against the better of nginx and HAProxy", (1.05, None), ours_to("c64", "rate", PROXIES, max)),
    ("c64", "CPU a request against the better of nginx and HAProxy", (None, 0.90), ours_to("c64", "cpu", PROXIES, min)),
    ("c64", "CPU a request against the floor", (None, 1.25), ours_to("c64", "cpu", ("floor",), min)),
    ("c64", "p99 against the better of nginx and HAProxy", (None, 1.0), ours_to("c64", "p99", PROXIES, min)),
    ("c64", "throughput against nginx with auth_request", (3.5, None), ours_to("c64", "rate", ("auth_request",), max)),
    ("c64", "throughput against mod_auth_openidc", (5.0, None), ours_to("c64", "rate", ("openidc",), max)),
    ("c1000", "CPU a request against that with 1 connection", (0.9, 1.1), own("c1000", "c1", "cpu")),
    ("close", "throughput against the better of nginx and HAProxy", (1.0, None), ours_to("close", "rate", PROXIES, max)),
    *[(row, "throughput against nginx", (1.0, None), ours_to(row, "rate", ("nginx",), max)) for row in ("down1m", "down100m", "up1m", "up100m")],
    *[(row, "most memory, MB (flat: as with small bodies)", (None, 32), large_peak(row)) for row in ("down1m", "down100m", "up1m", "up100m")],
    ("idle", "bytes for each idle connection", (None, 1024), idle_bytes),
    ("idle", "p99 against that without the idle connections", (None, 1.05), idle_p99),
    ("sites1000", "CPU a request against that with 1 site", (0.9, 1.1), own("sites1000", "sites1", "cpu")),
    ("tls", "throughput over TLS against the better of nginx and HAProxy", (1.0, None), ours_to("tls", "rate", PROXIES, max)),
    ("tls-down1m", "throughput over TLS against nginx", (1.0, None), ours_to("tls-down1m", "rate", ("nginx",), max)),
    *[(row, "handshakes against nginx", (0.95, None), ours_to(row, "rate", ("nginx",), max)) for row in ("tls-full", "tls-resumed")],
    ("tls-idle", "memory of an idle TLS connection against nginx", (None, 1.0), tls_idle_bytes),
    ("strangers", "redirects against nginx's return 302", (0.8, None), ours_to("strangers", "rate", ("nginx",), max)),
]


def met(bound, value):
    least, most = bound
    return (least is None or value >= least) and (most is None or value <= most)


def words(bound):
    least, most = bound
    if least is not None and most is not None:
        return f"{least} to {most}"
    return f"≥ {least}" if least is not None else f"≤ {most}"


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(ratio):
    return "-" if ratio is None else f"{ratio[0]:.2f} ({ratio[1]:.2f}-{ratio[2]:.2f})"


def targets(results, row=None):
    """(row, text, bound, (median, least, most) or None), of one row or of all."""
    return [(name, text, bound, find(results)) for name, text, bound, find in TARGETS if row in (None, name)]


def table(results, rows):
    """The whole as text: for each row the peers' medians, Anteroom's ratio to each of them within the rounds, and the targets."""
    lines = []
    head = f"  {'':19}{'requests/s':>11}{'p50 µs':>10}{'p99 µs':>10}{'CPU µs':>10}{'user':>9}{'system':>9}{'peak MB':>9}   Anteroom's: {'throughput':21}{'CPU':21}p99"
    for row in rows:
        peers = results.peers(row.name)
        if not peers:
            continue
        lines += ["", row.title, head]
        for peer in peers:
            figures = [results.median(row.name, peer, key) for key in ("rate", "p50", "p99", "cpu", "user", "system", "peak")]
            figures[-1] /= 1048576
            line = f"  {PEER_TITLES[peer]:19}" + "".join(f"{number(value):>{width}}" for value, width in zip(figures, (11, 10, 10, 10, 9, 9, 9)))
            if peer != "anteroom" and "anteroom" in peers:
                line += " " * 15 + "".join(f"{spread(ours_to(row.name, key, (peer,), max)(results)):21}" for key in ("rate", "cpu", "p99"))
            lines.append(line.rstrip())
            if row.idle:
                each, alone = results.values(row.name, peer, "idle_bytes"), results.ratios((row.name, (peer,), "p99"), (row.name, (peer,), "p99_alone"))
                lines.append(f"  {'':19}each idle connection {number(max(each))} bytes; p99 with them to without: {spread(alone)}")
        for _, text, bound, found in targets(results, row.name):
            verdict = "not measured" if found is None else "met" if met(bound, found[0]) else "MISSED"
            lines.append(f"  target {words(bound):>11}  {text}: {'' if found is None else spread(found) + ' '}{verdict}")
    return "\n".join(lines)


def summary(results, rows):
    """One object for each row and peer, and one for each target."""
    for row in rows:
        for peer in results.peers(row.name):
            keys = ("rate", "p50", "p99", "cpu", "user", "system", "peak", "idle_bytes", "p99_alone")
            yield {
                "median": row.name, "title": row.title, "peer": peer, **{key: round(results.median(row.name, peer, key), 3) for key in keys if results.values(row.name, peer, key)}}
    for name, text, bound, found in targets(results):
        if found:
            yield {"target": name, "text": text, "bound": words(bound), "value": round(found[0], 3), "least": round(found[1], 3), "most": round(found[2], 3), "met": met(bound, found[0])}
