extension DirectiveTable {
  static let siteDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "site", in: [.top], "site HOST... { ... }", arguments: 1...100, braces: .required, opens: .site, repeatable: true,
      summary: "One app, and the hosts it is reached by. At least one is needed.",
      text: """
        HOST is a name (`app.example.com`), an IPv4 address, or a wildcard
        (`*.example.com`) for exactly one further label of letters, digits and dashes.
        An exact name wins over a wildcard. No scheme and no port: every listener serves
        every site. A request for a host that no site names is answered 421. The first
        host is the site's name in logs; changing it ends the site's sessions. See the
        topic `hosts`.

        Within it, `upstream` and `login` are needed.
        """),
    DirectiveDescription(
      "protect", in: [.site], "protect all|patient", arguments: 1...1, fallback: "all",
      summary: "What needs a signed-in user.",
      text: """
        `all`: every path, but for those that `open` names. `patient`: only patient
        paths, everything below them, and any request on any path whose query has the
        patient parameter or an alias of it; the rest of the app is open to everybody.
        `patient` suits an app with a login of its own that must stay reachable; start-up
        warns of it, and at least one `patient` rule is needed.
        """),
    DirectiveDescription(
      "open", in: [.site], "open PATTERN...", arguments: 1...100, repeatable: true,
      summary: "Paths that need no login.",
      text: """
        For style sheets, pictures, the app's own health check. A path is open only if
        every way in which an app might read it fits a pattern: `/static/../patients` is
        not open under `/static/*`. Where a `patient` rule fits too, that rule wins.
        See the topic `patterns`.
        """),
    DirectiveDescription(
      "start", in: [.site], "start PATH", arguments: 1...1, fallback: "/",
      summary: "Where people go after login when there is no address to return to.",
      text: """
        A path of this site, with a query or fragment if need be; it begins with one
        `/`, and holds no blanks or backslashes.
        """),
    DirectiveDescription(
      "background", in: [.site], "background PATTERN...", arguments: 1...100, repeatable: true,
      summary: "Requests that do not count as activity.",
      text: """
        Polling and live connections that a page keeps up by itself: with them counted,
        an unattended computer would never be signed out. They still need a session.
        """),
    DirectiveDescription(
      "app_logout", in: [.site], "app_logout PATTERN...", arguments: 1...100, repeatable: true,
      summary: "The app's own logout addresses: they end the gateway's session too.",
      text: """
        The request still reaches the app. Name the address that the app's own logout
        button asks for.
        """),
    DirectiveDescription(
      "hold_forms", in: [.site], "hold_forms SIZE|off", arguments: 1...1, fallback: "1m",
      summary: "Forms up to this size are kept while their sender signs in again.",
      text: """
        A form that was sent after the session had ended is kept, encrypted and in memory
        only, and offered after the login; nothing is sent unasked. From 1 to 16m. See the
        topic `forms`. Not with `login app` or `login forward`, where it is always off:
        by then the app's own token in the form is stale.
        """),
    DirectiveDescription(
      "hsts", in: [.site], "hsts DURATION [subdomains]", arguments: 1...2,
      summary: "Tells browsers to come by https only, for that long.",
      text: """
        Sent with every answer over https (`Strict-Transport-Security`), in place of what
        the app says of it. From 0s to 10y; begin with little, such as 1h, since a browser
        that has read it cannot come by plain HTTP before the time is over, nor past a
        certificate that is not in order. `subdomains` takes in every name below the
        site's. `0s` has browsers forget it.
        """),
    DirectiveDescription(
      "cookies", in: [.site], "cookies { ... }", arguments: 0...0, braces: .required, opens: .cookies,
      summary: "What is added to the cookies that the app sets.",
      text: """
        For an app that cannot be told to do so itself. What the app says of a cookie always stays; the gateway's own
        cookies are not concerned. See also `inner`: a cookie for an inner host becomes one for the host that the browser used.
        """),
    DirectiveDescription(
      "secure", in: [.cookies], "secure on|off", arguments: 1...1, fallback: "off",
      summary: "Adds `Secure` to the app's cookies, where browsers use https.",
      text: """
        The browser then never sends them over plain HTTP.
        """),
    DirectiveDescription(
      "same_site", in: [.cookies], "same_site lax|off", arguments: 1...1, fallback: "off",
      summary: "Adds `SameSite=Lax` to those of the app's cookies that say nothing of it.",
      text: """
        The browser then sends them with requests that other sites' pages cause only when somebody goes to the app. An app
        that is shown inside other sites' pages needs `SameSite=None` instead, and has to say so itself: that stays as it is.
        """),
  ]
}
