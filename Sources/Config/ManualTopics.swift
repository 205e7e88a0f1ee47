/// The topics that no single directive can tell.
struct ManualTopics {
  var name: String
  var summary: String
  var title: String
  var text: String

  static let all: [ManualTopics] = [
    grammar, hosts, https, patterns, patient, patientAddress, whichLogin, headers, proxies, forwarding, streams, answers, sessions, forms,
    scripts, notice,
    accounts, openID, providers, appLogin, forward, keys,
    audit, logs, reload,
    status, upgrade, activation, overload, memory,
  ]

  private static let grammar = ManualTopics(
    name: "gateway.conf", summary: "How the file is written.", title: "gateway.conf: how the file is written",
    text: """
      One directive a line, its arguments separated by blanks; a block in braces where
      it has parts, the `{` on the same line. `;` ends a directive too, so that a short
      block fits on one line:

          session { idle 2h; lifetime 12h }

      `#` begins a comment where a new word could begin; within a word it is an ordinary
      character. An argument with blanks, `;`, `{`, `}` or a leading `#` stands in double
      quotes, in which `\\"` is a quote, `\\\\` a backslash and `\\n` a new line. Elsewhere a
      backslash is an ordinary character. A name in braces right within an address, as in
      https://auth.example.com/?rd={url}, is part of it. The file is UTF-8, at most 1 MB.

      Durations   250ms 15s 10m 8h 7d 2w 1y    (a year has 365 days)
      Sizes       512 64k 10m 1g               (k is 1024 bytes)
      Paths       relative ones start at the folder of the file that names them

      Any argument may be read from elsewhere:

          env:NAME       an environment variable; it must be set and not empty
          file:/path     the first line of a file; it must not be readable by every
                         user of the machine (chmod o-r), and not be empty

      so that secrets need not stand in gateway.conf. Messages show `env:NAME` or
      `file:/path`, and not what it stands for, unless that is itself a path. This holds
      within quotes too; a value that itself begins with `env:` or `file:` goes into a
      file.

      `anteroom check` finds every fault in one go and changes nothing. Each line says
      where, what, and in parentheses how to mend it:

          gateway.conf:12:5: error: unknown directive `upstrem` in `site` (did you
          mean `upstream`?)

      A directive that other versions have and this one has not is an error too; nothing
      is ever silently ignored. Warnings do not keep the gateway from starting; they are
      shown at start-up as well.

      The least that runs:

          listen 127.0.0.1:8080
          site app.example.com {
              upstream http://127.0.0.1:9000
              patient /patients
              login password { users users.passwd }
          }
      """)

  private static let hosts = ManualTopics(
    name: "hosts", summary: "Which site answers for which host.", title: "hosts: which site answers",
    text: """
      A site names exact hosts (`app.example.com`) and wildcards (`*.example.com`). A
      wildcard stands for exactly one further label of letters, digits and dashes, as
      Cliniko's registered addresses do:

          au.example.com            yes
          staging-au1.example.com   yes
          example.com               no: no label
          fr.eu.example.com         no: two labels
          a_b.example.com           no: an underscore

      Case, one final dot and the port do not matter. An exact name wins over a
      wildcard. The label that a wildcard took goes to the app as `X-Anteroom-Site`. A
      host that no site names is answered 421, never by another site's app.

      International names are written in their ASCII form, which begins with `xn--`. A
      session belongs to the exact host it began on: one of `au.example.com` does not
      open `uk.example.com`.
      """)

  private static let patterns = ManualTopics(
    name: "patterns", summary: "How paths are named and compared.", title: "patterns: how paths are named and compared",
    text: """
      `patient`, `open`, `background` and `app_logout` take patterns:

          /favicon.ico      that path
          /static/*         everything below /static/
          /api/*/status     one segment, whatever it holds, in the place of the `*`
          /img/logo-*.png   any run of characters within the segment

      A pattern begins with `/` and names a path only, no query. `/static/*` does not
      take `/static` itself. Blanks and characters outside ASCII are percent-encoded
      (`/my%20files`), others never. `;` and `\\` are read differently by different apps
      and cannot stand in a pattern: write a `*` for that part.

      An app may read a path otherwise than it is sent: percent-decoded, dot segments
      removed, doubled slashes merged, backslashes as slashes, `;parameters` dropped. The
      gateway compares every such reading. `open` and `background` hold only if all of
      them fit, letter case included; `patient` and `app_logout` hold if any of them
      fits, whatever the case of its letters. What is passed on are the bytes as they
      were sent.
      """)

  private static let patient = ManualTopics(
    name: "patient", summary: "The patient button: its address, its parameter, its aliases.",
    title: "The patient rule and aliases of the parameter",
    text: """
      A click on the patient button asks for `/patients?patient_id=123`.

      Not signed in, and a browser that goes to a page: 302 to the login page below
      /.anteroom/; afterwards back to the same path and query, byte for byte. Several
      tabs may do so side by side, each comes back to its own patient. The way back is
      good for 12 hours, in that browser only; after half an hour, or when somebody else
      signs in, a page asks before the patient is opened. Anything else (scripts,
      pictures, polling): 401 with application/problem+json.

      What tells a browser that goes to a page: `Sec-Fetch-Mode: navigate`; where that
      field is absent, a GET or HEAD whose `Accept` names text/html, and which has no
      `X-Requested-With`. A form that is sent after the session ended goes to the login
      page too, and afterwards back to the page that it stood on (or to `start`); the
      form itself is not sent to the app.

      Signed in: passed on, with `X-Cliniko-Patient-Id: 123`; or, with `to`, sent on to
      where the app shows the patient (topic `patient-address`).

      The value must be 1 to 19 digits, without a leading zero, at most
      9223372036854775807. Empty, malformed or given twice: 400, before the app hears of
      it (for somebody signed in; others sign in first). On patient paths so is any other
      name that some app would read as the parameter, that is, one that becomes its name
      when it is

          percent-decoded and `+` taken as a blank,
          lower-cased,
          cut at a NUL,
          `.`, `[` and blanks turned into `_`, and `[]` dropped,

      with the query split at `;` as well as at `&`: `Patient_Id`, `patient.id`,
      `patient_id[]` and `a;patient_id=2` among them. `patient%5Fid` alone is the
      parameter itself. On other paths queries are the app's own business, except that
      under `protect patient` the parameter or an alias asks for a login there too.

      The id is never in the gateway's own URLs, cookies or logs, encoded or not. The
      audit trail alone has it.
      """)

  private static let headers = ManualTopics(
    name: "headers", summary: "What the app sees in the header, and which fields are the gateway's alone.",
    title: "headers: what the app sees",
    text: """
      The app gets the original `Host`; `X-Forwarded-For`, `X-Forwarded-Proto`,
      `X-Forwarded-Host` and `Forwarded`, made anew from the connection and what a
      trusted proxy says (`proxies`); `Via`; `X-Request-Id`; `X-Client-Certificate-...`
      on listeners with `client_ca`; the identity headers on every request of somebody
      signed in; the patient header on patient requests; `X-Anteroom-Site` with the
      label that a wildcard host took; the token that `access_token_header` names; and
      what `request` sets. The browser's `Authorization` passes, unless one of these has
      that name, or `bearer` takes it. The gateway's own cookies never reach the app, nor
      does a `Referer` that is one of the gateway's own pages.

      The patient header, the identity headers, `X-Anteroom-...`,
      `X-Client-Certificate-...` and every field that a directive sets or drops are the
      gateway's alone. What a client sends under these names is removed, however it is
      spelled: names are compared without case, and every character other than letters
      and digits counts as `-`, since many apps cannot tell `X_Auth_User` from
      `X-Auth-User`. For the same reason two directives of one site may not name the
      same header.

      Fields by which proxies tell apps who or what somebody is are removed as well,
      whatever the configuration names, unless a trusted proxy sends them:
      `X-Forwarded-...`, `Remote-User`, `X-Remote-User`, `X-Original-URL`,
      `X-Rewrite-URL`, `X-Real-IP`, `X-HTTP-Method-Override`, `X-HTTP-Method`,
      `X-Method-Override`, `Proxy`.

      No directive may name a field that HTTP or the gateway itself needs: `Connection`,
      `Content-Length`, `Cookie`, `Expect`, `Forwarded`, `Host`, `HTTP2-Settings`,
      `Keep-Alive`, `Proxy-...`, `Sec-...`, `Set-Cookie`, `TE`, `Trailer`,
      `Transfer-Encoding`, `Upgrade`, `Via`, `X-Anteroom-...`,
      `X-Client-Certificate-...`, `X-Forwarded-...` (but `X-Forwarded-User`, `-Email`,
      `-Groups` and `-Preferred-Username` may be used), `X-Request-Id`.
      """)

  private static let sessions = ManualTopics(
    name: "sessions", summary: "How long a login lasts, and what ends it.", title: "sessions: how long a login lasts",
    text: """
      A session ends when nothing was asked for during `idle` (2h by default), at the
      latest after `lifetime` (12h), at logout, and when the account is removed or its
      password or groups change. One that began with a provider follows it as well: see
      the topic `openid`. Time is the gateway's own, so a computer that slept is
      signed out all the same. Requests that `background` names are passed on but are no
      activity. Activity is noted to a tenth of `idle`, at most a minute, and a session
      may last that much longer.

      Logging out is a POST to /.anteroom/logout; a GET of it shows a page with the
      button, to which the app may link. Where the app has a logout of its own, name its
      address with `app_logout`. /.anteroom/session tells in JSON who is signed in and
      when the session ends; asking is no activity. With `login app` and `login forward`
      somebody else knows when that is: `ends_at` and `ends_in` are null there, and
      with `login forward` the logout leads to the checker's own (`sign_out`). What
      becomes of a form that is sent after the end is told under `forms`, and how pages
      can warn before it under `notice`.

      A session ends with the next request, but a download that has begun goes on. A
      WebSocket or a stream of events ends with its session: see the topic `streams`.

      Three kinds of cookies are the gateway's, all of them `HttpOnly`, `SameSite=Lax`
      and for the exact host: `anteroom` is the session, until the browser is closed;
      `anteroom-device` remembers for a year that somebody has signed in from this
      browser; `anteroom-b-...` ties return addresses and forms to the browser, and is
      renewed at logout. The session's is sealed, not only signed; what does not open
      means "not signed in" and never an error page.
      """)

  private static let accounts = ManualTopics(
    name: "accounts", summary: "The accounts file that `login password` reads.", title: "accounts: the file that `users` names",
    text: """
      One account a line:

          user:hash:name:email:groups

      The groups are separated by commas. The last three fields may be empty or left
      out. Empty lines and lines that begin with `#` are skipped. For instance:

          jane:$y$j9T$...:Jane Doe:jane@example.com:clinicians,owners

      `anteroom passwd FILE USER` adds an account or changes its password: it asks for
      the password without showing it (or takes one line of standard input when that is
      no terminal), wants at least 12 characters, and keeps the other fields. The other
      fields are edited with any editor.

      The hash is any modern one that crypt(3) verifies: yescrypt (which `passwd` makes),
      scrypt, bcrypt, SHA-512 or SHA-256, so a file that `htpasswd -B` made works. DES,
      MD5 and empty hashes never verify. User names are compared without case, after
      Unicode normalisation, and have at most 256 bytes. An e-mail address that one
      account alone has may be typed in place of its name. A line that is wrong costs
      its own account only, and is reported.

      The file is looked at once a second and read again when it changes. If it cannot
      be read, nobody is signed in until it can. Keep it from others' eyes:
      `chmod o-r FILE`.
      """)

  private static let keys = ManualTopics(
    name: "keys", summary: "The key ring, and how keys are changed.", title: "The key ring",
    text: """
      Everything that the gateway seals (sessions, return addresses, forms) is sealed
      under keys that are derived from the ring. Every key in the ring opens; the newest
      one that has been there for a minute seals, so that all gateways that share the
      ring have read it by then.

      Each file in the folder whose name ends with `.key` is one key: 32 random bytes,
      written as one line of 64 hexadecimal digits or 43 base64url characters. Other
      files are left alone. At most 64 keys. The folder is made with a first key,
      `first.key`, when the gateway first runs.

      The ring is read at start-up and at each reload. To change keys, add one and
      reload; when the longest session (`lifetime`) is over, take the old one out and
      reload again:

          (umask 077; openssl rand -hex 32 > keys/2026-07.key)

      A key that is taken out ends what was sealed under it: people sign in again, and
      browsers that were known to the login throttle are strangers to it. To share a
      ring, copy the folder to every machine, or mount it read-only, and reload all of
      them after the key is in place and before it is a minute old, or one will for a
      moment not open what another has sealed.

      The folder should be readable for the user that the gateway runs as and for
      nobody else; a key that every user of the machine may read or change is an error.
      """)

  private static let logs = ManualTopics(
    name: "logs", summary: "What is written where.", title: "logs: what is written where",
    text: """
      log          events: start-up, warnings, failures. The line `ready` names the bound
                   addresses.
      access_log   one line for each request.
      audit        the audit trail; see the topic `audit`.

      An access line as text, with `-` where there is nothing to say:

          TIME REQUEST-ID CLIENT SITE USER "METHOD PATH PROTOCOL" STATUS
          BYTES-OUT BYTES-IN MILLISECONDS UPSTREAM UPSTREAM-MILLISECONDS END

      END says how the request came to its end: `ok`, `client-closed`,
      `client-timeout`, `client-malformed`, `upstream-unreachable`, `upstream-closed`,
      `upstream-timeout`, `upstream-malformed`, `overload`, `shutdown`,
      `session-ended` or `fault`. As `json` the same stands under `time`, `request`,
      `client`, `site`, `user`, `method`, `path`, `protocol`, `status`, `bytes_out`,
      `bytes_in`, `ms`, `upstream`, `upstream_ms` and `end`.

      Neither `log` nor `access_log` ever has a query, and path segments with six or more
      digits are masked there: patient ids are in the audit trail only.

      Logs that go to a file are opened again on SIGUSR1. To rotate one: rename it, then
      send SIGUSR1. The request id is also on every page that the gateway itself shows,
      and goes to the app as `X-Request-Id`, so that a clinician's report can be found.
      """)
}
