extension DirectiveTable {
  static let proxyDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "scheme", in: [.listen], "scheme http|https", arguments: 1...1, fallback: "what this listener speaks",
      summary: "What browsers use, where TLS ends before this gateway.",
      text: """
        With `https` cookies are `__Host-` ones, which browsers keep and send over TLS
        only, forms and WebSockets must come from the origin `https://...`, and the app
        is told `X-Forwarded-Proto: https`. Nothing that a client or proxy sends changes
        it. Without this directive a trusted proxy may say `https` for its requests; see
        the topic `proxies`. What stands in front must pass the browser's `Host` on, its
        port included where it is not 443.
        """),
    DirectiveDescription(
      "proxy_protocol", in: [.listen], "proxy_protocol NETWORK...", arguments: 1...100, repeatable: true,
      summary: "Whose PROXY header tells the browser's address; nobody else may connect.",
      text: """
        For balancers that pass connections on as they are (HAProxy in TCP mode, network
        load balancers) and send the PROXY protocol, version 1 or 2, before anything
        else, TLS included. The address that it names takes the place of the balancer's:
        for `connections_per_address`, the login throttle, logs, the audit trail,
        `trusted_proxies` and the fields that the app gets.

        A connection from any other address is reset; one without a whole and correct
        header within `header_timeout` is closed. The log warns of either. A header that
        names no address (`LOCAL`, `UNKNOWN`: a balancer's own health check) leaves the
        balancer's in place. Headers of more than 4 KB are refused; a CRC32C checksum is
        checked where there is one. For connections without a header, such as the
        container's health check, add another `listen`.
        """),
    DirectiveDescription(
      "trusted_proxies", in: [.top], "trusted_proxies NETWORK...", arguments: 1...100, fallback: "nobody's are believed", repeatable: true,
      summary: "Whose Forwarded and X-Forwarded fields are believed.",
      text: """
        For proxies that speak HTTP to this gateway, such as nginx. A request from one of
        these networks counts as its client's: for the login throttle, logs and the audit
        trail. See the topic `proxies` for what is believed, and what the proxy has to
        do.
        """),
  ]

  static let streamDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "websocket", in: [.site], "websocket { ... }", arguments: 0...0, braces: .required, opens: .websocket,
      summary: "What holds for WebSockets.",
      text: """
        They are for signed-in users only. Bytes are passed on at once, both ways, and so
        is the end of either direction. See the topic `streams`.
        """),
    DirectiveDescription(
      "origin", in: [.websocket], "origin same|any|ORIGIN...", arguments: 1...100, fallback: "same",
      summary: "Whose pages may open a WebSocket.",
      text: """
        `same`: the site's own. ORIGIN, such as `https://portal.example.com` (and a port
        unless it is the scheme's default), is allowed beside them. A handshake with
        another `Origin`, with `null` or with several is answered 403, and noted in the
        audit trail: browsers send cookies with a WebSocket from whatever page opens it.
        One without `Origin` comes from a program, since browsers always send it, and is
        let through unless `Sec-Fetch-Site` says that it does come from another site.
        `any` asks for nothing: use it only where the app itself looks.
        """),
    DirectiveDescription(
      "connections", in: [.websocket], "connections NUMBER|off", arguments: 1...1, fallback: "off",
      summary: "WebSockets at once. From 1 to 1000000.",
      text: "A further one is answered 503 with `Retry-After`, and the log warns of it."),
    DirectiveDescription(
      "connections_per_user", in: [.websocket], "connections_per_user NUMBER|off", arguments: 1...1, fallback: "off",
      summary: "WebSockets of one user at once. From 1 to 1000000.",
      text: """
        A further one is answered 429, and the log warns of it: so that one account, or a
        page that opens one after the other, does not take the places of all others. All
        browsers and sessions in which somebody is signed in at the site count together.
        """),
    streamTimeout("How long a WebSocket may be silent both ways. From 10ms to 7d."),
    streamEnd("Whether a WebSocket ends when its session does."),
    DirectiveDescription(
      "event_stream", in: [.site], "event_stream { ... }", arguments: 0...0, braces: .required, opens: .eventStream,
      summary: "What holds for answers of the type text/event-stream (server-sent events).",
      text: """
        Each piece is passed on as it comes. See the topic `streams`.
        """),
    streamTimeout("How long the app may send nothing. From 10ms to 7d.", in: .eventStream),
    streamEnd("Whether a stream ends when its session does.", in: .eventStream),
  ]

  private static func streamTimeout(_ summary: String, in block: BlockKind = .websocket) -> DirectiveDescription {
    DirectiveDescription(
      "idle_timeout", in: [block], "idle_timeout DURATION", arguments: 1...1, fallback: "`tunnel_timeout` of `limits`", summary: summary,
      text: "The connection is closed then. Pings and comments of the app or browser keep it up.")
  }

  private static func streamEnd(_ summary: String, in block: BlockKind = .websocket) -> DirectiveDescription {
    DirectiveDescription(
      "ends_with_session", in: [block], "ends_with_session yes|no", arguments: 1...1, fallback: "yes", summary: summary,
      text: """
        `yes`: its connection is closed within seconds of a logout, a change of the
        account or its removal, and at the end of the session's `lifetime`. What moves on
        it is no activity, and that the session has become `idle` elsewhere does not end
        it: see `idle_timeout`.
        """)
  }
}
