"""Who is measured: Anteroom, the proxies beside it, and the app behind all of them."""

import functools
import http.client
import os
import resource
import secrets
import shutil
import ssl
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from processes import Child

from gateway import Gateway, account
from visitor import NAVIGATION, Visitor

SMALL = "x" * 64
FILES = {f"{size}m": size << 20 for size in (1, 16, 100)}
MODULES = Path("/usr/lib/apache2/modules")
IDLE_UPSTREAM = 1024
# Every path of the app is a patient's, but for /other.
PATIENT = "; ".join(f"patient {path}" for path in ("/patients", "/echo", "/files/*", "/sink", "/slow"))


@dataclass(frozen=True)
class Setting:
    """What a row asks of the peers: how many sites and signed-in people, which app, and whether requests are logged."""

    sites: int = 1
    sessions: int = 1
    users: int = 1
    app: str = "nginx"
    log: bool = False
    tls: bool = False

    @property
    def hosts(self):
        return ["app.test"] if self.sites == 1 else [f"app{number}.test" for number in range(self.sites)]


def files():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def which(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")


def compiler():
    return which("cc") or which("gcc") or which("clang")


def nginx(folder, workers, http):
    """The command that starts an nginx with this inside of its http block; PORT in it is the port's place."""
    folder = Path(folder)
    user = "user root;" if os.getuid() == 0 else ""
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

    def command(port):
        (folder / "nginx.conf").write_text(f"""{user} daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections {files() - 500}; }}
http {{
    {temporary}
    default_type text/plain; access_log off; sendfile on; tcp_nodelay on; keepalive_timeout 1800s; keepalive_requests 1000000000;
    server_names_hash_max_size 16384; server_names_hash_bucket_size 128; client_max_body_size 0;
    {http.replace("PORT", str(port))}
}}
""")
        return [which("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]

    return command


def nginx_app(folder):
    """The one app behind all peers. Its second server is what `auth_request` asks; it lets everybody pass."""
    files = Path(folder) / "root" / "files"
    files.mkdir(parents=True)
    for name, size in FILES.items():
        (files / name).write_bytes(b"x" * size)
    return Child(folder, nginx(folder, 1, f"""
    server {{
        listen 127.0.0.1:PORT backlog=4096; root {folder}/root;
        location / {{ return 200 "{SMALL}"; }}
        location = /echo {{ return 200 "patient=$http_x_cliniko_patient_id user=$http_x_auth_user"; }}
        location = /allow {{ return 204; }}
        location /files/ {{ }}
    }}"""))


def unverified():
    """For clients: what is measured is the server."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@functools.lru_cache(maxsize=None)
def certificate(folder):
    """The same RSA certificate and key for all peers: two files in a folder beside theirs."""
    chain, key = Path(folder) / "peer.pem", Path(folder) / "peer.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=app.test", "-addext", "subjectAltName=DNS:app.test",
         "-keyout", str(key), "-out", str(chain)], check=True, capture_output=True)
    key.chmod(0o600)
    (Path(folder) / "peer-both.pem").write_text(chain.read_text() + key.read_text())
    return chain, key


class Anteroom:
    name, title, needs = "anteroom", "Anteroom", ()

    def __init__(self, folder, setting, upstream, workers):
        sites = "\n".join(
            f"site {host} {{ upstream http://127.0.0.1:{upstream}; {PATIENT}; login password {{ users users.passwd }} }}" for host in setting.hosts)
        self.tls = setting.tls
        listening = "{ tls %s %s }" % certificate(Path(folder).parent) if setting.tls else ""
        self.gateway = Gateway(folder, f"""workers {workers}
listen 127.0.0.1:0 {listening}
keys keys/; state state/; audit audit/
log stderr text
access_log {"access.log text" if setting.log else "off"}
shutdown_timeout 2s
limits {{ connections {files() - 2000}; body 1g; idle_timeout 30m; upstream_idle {IDLE_UPSTREAM} }}
{sites}
""", [account(f"user{number}") for number in range(setting.users)])
        self.port = self.gateway.port
        self.people = self._sign_in(setting)

    def _sign_in(self, setting):
        """Real logins, one for each session; pairs of host and cookie."""
        def one(number):
            visitor = Visitor(self.port, setting.hosts[number % setting.sites], unverified() if setting.tls else None)
            visitor.sign_in(f"user{number % setting.users}")
            return visitor.host, visitor.cookie_header()

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(one, range(setting.sessions)))

    @property
    def pids(self):
        return [self.gateway.pid]

    def stop(self):
        self.gateway.stop()


class Peer:
    """One of the others: a child with a configuration of its own, and the same requests as Anteroom gets."""

    people = None

    @property
    def pids(self):
        return self.child.pids

    @property
    def port(self):
        return self.child.port

    def stop(self):
        self.child.stop()


class Nginx(Peer):
    name, title, needs = "nginx", "nginx", ("nginx (nginx-light)",)
    location, more, servers = "", "", ""

    def __init__(self, folder, setting, upstream, workers):
        folder = Path(folder)
        log = f"access_log {folder}/access.log combined;" if setting.log else ""
        forward = f"""
            proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;"""
        # Large bodies pass without a temporary file, with the buffers that this takes.
        large = "proxy_request_buffering off; proxy_max_temp_file_size 0; proxy_buffer_size 16k; proxy_buffers 8 32k; proxy_busy_buffers_size 64k;"
        secure = ""
        if setting.tls:
            chain, key = certificate(folder.parent)
            secure = f"ssl_certificate {chain}; ssl_certificate_key {key}; ssl_session_cache off; ssl_session_tickets on; ssl_protocols TLSv1.2 TLSv1.3;"
        servers = "\n".join(f"""
    server {{
        {secure}
        listen 127.0.0.1:PORT{" ssl" if setting.tls else ""}{"" if number else " backlog=4096"}; server_name {host}; {log} {self.more}
        location / {{ {self.location} {forward} }}
        location /files/ {{ {self.location} {large} {forward} }}
        location = /sink {{ {self.location} {large} {forward} }}
        location = /stranger {{ return 302 http://$host/login?back=2f70617469656e74733f70617469656e745f69643d313233343536; }}
    }}""" for number, host in enumerate(setting.hosts))
        self.child = Child(folder, nginx(folder, workers, f"""
    upstream app {{ server 127.0.0.1:{upstream}; keepalive {IDLE_UPSTREAM}; keepalive_requests 1000000000; keepalive_timeout 1800s; }}
    {servers}"""))


class NginxAuthRequest(Nginx):
    """Each request is first put to a server that says 204 at once, over a connection that is kept: it checks nothing."""

    name, title = "auth_request", "nginx auth_request"
    location = "auth_request /check;"
    more = 'location = /check { internal; proxy_pass http://app/allow; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Host $host; }'


class HAProxy(Peer):
    name, title, needs = "haproxy", "HAProxy", ("haproxy (haproxy)",)

    def __init__(self, folder, setting, upstream, workers):
        folder = Path(folder)
        log = "log stdout format raw local0\n" if setting.log else ""
        certificate(folder.parent) if setting.tls else None
        secure = f"ssl crt {folder.parent}/peer-both.pem ssl-min-ver TLSv1.2" if setting.tls else ""

        def command(port):
            (folder / "haproxy.cfg").write_text(f"""global
    nbthread {workers}
    maxconn {files() - 2000}
    no strict-limits
    {log}
defaults
    mode http
    timeout connect 5s
    timeout client 30m
    timeout server 30m
    timeout http-keep-alive 30m
    {"log global" if setting.log else ""}
    {"option httplog" if setting.log else ""}
frontend browsers
    bind 127.0.0.1:{port} backlog 4096 {secure}
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    default_backend app
backend app
    http-reuse always
    server app 127.0.0.1:{upstream}
""")
            return [which("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")]

        self.child = Child(folder, command)


class Relay(Peer):
    name, title, needs = "floor", "floor (relay)", ("cc (gcc)",)

    def __init__(self, folder, setting, upstream, workers, program=None):
        self.child = Child(folder, lambda port: [str(program), str(port), str(upstream), str(workers)])


class ApacheOpenIDC(Peer):
    """A session as mod_auth_openidc makes it: signed in at a small provider, kept in the server's shared memory, which is its default."""

    name, title, needs = "openidc", "mod_auth_openidc", ("openssl (openssl)", "apache2 (apache2-bin)", "mod_auth_openidc.so (libapache2-mod-auth-openidc)")

    def __init__(self, folder, setting, upstream, workers):
        folder = Path(folder)
        secret = secrets.token_hex(32)
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True)
        program = Path(__file__).resolve().parent / "openid_provider.py"
        self.provider = Child(folder / "provider", lambda port: ["/usr/bin/python3", "-B", str(program), str(port), secret, str(certificate), str(key)])
        provider = f"https://127.0.0.1:{self.provider.port}"
        modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "auth_openidc"]
        loads = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules)

        def command(port):
            folder.joinpath("apache.conf").write_text(f"""ServerRoot {folder}
{loads}
ServerName app.test
Listen 127.0.0.1:{port} http
ListenBacklog 4096
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel warn
{"User nobody" + chr(10) + "Group nogroup" if os.getuid() == 0 else ""}
StartServers {workers}
ServerLimit {workers}
ThreadsPerChild 128
ThreadLimit 128
MaxRequestWorkers {128 * workers}
MinSpareThreads {128 * workers}
MaxSpareThreads {128 * workers}
AsyncRequestWorkerFactor 10
KeepAlive On
KeepAliveTimeout 1800
MaxKeepAliveRequests 0
OIDCProviderIssuer {provider}
OIDCProviderAuthorizationEndpoint {provider}/authorize
OIDCProviderTokenEndpoint {provider}/token
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCClientID benchmark
OIDCClientSecret {secret}
OIDCIDTokenSignedResponseAlg HS256
OIDCResponseType code
OIDCScope openid
OIDCRedirectURI /openid-callback
OIDCSSLValidateServer Off
OIDCCryptoPassphrase {secret}
OIDCSessionInactivityTimeout 7200
ProxyRequests Off
ProxyPass /openid-callback !
ProxyPass / http://127.0.0.1:{upstream}/
<Location />
    AuthType openid-connect
    Require valid-user
</Location>
""")
            return [which("apache2"), "-DFOREGROUND", "-d", str(folder), "-f", str(folder / "apache.conf")]

        try:
            self.child = Child(folder / "server", command)
        except BaseException:
            self.provider.stop()
            raise
        self.people = [("app.test", self._sign_in())] * setting.sessions

    def _sign_in(self):
        """The way of a browser: to the provider, back with a code, and on to the page with a session."""
        visitor = Visitor(self.port)
        asked = visitor.navigate("/patients?patient_id=123456").response
        assert asked.status == 302, asked
        address = urllib.parse.urlsplit(asked.get("Location"))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        provider = http.client.HTTPSConnection(address.netloc, timeout=20, context=context)
        provider.request("GET", f"{address.path}?{address.query}")
        answer = provider.getresponse()
        assert answer.status == 302, answer.status
        back = answer.getheader("Location")
        provider.close()
        visitor.navigate(visitor.path_of(back))
        page = visitor.navigate("/patients?patient_id=123456")
        assert page.status == 200, page.response
        return visitor.cookie_header()

    def stop(self):
        self.child.stop()
        self.provider.stop()


PEERS = {peer.name: peer for peer in (Anteroom, Nginx, HAProxy, Relay, NginxAuthRequest, ApacheOpenIDC)}


def missing(peer):
    """What `peer` needs that is not installed: names of programs, each with its package."""
    found = []
    for need in peer.needs:
        name = need.partition(" ")[0]
        there = (MODULES / name).exists() if name.endswith(".so") else compiler() if name == "cc" else which(name)
        if not there:
            found.append(need)
    return found
