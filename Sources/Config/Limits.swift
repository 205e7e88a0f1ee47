/// `limits`: bounds on everything a peer can make the gateway keep or wait for. The manual's table of directives has each one's range.
package struct Limits: Sendable, Equatable {
  /// Bytes of a request head, request line included.
  package var headerBytes = 16 << 10
  /// Fields in a request head.
  package var headerCount = 100
  /// Bytes of a request body.
  package var body = 100 << 20
  /// From the first byte of a request head to its last.
  package var headerTimeout = Duration.seconds(10)
  /// A connection without a request, or a body or answer that does not move.
  package var idleTimeout = Duration.seconds(60)
  /// From the end of the request to the head of the upstream's answer.
  package var upstreamTimeout = Duration.seconds(60)
  /// Between two pieces of an upstream's answer, or of a request's body that it takes.
  package var upstreamStallTimeout = Duration.seconds(60)
  /// A WebSocket, or a stream of events, on which nothing moves.
  package var tunnelTimeout = Duration.seconds(3600)
  /// To connect to an upstream.
  package var connectTimeout = Duration.seconds(5)
  /// Client connections, all listeners together.
  package var connections = 10_000
  /// Those of one client address, an IPv6 client's /64; `nil` for no limit.
  package var connectionsPerAddress: Int?
  /// Bytes a second at which a request body must come; `nil` for no limit.
  package var bodyRate: Int? = 500
  /// Bytes a second at which an answer must be taken; `nil` for no limit.
  package var sendRate: Int? = 500
  /// How long a client may fall short of either.
  package var rateGrace = Duration.seconds(20)
  /// TLS handshakes under way, all workers together.
  package var handshakes = 1000
  /// Idle connections kept to each upstream by each worker.
  package var upstreamIdle = 64
  /// Password checks waiting for a thread; beyond it, a login is answered 503.
  package var pendingLogins = 64
  /// Questions to the checker of a `login forward` that wait for its answer; beyond it, a request is answered 503.
  package var pendingChecks = 1_000
  /// Answers of a checker that are remembered while `cache` has them believed.
  package var cachedChecks = 20_000
  /// Long return addresses that wait in the store, all browsers together.
  package var pendingReturns = 1_000
  /// Sessions that follow a provider, all sites together.
  package var providerSessions = 20_000
  /// Bytes of forms that wait for their senders' logins, all sites together; 0 for none.
  package var heldForms = 64 << 20
  /// Accounts, addresses and devices that the login throttle remembers, each.
  package var throttleEntries = 50_000

  package init() {}
}
