extension DirectiveTable {
  static let limitsDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "limits", in: [.top], "limits { ... }", arguments: 0...0, braces: .required, opens: .limits,
      summary: "Bounds on what anybody can make the gateway keep or wait for.",
      text: """
        Every bound has a default that suits a clinic's app; name only those that you
        change.
        """),
    limit(
      "header_bytes", "SIZE", "16k", "Bytes of a request's head, its first line included. From 1k to 1m.",
      "A longer one is answered 431, or 414 if not even its first line fits."),
    limit("header_count", "NUMBER", "100", "Fields in a request's head. From 10 to 10000.", "More are answered 431."),
    limit(
      "body", "SIZE", "100m", "Bytes of a request's body. From 1 to 1024g.",
      "A longer one is answered 413. Bodies are passed on as they come and never held in memory or on disk."),
    limit(
      "header_timeout", "DURATION", "10s", "From the first byte of a request's head to its last. From 10ms to 10m.",
      """
      A slower one is answered 408, however steadily it trickles in. A connection that
      has sent nothing at all is closed after this time, counted from its beginning.
      It is also how long a login form may take to arrive,
      and how long what is left of a body that nobody wants is waited for.
      """),
    limit(
      "idle_timeout", "DURATION", "60s", "How long a connection may stand still. From 10ms to 1d.",
      """
      It counts between two requests, while a client neither sends its body nor takes
      its answer, and for idle connections to an upstream. A request whose body stands
      still is answered 408 if no answer has begun, and its connection ends.
      """),
    limit(
      "upstream_timeout", "DURATION", "60s", "How long the app may take to answer. From 10ms to 1d.",
      "It counts from the end of the request to the head of the answer. Beyond it the answer is 504."),
    limit(
      "upstream_stall_timeout", "DURATION", "60s", "How long the app may stand still in the middle of a body. From 10ms to 1d.",
      """
      It counts between two pieces of the app's answer, which is cut off beyond it; and
      while the app takes nothing of a request's body, which is then answered 504.
      """),
    limit(
      "connect_timeout", "DURATION", "5s", "How long connecting to an upstream may take. From 10ms to 10m.",
      "Beyond it a request that may safely be sent again is tried once more; else, or then, the answer is 504."),
    limit(
      "tunnel_timeout", "DURATION", "1h", "How long a WebSocket or a stream of events may be silent. From 10ms to 7d.",
      "It is closed then. `idle_timeout` in `websocket` and `event_stream` of a site says otherwise for that site."),
    limit(
      "connections", "NUMBER", "10000", "Connections of browsers, all listeners together. From 1 to 1000000.",
      """
      When there are as many, the connection that has been idle longest is closed for
      each further one: without a request so far, in the middle of a request's head, or
      between two requests. Where none is idle, further ones wait in the kernel's queue
      until one ends. The log warns of it. Each connection takes one file of the
      process's limit, and one more while the app answers. See the topic `overload`.
      """),
    limit(
      "connections_per_address", "NUMBER|off", "off", "Connections of one client address. From 1 to 1000000.",
      """
      A further one is reset at once, with a warning in the log. An IPv6 client counts by
      the first 64 bits of its address, which is what one household or office has. A
      whole clinic may share one IPv4 address, and behind a proxy or in a container with
      a network of its own all browsers may: leave it off there.
      """),
    limit(
      "handshakes", "NUMBER", "1000", "TLS handshakes under way, all workers together. From 1 to 100000.",
      """
      The number is shared out evenly among the workers. For each further one the
      handshake that has been under way longest is given up, with a warning in the log.
      One that is not done after `header_timeout` is given up in any case.
      """),
    limit(
      "body_rate", "SIZE|off", "500", "Bytes a second at which a request's body must come. From 1 to 1g.",
      """
      A client that falls short for longer than `rate_grace` is answered 408, and its
      connection ends. Time in which the gateway waits for the app does not count.
      """),
    limit(
      "send_rate", "SIZE|off", "500", "Bytes a second at which an answer must be taken. From 1 to 1g.",
      """
      The connection of a client that falls short for longer than `rate_grace` is reset.
      What the client's system has acknowledged counts as taken; time in which the
      gateway waits for the app does not count. WebSockets have no least rate.
      """),
    limit(
      "rate_grace", "DURATION", "20s", "How long a client may fall short of `body_rate` or `send_rate`. From 10ms to 1h.",
      """
      It is what every body begins with. A client that was faster than it must be may
      later fall short for longer, but for no more than `idle_timeout`, or this where it
      is longer.
      """),
    limit(
      "upstream_idle", "NUMBER", "64", "Idle connections that each worker keeps to each upstream. From 0 to 10000.",
      "0 closes each after its answer."),
    limit(
      "pending_logins", "NUMBER", "64", "Passwords waiting to be checked. From 1 to 100000.",
      """
      One for each worker is being checked meanwhile. Beyond it a login is answered 503
      with `Retry-After: 5`, and is not counted as a wrong one.
      """),
    limit(
      "pending_checks", "NUMBER", "1000", "Questions to the checker of a `login forward` that wait for its answer. From 1 to 1000000.",
      "Each site's checker has as many. Beyond it a request is answered 503 with `Retry-After`."),
    limit(
      "cached_checks", "NUMBER", "20000", "Answers of the checker of a `login forward` that are remembered. From 1 to 1000000.",
      """
      Only where `cache` has them believed for a while. When there are as many, the
      oldest is forgotten, and asked for anew when it is needed.
      """),
    limit(
      "pending_returns", "NUMBER", "1000",
      "Return addresses too long for a URL that are remembered while people sign in, all browsers together. From 1 to 1000000.",
      """
      One client address (an IPv6 client's /64) has a quarter of them, and 1000 at the
      most; more push out its own oldest. When all are taken, the oldest of an address
      that has most makes room. Whoever asked for one that was pushed out comes to
      `start` after login.
      """),
    limit(
      "provider_sessions", "NUMBER", "20000",
      "Sessions of providers that are kept in memory and in `state`, all sites together. From 1 to 10000000.",
      """
      A session that began with `login oidc` follows the provider (topic `openid`). When
      all places are taken, the session of the oldest login ends.
      """),
    limit(
      "held_forms", "SIZE", "64m",
      "Memory for forms that wait until their sender has signed in again, all sites together. From 0 to 1024g.",
      """
      See the topic `forms`. One user has up to 4, of which the oldest makes room. When
      all is used up, a further form is not kept, and the login page says that it was
      not sent.
      """),
    limit(
      "throttle_entries", "NUMBER", "50000",
      "Accounts, addresses and devices, each, that the login throttle remembers. From 100 to 10000000.",
      "It bounds the memory that a flood of wrong names can take."
    ),
    DirectiveDescription(
      "limits", in: [.site], "limits { ... }", arguments: 0...0, braces: .required, opens: .siteLimits,
      summary: "Bounds of one site.",
      text: "So that one app that has become slow does not take the others' share."),
    DirectiveDescription(
      "requests", in: [.siteLimits], "requests NUMBER|off", arguments: 1...1, fallback: "off",
      summary: "Requests that may be with the app at once. From 1 to 1000000.",
      text: """
        A further one is answered 503 with `Retry-After`, and the log warns of it. A
        WebSocket counts as long as it lasts. What the gateway answers itself, such as
        its login pages, does not count.
        """),
    DirectiveDescription(
      "connections", in: [.listen], "connections NUMBER|off", arguments: 1...1, fallback: "off",
      summary: "Connections by this listener. From 1 to 1000000.",
      text: """
        They count for `connections` in `limits` as well, and the same happens when there
        are as many: the one of this listener that has been idle longest is closed, or
        further ones wait.
        """),
  ]

  private static func limit(_ name: String, _ argument: String, _ fallback: String, _ summary: String, _ text: String)
    -> DirectiveDescription
  {
    DirectiveDescription(
      name, in: [.limits], "\(name) \(argument)", arguments: 1...1, fallback: fallback, summary: summary, text: text)
  }
}
