"""Apache with mod_auth_form: somebody else's sign-in gateway, with its form, its session in a cookie, and its way out."""

import os

from apache import MODULES, PAGES, Apache

class ApachePortal(Apache):
    """`/check` is for members alone, of whom it knows the names (Apache's own user could read no file with passwords here), `/enter` takes the form, `/leave` ends the session. `style` says how strangers are turned away."""

    def __init__(self, directory, style="401", domain=None):
        self.style, self.domain = style, domain
        super().__init__(directory, None)

    def _configure(self, _):
        names = ["mpm_event", "alias", "authn_core", "authn_anon", "authz_core", "authz_user", "auth_form", "env", "headers", "request", "session", "session_cookie"]
        loads = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names)
        people = "User nobody\nGroup nogroup\n" if os.getuid() == 0 else ""
        domain = f";domain={self.domain}" if self.domain else ""
        required = 'AuthFormLoginRequiredLocation "/page?for=%{HTTP:X-Original-URL}"\n' if self.style == "302" else ""
        (self.directory / "apache.conf").write_text(f"""ServerRoot {self.directory}
{loads}
ServerName auth.test
Listen 127.0.0.1:{self.port} http
PidFile {self.directory}/apache.pid
DefaultRuntimeDir {self.directory}
ErrorLog {self.directory}/error.log
LogLevel warn
{people}StartServers 1
ServerLimit 1
DocumentRoot {PAGES}
Alias /check {PAGES}/GPL-3
<Location />
    AuthName members
    AuthFormProvider anon
    Anonymous ann bob
    Anonymous_MustGiveEmail Off
    Anonymous_LogEmail Off
    Session On
    SessionCookieName portal path=/{domain};HttpOnly
</Location>
<Location /check>
    AuthType form
    Require valid-user
    {required}Header set Remote-User expr=%{{REMOTE_USER}}
</Location>
<Location /enter>
    SetHandler form-login-handler
    AuthType form
    Require all granted
    AuthFormLoginSuccessLocation /
</Location>
<Location /leave>
    SetHandler form-logout-handler
    AuthFormLogoutLocation /
    SessionMaxAge 1
</Location>
""")
