/// `websocket`: connections that stay, with bytes both ways.
package struct WebSocketSettings: Sendable, Equatable {
  /// Whose pages may open one.
  package enum Origin: Sendable, Equatable {
    case any
    /// The site's own pages, and those of these origins: `scheme://host[:port]` in lower case, without a default port.
    case same(others: [String])
  }

  package var origin = Origin.same(others: [])
  /// Nothing moves: 10 ms to 7 d; `nil` for `Limits.tunnelTimeout`.
  package var idleTimeout: Duration?
  /// It does not outlive the session that opened it.
  package var endsWithSession = true
  /// At once: 1 to 1,000,000; `nil` for no limit.
  package var connections: Int?
  /// Of one user, at once: 1 to 1,000,000; `nil` for no limit.
  package var connectionsPerUser: Int?

  package init() {}
}

/// `event_stream`: answers of the type `text/event-stream`.
package struct EventStreamSettings: Sendable, Equatable {
  /// Nothing comes: 10 ms to 7 d; `nil` for `Limits.tunnelTimeout`.
  package var idleTimeout: Duration?
  /// It does not outlive the session that asked for it.
  package var endsWithSession = true

  package init() {}
}
