extension DirectiveTable {
  static let upstreamDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "upstream", in: [.site], "upstream http[s]://HOST[:PORT]... [{ ... }]", arguments: 1...100, braces: .optional, opens: .upstream,
      summary: "Where the app listens. One is needed in each site.",
      text: """
        HOST is a name or an address (`http://[::1]:9000` for IPv6); the port is 80, or
        443 for https, if none is given. No path: requests keep theirs, byte for byte. Over
        https the app's certificate is verified, see `ca`, `server_name` and `verify`. Several addresses
        share the requests, as `balance` says; one that refuses connections is passed
        over for 1 s, then 2, 4 and at most 8 s, unless there is no other. `health` and
        `eject` tell when one is left out altogether; while all are, requests are
        answered 503 with `Retry-After`. What is tried again, and when, the topic
        `forwarding` tells.

        Let the app listen on loopback or a private network only: whoever reaches it
        directly passes no login. Start-up warns of an upstream on a public address.
        """),
    DirectiveDescription(
      "ca", in: [.upstream], "ca FILE", arguments: 1...1,
      summary: "Whose word is taken that an https upstream is the app.",
      text: """
        Without it: the authorities that the system trusts. FILE is PEM of one or more
        authorities, or of the app's own self-signed certificate. With
        it the authorities that the system trusts do not count. It is read again when it
        changes, for new connections; so is `certificate`.
        """),
    DirectiveDescription(
      "server_name", in: [.upstream], "server_name NAME", arguments: 1...1,
      summary: "The name that an https upstream's certificate must have.",
      text: """
        Without it: the upstream's own host. It is asked for in the handshake too (SNI), unless it is an address. `Host` is not
        changed by it: that stays what the browser sent.
        """),
    DirectiveDescription(
      "verify", in: [.upstream], "verify off", arguments: 1...1,
      summary: "Believes whatever answers at an https upstream.",
      text: """
        For trying things out: who stands between gets passwords and records. Start-up
        warns of it. An app with a certificate of its own making needs `ca` with that
        certificate instead.
        """),
    DirectiveDescription(
      "certificate", in: [.upstream], "certificate CERTIFICATE KEY", arguments: 2...2,
      summary: "Shown to an https upstream that asks who connects.",
      text: """
        Both are PEM files: the certificate with its chain, and its key, which only the
        gateway may read. An app that asks for it knows that requests come by this gateway.
        """),
    DirectiveDescription(
      "balance", in: [.upstream], "balance round_robin|least_connections", arguments: 1...1, fallback: "round_robin",
      summary: "How requests are spread over several upstreams.",
      text: """
        `round_robin` takes them in turn; `least_connections` the one that has the fewest
        requests under way, and of equal ones the next in turn. Each worker takes turns
        and counts for itself.
        """),
    DirectiveDescription(
      "sticky", in: [.upstream], "sticky session", arguments: 1...1,
      summary: "Sends all requests of a session to the same upstream.",
      text: """
        For an app that keeps something of a user in one server's memory. The server is
        computed from the session's id (rendezvous hashing), so that every worker, and
        this gateway after a restart, finds the same one, and when one goes down only its
        own sessions move: they go to others until it is back. A request without a
        session follows `balance`. With `max_connections` a session waits for its own
        server, also while another is free.
        """),
    DirectiveDescription(
      "health", in: [.upstream], "health PATH [every DURATION] [timeout DURATION] [fails N] [passes N]", arguments: 1...9,
      summary: "Asks each upstream how it is.",
      text: """
        A GET of PATH, over a connection of its own, with the site's first exact host in
        `Host` (the upstream's own if there is none) and no identity or secret. An answer
        from 200 to 399 within `timeout` passes; all else fails. After `fails` failed
        checks in a row an upstream counts as down and gets no requests; after `passes`
        passed ones it is up again and gets a growing share (`slow_start`). Until the
        first checks have told, it counts as up.

        Without more than PATH it is `every 5s timeout 2s fails 3 passes 2`. `every` is
        from 100ms to 1h, `timeout` from 10ms to 10m, the numbers are from 1 to 100.

        One worker asks, and tells the others. Each change is an event in the log, and
        /.anteroom/readyz goes by it.
        """),
    DirectiveDescription(
      "eject", in: [.upstream], "eject after NUMBER for DURATION|off", arguments: 1...4, fallback: "after 5 for 2s",
      summary: "Leaves an upstream out that fails one request after the other.",
      text: """
        A failure is a connection that does not come about, and a request that the app
        leaves without an answer, answers with what is no HTTP, or not within
        `upstream_timeout`; whatever status an app answers, it is none. After NUMBER (1 to
        1000) failures without a success between them the upstream gets no requests for
        DURATION (100ms to 1h). The first failure after its return doubles the time, up
        to eight times DURATION. Each worker counts for itself.

        If no other upstream is left, one that takes connections gets requests all the
        same; while none takes any, the answer is 503. `off`: none is left out for its
        failures.
        """),
    DirectiveDescription(
      "slow_start", in: [.upstream], "slow_start DURATION", arguments: 1...1, fallback: "10s",
      summary: "How long an upstream that comes back takes to get its full share.",
      text: """
        Its share of the requests grows evenly from a sixteenth to all of it, while there
        are others. From 0s (at once) to 1h. `sticky` sessions are back at once.
        """),
    DirectiveDescription(
      "resolve", in: [.upstream], "resolve every DURATION|off", arguments: 1...2, fallback: "every 30s",
      summary: "How often the names of upstreams are looked up.",
      text: """
        From 1s to 1d. New addresses are used from then on; connections to those that are
        gone carry their request to its end, and no other. A name that cannot be looked
        up keeps its addresses. `off`: only at start, and, as always, after a connection
        failed, at most every 5 s. Numeric addresses need none of it.
        """),
    DirectiveDescription(
      "max_connections", in: [.upstream], "max_connections NUMBER", arguments: 1...1,
      summary: "Connections to each upstream address, all workers together.",
      text: """
        From 1 to 1000000; without it there are as many as there are requests. The number
        is shared out evenly among the workers, at least one to each. Idle connections
        and WebSockets count; health checks do not. A request that finds none free waits
        in the `queue`.
        """),
    DirectiveDescription(
      "queue", in: [.upstream], "queue NUMBER [wait DURATION]", arguments: 1...3, fallback: "100 wait 5s",
      summary: "Requests that wait for a connection under `max_connections`.",
      text: """
        They wait after the session was checked and before anything is sent, and go on in
        the order in which they came. One that waited for DURATION (10ms to 10m), and one
        that finds NUMBER (0 to 100000, all workers together) waiting already, is answered
        503 with `Retry-After`. One whose client closes its connection, or only its side
        of it, leaves the queue.
        """),
    DirectiveDescription(
      "inner", in: [.upstream], "inner URL", arguments: 1...1, repeatable: true,
      summary: "What the app calls itself in its answers, where that is not its own address.",
      text: """
        An app that does not know where browsers are writes addresses that only it can use, such as
        `Location: http://app.internal:8080/clinic/home`. With `inner http://app.internal:8080/clinic/` the browser gets
        `https://app.example.com/home`: the scheme and host that it used itself, without the path that URL ends in, and all
        the rest byte for byte. The upstream's own addresses need no `inner`; nor do `http://` addresses of the host that the browser
        used, where it came by https.

        Done in `Location`, `Content-Location` and `Refresh`, for absolute addresses and those that begin with `//`; scheme, host and
        port must be the same. In cookies a `Domain` that is an inner host is taken off, so that the cookie is for the
        host that the browser used, and a `Path` loses the path that URL ends in. Paths on their own (`Location: /home`) and what pages hold go on as they are.
        """),
    DirectiveDescription(
      "rewrite", in: [.upstream], "rewrite on|off", arguments: 1...1, fallback: "on",
      summary: "Whether inner addresses in answers become public ones.",
      text: """
        See `inner`. `off`: answers go on as the app wrote them.
        """),
  ]
}
