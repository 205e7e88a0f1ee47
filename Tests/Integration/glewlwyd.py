"""Glewlwyd, a real OpenID provider: Debian's package in a folder and on a port of its own, set up by its own API."""

import gzip
import http.client
import http.cookies
import json
import shutil
import signal
import sqlite3
import subprocess
import urllib.parse
from pathlib import Path

import signing
from upstream import refused_port
from waiting import processes_of_session, until

SHARED = Path("/usr/share/glewlwyd")
DATABASE = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
ADMIN = {"username": "admin", "password": "password"}
PASSWORD = "at the real provider 7"
# Letters and digits: Glewlwyd takes the halves of Basic as they are, where RFC 6749 encodes others.
SECRET = "TheClientsOwnSecret4711"
MIME_TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "application/javascript", ".json": "application/json", ".png": "image/png", ".ico": "image/x-icon",
    ".ttf": "font/ttf", ".woff": "font/woff", ".woff2": "font/woff2", ".eot": "application/vnd.ms-fontobject", ".svg": "image/svg+xml", ".map": "application/octet-stream"}


def absence():
    """Why there is no Glewlwyd; None when there is one."""
    return None if shutil.which("glewlwyd") and DATABASE.exists() else "Glewlwyd is not installed: run Docker/install-packages test"


class Glewlwyd:
    """`glewlwyd` in the foreground, with users ann and bob, both of `PASSWORD`."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.cookies = {}
        self.keys = 0
        self._make_database()
        # Debian packages links into other packages, which Glewlwyd does not follow.
        shutil.copytree(SHARED / "webapp", self.directory / "webapp", ignore=shutil.ignore_patterns("config.json"))
        shutil.copy(SHARED / "templates/config.json", self.directory / "webapp/config.json")
        for _ in range(5):
            self.port = refused_port()
            self._configure()
            self.log = open(self.directory / "glewlwyd.log", "ab")
            self.process = subprocess.Popen(
                ["glewlwyd", "--config-file=" + str(self.directory / "glewlwyd.conf")], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=self.log,
                stderr=self.log, start_new_session=True)
            if until(self._state, 30, "Glewlwyd") == "up":
                break
            self.log.close()
        else:
            raise AssertionError("Glewlwyd does not start:\n" + (self.directory / "glewlwyd.log").read_text())
        try:
            self._set_up()
        except BaseException:
            self.stop()
            raise

    def _make_database(self):
        connection = sqlite3.connect(self.directory / "glewlwyd.db")
        connection.executescript(gzip.decompress(DATABASE.read_bytes()).decode())
        # A user has no groups as it comes.
        (text,) = connection.execute("SELECT gumi_parameters FROM g_user_module_instance").fetchone()
        parameters = json.loads(text)
        parameters["data-format"]["groups"] = {"multiple": True, "read": True, "write": True}
        connection.execute("UPDATE g_user_module_instance SET gumi_parameters = ?", [json.dumps(parameters)])
        # And a client none of the addresses that its own logout looks for.
        (text,) = connection.execute("SELECT gcmi_parameters FROM g_client_module_instance").fetchone()
        parameters = json.loads(text)
        parameters["data-format"]["post_logout_redirect_uris"] = {"multiple": True, "read": True, "write": True}
        connection.execute("UPDATE g_client_module_instance SET gcmi_parameters = ?", [json.dumps(parameters)])
        connection.commit()
        connection.close()

    def _configure(self):
        types = ",\n".join(f'{{ extension = "{extension}" mime_type = "{kind}" }}' for extension, kind in MIME_TYPES.items())
        modules = "/usr/lib/glewlwyd"
        (self.directory / "glewlwyd.conf").write_text(f"""
            port = {self.port}
            bind_address = "127.0.0.1"
            external_url = "{self.url}"
            login_url = "login.html"
            api_prefix = "api"
            log_mode = "console"
            log_level = "WARNING"
            static_files_path = "{self.directory}/webapp"
            static_files_mime_types = ( {types} )
            session_key = "GLEWLWYD2_SESSION_ID"
            session_expiration = 86400
            admin_scope = "g_admin"
            profile_scope = "g_profile"
            user_module_path = "{modules}/user"
            client_module_path = "{modules}/client"
            user_auth_scheme_module_path = "{modules}/scheme"
            plugin_module_path = "{modules}/plugin"
            hash_algorithm = "SHA512"
            database = {{ type = "sqlite3" path = "{self.directory}/glewlwyd.db" }}
        """)

    @property
    def url(self):
        # By this name the browser takes it for another site than the gateway's.
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self):
        return f"{self.url}/api/oidc"

    def _state(self):
        if self.process.poll() is not None:
            return "ended"
        try:
            return "up" if self.ask("GET", "/config")[0] == 200 else None
        except OSError:
            return None

    def ask(self, method, path, value=None):
        """One request; status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            fields = {"Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items())} if self.cookies else {}
            body = None
            if value is not None:
                body = json.dumps(value)
                fields["Content-Type"] = "application/json"
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.update({name: morsel.value for name, morsel in http.cookies.SimpleCookie(line).items()})
            return answer.status, answer.read()
        finally:
            connection.close()

    def api(self, method, path, value=None):
        status, body = self.ask(method, "/api" + path, value)
        assert status == 200, (method, path, status, body)
        return body

    def _plugin(self):
        """The parameters of the provider, with a key that has not been before."""
        key = signing.Key("RS256", place=1000 + self.keys)
        self.keys += 1
        return {
            "iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": key.private_pem, "cert": key.public_pem,
            "access-token-duration": 3600, "refresh-token-duration": 86400, "code-duration": 600, "refresh-token-rolling": False,
            "refresh-token-one-use": "always", "auth-type-code-enabled": True, "auth-type-code-revoke-replayed": True, "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": True, "auth-type-none-enabled": False, "auth-type-password-enabled": False, "auth-type-client-enabled": False,
            "auth-type-device-enabled": False, "auth-type-refresh-enabled": True, "allow-non-oidc": False, "jwks-show": True, "oauth-as-iss-id": True,
            "pkce-allowed": True, "pkce-method-plain-allowed": False, "subject-type": "public", "session-management-allowed": True,
            "session-cookie-name": "GLEWLWYD2_OIDC_SID", "session-cookie-expiration": 86400, "front-channel-logout-allowed": True,
            "back-channel-logout-allowed": True, "name-claim": "mandatory", "email-claim": "mandatory", "scope-claim": "no",
            "claims": [
                {"name": "preferred_username", "user-property": "username", "type": "string", "mandatory": True, "on-demand": False, "scope": []},
                {"name": "groups", "user-property": "groups", "type": "string", "mandatory": True, "on-demand": False, "scope": []}],
        }

    def _set_up(self):
        self.api("POST", "/auth/", ADMIN)
        self.api("POST", "/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "OpenID", "parameters": self._plugin()})
        self.api("PUT", "/scope/openid", {"display_name": "Open ID", "password_required": True, "password_max_age": 0, "scheme": {}})
        for scope in ("profile", "email"):
            self.api("POST", "/scope/", {"name": scope, "display_name": scope, "password_required": True, "password_max_age": 0, "scheme": {}})
        for user, name, groups in (("ann", "Ann Archer", ["clinicians", "admins"]), ("bob", "Bob Baker", ["reception"])):
            self.api("POST", "/user/", {
                "username": user, "name": name, "email": f"{user}@clinic.test", "password": PASSWORD, "enabled": True, "groups": groups,
                "scope": ["openid", "profile", "email", "g_profile"]})

    def add_client(self, origin, identifier="anteroom"):
        """Registers a gateway."""
        self.api("POST", "/client/", {
            "client_id": identifier, "name": "Anteroom", "confidential": True, "enabled": True, "client_secret": SECRET, "scope": [],
            "redirect_uri": [f"{origin}/.anteroom/callback"], "authorization_type": ["code", "refresh_token"],
            "token_endpoint_auth_method": ["client_secret_basic"], "post_logout_redirect_uris": [f"{origin}/.anteroom/logout"],
            "backchannel_logout_uri": f"{origin}/.anteroom/backchannel", "backchannel_logout_session_required": "1"})

    def rotate_keys(self):
        """Signs with a new key from now on; the old one is gone."""
        made = json.loads(self.api("GET", "/mod/plugin/oidc"))
        self.api("PUT", "/mod/plugin/oidc", {**made, "parameters": self._plugin()})
        self.api("PUT", "/mod/plugin/oidc/reset/")

    def grant(self, identifier, user="ann", scope="openid profile email"):
        """The user lets the client in, ahead of time and without a browser."""
        kept, self.cookies = self.cookies, {}
        try:
            self.api("POST", "/auth/", {"username": user, "password": PASSWORD})
            self.api("PUT", f"/auth/grant/{identifier}", {"scope": scope})
        finally:
            self.cookies = kept

    def code(self, address, user="ann"):
        """Follows an authorization request without a browser; the address with the answer."""
        kept, self.cookies = self.cookies, {}
        try:
            self.api("POST", "/auth/", {"username": user, "password": PASSWORD})
            parts = urllib.parse.urlsplit(address)
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", f"{parts.path}?{parts.query}&g_continue", headers={"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 302, answer.status
                return answer.getheader("Location")
            finally:
                connection.close()
        finally:
            self.cookies = kept

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError("Glewlwyd did not end within 20 s of SIGTERM") from None
        finally:
            self.log.close()
        until(lambda: not processes_of_session(self.process.pid), 10, "Glewlwyd's processes to be gone")
