extension DirectiveTable {
  static let forwardDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "check", in: [.forward], "check URL", arguments: 1...1,
      summary: "Who is asked whether a request may pass. Needed.",
      text: """
        A whole address, with https. Plain http is possible on this machine; on a private
        network it is too, with a warning, since everybody's cookies go there.

        It is asked with GET about each request, in the way of nginx's `auth_request` and
        Traefik's ForwardAuth: 2xx lets in, 401, 403 and redirects do not, and anything
        else, or no answer within 10 s, lets nobody in. What it hears, and examples for
        the usual checkers, are in the topic `forward`.

        Where the checker wants the address in question in its own address, write `{url}`
        there: `check https://auth.example.com/verify?uri={url}`.
        """),
    DirectiveDescription(
      "sign_in", in: [.forward], "sign_in URL", arguments: 1...1,
      summary: "Where browsers are sent to sign in.",
      text: """
        `{url}` in it stands for the address to come back to, percent-encoded; it is
        needed, once: `sign_in https://auth.example.com/?rd={url}`. Without this line
        browsers go where the checker says in `Location`. With it they go here whenever
        the checker answers 401.
        """),
    DirectiveDescription(
      "sign_out", in: [.forward], "sign_out URL", arguments: 1...1,
      summary: "Where /.anteroom/logout leads.",
      text: """
        The page asks before it goes there. Without this line there is no page at
        /.anteroom/logout.
        """),
    DirectiveDescription(
      "copy", in: [.forward], "copy NAME...", arguments: 1...50, repeatable: true,
      summary: "Fields of the checker's answer that the app gets.",
      text: """
        They go to the app under the same names, which are the gateway's own from then on:
        what a client sends under them is removed. Of each there may be one line, of at
        most 8 KB and without control characters; an answer with more lets nobody in. An
        empty one is none.
        """),
    DirectiveDescription(
      "user", in: [.forward], "user NAME|none", arguments: 1...1, fallback: "the first of `copy`",
      summary: "Which field of the checker's answer names the user.",
      text: """
        It goes into the logs, the audit trail and the header that `identity` names. A 2xx
        without it lets nobody in, since some checkers answer strangers with a friendly
        page. Write `none` for a checker that names nobody.
        """),
    DirectiveDescription(
      "name", in: [.forward], "name NAME", arguments: 1...1,
      summary: "Which field of the checker's answer has the person's name.", text: "For the header that `identity` names."),
    DirectiveDescription(
      "email", in: [.forward], "email NAME", arguments: 1...1,
      summary: "Which field of the checker's answer has the e-mail address.", text: "For the header that `identity` names."),
    DirectiveDescription(
      "groups", in: [.forward], "groups NAME", arguments: 1...1,
      summary: "Which field of the checker's answer has the groups.",
      text: "Separated by commas, or by `|`. For the header that `identity` names."),
    DirectiveDescription(
      "cache", in: [.forward], "cache DURATION [any_path]", arguments: 1...2, fallback: "not at all",
      summary: "How long an answer that lets in is believed.",
      text: """
        From 1s to 1h, and for the very same question alone: the same cookies, client
        address, host, method and path. With `any_path` also for other methods and paths,
        for a checker that does not look at them. A session that ends at the checker goes
        on here for as long. Answers that set cookies, and those that do not let in, are
        never kept.
        """),
    DirectiveDescription(
      "ca", in: [.forward], "ca FILE", arguments: 1...1,
      summary: "Whose word is taken that the checker is the checker.",
      text: """
        Without it: the authorities that the system trusts. FILE is PEM of one or more
        authorities; with it those of the system do not count.
        """),
  ]
}
