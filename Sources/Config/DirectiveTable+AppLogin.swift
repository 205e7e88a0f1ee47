extension DirectiveTable {
  static let appLoginDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "page", in: [.app], "page PATTERN...", arguments: 1...50, repeatable: true,
      summary: "The app's own login page, and the addresses that belong to it. Needed.",
      text: """
        The first one is where people are sent to sign in; for `page /login/*` that is
        `/login`. Name all addresses that its forms and scripts send to, and those of a
        second step: `page /login /login/* /api/session`. They need no login, and so must
        show no record.
        """),
    DirectiveDescription(
      "signed_in", in: [.app], "signed_in cookie NAME", arguments: 2...2,
      summary: "The app's session cookie. Needed.",
      text: """
        A request without it is not signed in, and nobody asks the app. With two of them
        it is not signed in either: nobody knows which one the app would take.
        """),
    DirectiveDescription(
      "probe", in: [.app], "probe PATH { user SOURCE }", arguments: 1...1, braces: .required, opens: .probe,
      summary: "What the app is asked to find out who is signed in. Needed.",
      text: """
        A GET with the browser's cookies: 2xx means signed in, a redirect or 4xx means not.
        With anything else, or no answer within 10 s, nobody is let in meanwhile. The
        answer may be 1 MB. It must depend on the session alone.
        """),
    DirectiveDescription(
      "user", in: [.probe], "user json:NAME|header:NAME|none", arguments: 1...1,
      summary: "Where the user's name is in the probe's answer. Needed.",
      text: """
        `json:username` is a member of a JSON object, `json:user.name` one inside another,
        `header:X-User` a field of the answer. An answer of 2xx without it is that of
        somebody who is not signed in. `none`: nobody knows who it is; the audit trail and
        the app's headers do without.
        """),
    DirectiveDescription(
      "recheck", in: [.app], "recheck DURATION", arguments: 1...1, fallback: "60s",
      summary: "How long a probe's answer is believed.",
      text: """
        After that the next request asks again. A login, a logout and an answer that sets
        the session cookie are noticed at once. From 1s to 1h.
        """),
    DirectiveDescription(
      "after_login", in: [.app], "after_login PATTERN...", arguments: 1...50, fallback: "anywhere but `page`", repeatable: true,
      summary: "Where the app sends people after a login.",
      text: """
        Whoever signs in goes to the patient that was clicked in place of such an address.
        Name them where the app sometimes sends people elsewhere first, such as to a page
        that wants a new password: that is then shown.
        """),
    DirectiveDescription(
      "logout", in: [.app], "logout PATTERN...", arguments: 1...50, repeatable: true,
      summary: "The app's own logout addresses.",
      text: "What is known of a session is forgotten when one of them is called, and the app is asked anew."),
    DirectiveDescription(
      "probe_limit", in: [.app], "probe_limit NUMBER in DURATION", arguments: 3...3, fallback: "100 in 1m",
      summary: "Probes from one address that find nobody signed in.",
      text: """
        Cookies can be made up. Beyond this number the app is not asked about unknown ones
        from this address for a while, and the answer is 429; who is known to be signed in
        goes on. The addresses of one IPv6 /64 count as one. NUMBER is from 1 to 100000,
        DURATION from 1s to 30d.
        """),
    DirectiveDescription(
      "sessions", in: [.app], "sessions NUMBER", arguments: 1...1, fallback: "20000",
      summary: "Sessions of the app that are remembered.",
      text: "About 500 bytes each. Of more than these, the app is asked more often. From 16 to 1000000."),
  ]
}
