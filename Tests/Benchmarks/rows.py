"""What is measured: one row for each kind of load. Rows of one group are measured in turn within the same rounds."""

from dataclasses import dataclass, field

from peers import SMALL, Setting

TARGET = "/patients?patient_id=123456"
PLAIN = ("anteroom", "nginx", "haproxy", "floor")
PROXIES = ("anteroom", "nginx", "haproxy")
ALL = PLAIN + ("auth_request", "openidc")

ONE = Setting()
TLS = Setting(tls=True)
# What Chromium sends along with a click.
BROWSER = (
    ("Connection", "keep-alive"), ("Cache-Control", "max-age=0"), ("Upgrade-Insecure-Requests", "1"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"),
    ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-User", "?1"), ("Sec-Fetch-Dest", "document"),
    ("Referer", "https://clinic.au1.cliniko.com/"), ("Accept-Encoding", "gzip, deflate, br"), ("Accept-Language", "en-AU,en;q=0.9"),
)


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    group: str
    setting: Setting = ONE
    peers: tuple = PLAIN
    connections: int = 64
    path: str = TARGET
    paths: dict = field(default_factory=dict)
    headers: tuple = ()
    signed_in: bool = True
    mode: tuple = ()
    status: int = 200
    body: object = SMALL
    # The connections that are held idle meanwhile; each has had an answer before.
    idle: int = 0

    def path_of(self, peer):
        return self.paths.get(peer, self.path)


def files(name):
    return f"/files/{name}?patient_id=123456"


def rows(short):
    """All rows; the short form has fewer people, sites and idle connections, and smaller files."""
    cold, sites, people, idle = (100, 20, 100, 500) if short else (4000, 1000, 1000, 10_000)
    large = 16 if short else 100
    return [
        Row("c1", "small GET, 1 connection", "connections", connections=1),
        Row("c64", "small GET, 64 connections", "connections", peers=ALL),
        Row("c1000", "small GET, 1,000 connections", "connections", connections=1000),
        Row("other", "small GET, no patient (no audit record), 64 connections", "connections", path="/other"),
        Row("browser", "small GET with a browser's head, 64 connections", "connections", headers=BROWSER),
        Row("close", "a connection for each request, 64 at a time", "close", headers=(("Connection", "close"),)),
        Row("pipeline", "pipelining, 16 requests at once on 16 connections", "pipeline", connections=16, mode=("pipeline", 16)),
        Row("down1m", "download of 1 MB, 16 connections", "downloads", connections=16, path=files("1m"), body=1 << 20),
        Row("down100m", f"download of {large} MB, 4 connections", "downloads", connections=4, path=files(f"{large}m"), body=large << 20),
        Row("up1m", "upload of 1 MB, 16 connections", "uploads", Setting(app="app"), connections=16, path="/sink?patient_id=123456", mode=("upload", 1 << 20), body=str(1 << 20)),
        Row("up100m", f"upload of {large} MB, 4 connections", "uploads", Setting(app="app"), connections=4, path="/sink?patient_id=123456", mode=("upload", large << 20), body=str(large << 20)),
        Row("slow", "an app that takes 100 ms, 1,000 connections", "slow", Setting(app="app"), connections=1000, path="/slow?patient_id=123456", body="0"),
        Row("idle", f"64 connections beside {idle:,} idle ones", "idle", peers=PROXIES, idle=idle),
        Row("cold", f"{cold:,} people in turn, 64 connections", "people", Setting(sessions=cold, users=cold), mode=("people",)),
        Row("sites1", f"1 site, {people:,} sessions in turn", "people", Setting(sessions=people), peers=("anteroom", "nginx"), mode=("people",)),
        Row("sites100", f"{sites // 10} sites, {people:,} sessions in turn", "people", Setting(sites=sites // 10, sessions=people), peers=("anteroom", "nginx"), mode=("people",)),
        Row("sites1000", f"{sites:,} sites, {people:,} sessions in turn", "people", Setting(sites=sites, sessions=people), peers=("anteroom", "nginx"), mode=("people",)),
        Row(
            "strangers", "redirects to the login (nginx: return 302), 64 connections", "strangers", peers=("anteroom", "nginx"), paths={"nginx": "/stranger"},
            headers=(("Accept", "text/html"),), signed_in=False, status=302, body=None),
        Row("tls", "small GET over TLS, 64 connections", "tls", TLS, peers=PROXIES),
        Row("tls-down1m", "download of 1 MB over TLS, 16 connections", "tls", TLS, peers=PROXIES, connections=16, path=files("1m"), body=1 << 20),
        Row("tls-full", "full TLS handshakes, a request each, 16 at a time", "tls", TLS, peers=PROXIES, connections=16, mode=("handshakes", "full")),
        Row("tls-resumed", "resumed TLS handshakes, a request each, 16 at a time", "tls", TLS, peers=PROXIES, connections=16, mode=("handshakes", "resumed")),
        Row("tls-idle", f"64 TLS connections beside {idle // 2:,} idle ones", "tls-idle", TLS, peers=PROXIES, idle=idle // 2),
        Row("log", "small GET, 64 connections, access log on", "log", Setting(log=True), peers=PROXIES),
    ]
