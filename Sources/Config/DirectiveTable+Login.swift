extension DirectiveTable {
  static let loginDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "login", in: [.site], "login password|oidc|app|forward [\"Title\"] { ... }", arguments: 1...10, braces: .optional, opens: .login,
      .oidc,
      .app, .forward,
      repeatable: true,
      summary: "How people sign in. One is needed in each site.",
      text: """
        `password` asks for a user name and password and checks them against an accounts
        file. In its block, `users` is needed. `oidc` sends people to an OpenID Connect
        provider, such as Microsoft Entra, Google Workspace, Okta or Keycloak. In its block,
        `issuer` and `client_id` are needed. See the topics `openid` and `providers`.
        `forward` asks a sign-in gateway that is there already, such as Authelia,
        authentik or oauth2-proxy, about each request. In its block, `check` is needed.
        See the topic `forward`. `app` leaves signing in to the app's own login page, and
        asks the app who is signed in. In its block, `page`, `signed_in` and `probe` are
        needed. See the topic `app-login`; `which-login` helps to choose.

        A site may have up to 10, of which one may be `password`; but `app` and `forward`
        are the only one of their site. People choose, and the browser remembers what they chose last. The title is what the choice calls it:
        `login oidc "Staff" { ... }`.
        """),
    DirectiveDescription(
      "users", in: [.login], "users FILE", arguments: 1...1,
      summary: "The accounts file.",
      text: """
        One account a line; see the topic `accounts`. It is read again when it changes:
        an account that is removed or whose password changes is signed out. A file that
        does not exist yet is only a warning, since `anteroom passwd FILE USER` makes it.
        Keep it from others' eyes (`chmod o-r FILE`).
        """),
    DirectiveDescription(
      "throttle", in: [.login], "throttle { ... }", arguments: 0...0, braces: .required, opens: .throttle,
      summary: "How many wrong passwords are borne.",
      text: """
        Beyond the counts below, further tries are refused for a while, the right
        password included, and the page says when to try again. A browser that this user
        has signed in from before is counted by itself, so that strangers cannot lock
        anybody out.
        """),
    DirectiveDescription(
      "account", in: [.throttle], "account NUMBER in DURATION", arguments: 3...3, fallback: "5 in 10m",
      summary: "Wrong passwords for one account before it is locked.",
      text: "NUMBER is from 1 to 100000, DURATION from 1s to 30d."),
    DirectiveDescription(
      "address", in: [.throttle], "address NUMBER in DURATION", arguments: 3...3, fallback: "50 in 10m",
      summary: "Wrong passwords from one address before it is locked.",
      text: """
        A whole clinic may share one address, so leave room. The addresses of one IPv6
        /64 count as one. Behind a proxy everybody has the proxy's address, unless it is
        one of `trusted_proxies` or of `proxy_protocol`. NUMBER is from 1 to 100000,
        DURATION from 1s to 30d.
        """),
    DirectiveDescription(
      "lock", in: [.throttle], "lock DURATION", arguments: 1...1, fallback: "15m",
      summary: "How long a lock lasts.", text: "From 1s to 30d."),
    DirectiveDescription(
      "session", in: [.site], "session { ... }", arguments: 0...0, braces: .required, opens: .session,
      summary: "How long a login lasts.",
      text: """
        Both limits are kept on the gateway's clock. Whichever comes first ends the
        session.
        """),
    DirectiveDescription(
      "idle", in: [.session], "idle DURATION", arguments: 1...1, fallback: "2h",
      summary: "How long a session lasts without activity.",
      text: """
        Requests that `background` names are no activity. From 1s to 1y, and no longer
        than `lifetime`.
        """),
    DirectiveDescription(
      "lifetime", in: [.session], "lifetime DURATION", arguments: 1...1, fallback: "12h",
      summary: "How long a session lasts at most.",
      text: "From 1s to 1y."),
    DirectiveDescription(
      "notice", in: [.session], "notice inject|off", arguments: 1...1, fallback: "off",
      summary: "Puts the notice of the session's end into the app's pages.",
      text: """
        `inject` adds the line `<script src="/.anteroom/notice.js" defer></script>` at the
        end of the app's HTML pages, for people who are signed in. Two minutes before the
        session ends a quiet notice then offers to stay signed in. The app is asked for
        pages without compression. Where the app's pages may be changed, put the line
        into them and leave this off. See the topic `notice`.
        """),
  ]
}
