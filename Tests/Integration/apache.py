"""Apache with mod_auth_openidc: somebody else's client of OpenID providers, to have an opinion on the tests' own provider."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from upstream import refused_port
from waiting import processes_of_session, state, until

MODULES = "/usr/lib/apache2/modules"
# Apache's own user cannot look into the tests' folders.
PAGES = "/usr/share/common-licenses"


class Apache:
    """A site that says who is signed in, in the field that a page is answered with."""

    def __init__(self, directory, provider):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        program = shutil.which("apache2", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        assert program and Path(f"{MODULES}/mod_auth_openidc.so").exists(), "Apache or mod_auth_openidc is not installed: run Docker/install-packages test"
        for _ in range(5):
            self.port = refused_port()
            self._configure(provider)
            self.process = subprocess.Popen(
                [program, "-DFOREGROUND", "-d", str(self.directory), "-f", str(self.directory / "apache.conf")], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            if until(lambda: state(self.process, self.port), 20, "Apache") == "up":
                return
        raise AssertionError("Apache does not start:\n" + self.log)

    def _configure(self, provider):
        modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "headers", "auth_openidc"]
        loads = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules)
        people = "User nobody\nGroup nogroup\n" if os.getuid() == 0 else ""
        (self.directory / "apache.conf").write_text(f"""ServerRoot {self.directory}
{loads}
ServerName app.test
Listen 127.0.0.1:{self.port} http
PidFile {self.directory}/apache.pid
DefaultRuntimeDir {self.directory}
ErrorLog {self.directory}/error.log
LogLevel warn
{people}StartServers 1
ServerLimit 1
DocumentRoot {PAGES}
OIDCProviderMetadataURL {provider.issuer}/.well-known/openid-configuration
OIDCClientID {provider.client.identifier}
OIDCClientSecret "{provider.client.secret}"
OIDCPKCEMethod S256
OIDCScope "openid profile email"
OIDCRedirectURI /callback
OIDCCryptoPassphrase only-for-this-test
OIDCRemoteUserClaim preferred_username
OIDCSSLValidateServer Off
<Location />
    AuthType openid-connect
    Require valid-user
    Header always set X-Seen-User expr=%{{REMOTE_USER}}
</Location>
""")

    @property
    def log(self):
        path = self.directory / "error.log"
        return path.read_text() if path.exists() else ""

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError("Apache did not end within 20 s of SIGTERM") from None
        until(lambda: not processes_of_session(self.process.pid), 10, "Apache's processes to be gone")
