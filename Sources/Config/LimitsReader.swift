/// Reads `limits`.
enum LimitsReader {
  static func read(_ entry: Entry, context: inout LoadContext) -> Limits {
    var limits = Limits()
    for entry in BlockReader(entry.block ?? [], kind: .limits, context: &context).entries {
      let value = entry.values[0]
      switch entry.name {
      case "header_bytes": set(&limits.headerBytes, context.size(value, 1 << 10...1 << 20))
      case "header_count": set(&limits.headerCount, context.number(value, 10...10_000))
      case "body": set(&limits.body, context.size(value, 1...1 << 40))
      case "header_timeout": set(&limits.headerTimeout, context.duration(value, .milliseconds(10) ... .seconds(600)))
      case "idle_timeout": set(&limits.idleTimeout, context.duration(value, .milliseconds(10) ... .seconds(86_400)))
      case "upstream_timeout": set(&limits.upstreamTimeout, context.duration(value, .milliseconds(10) ... .seconds(86_400)))
      case "upstream_stall_timeout":
        set(&limits.upstreamStallTimeout, context.duration(value, .milliseconds(10) ... .seconds(86_400)))
      case "tunnel_timeout": set(&limits.tunnelTimeout, context.duration(value, .milliseconds(10) ... .seconds(604_800)))
      case "connect_timeout": set(&limits.connectTimeout, context.duration(value, .milliseconds(10) ... .seconds(600)))
      case "connections": set(&limits.connections, context.number(value, 1...1_000_000))
      case "handshakes": set(&limits.handshakes, context.number(value, 1...100_000))
      case "connections_per_address": setOptional(&limits.connectionsPerAddress, value, &context) { $0.number($1, 1...1_000_000) }
      case "body_rate": setOptional(&limits.bodyRate, value, &context) { $0.size($1, 1...1 << 30) }
      case "send_rate": setOptional(&limits.sendRate, value, &context) { $0.size($1, 1...1 << 30) }
      case "rate_grace": set(&limits.rateGrace, context.duration(value, .milliseconds(10) ... .seconds(3600)))
      case "upstream_idle": set(&limits.upstreamIdle, context.number(value, 0...10_000))
      case "pending_logins": set(&limits.pendingLogins, context.number(value, 1...100_000))
      case "pending_checks": set(&limits.pendingChecks, context.number(value, 1...1_000_000))
      case "cached_checks": set(&limits.cachedChecks, context.number(value, 1...1_000_000))
      case "pending_returns": set(&limits.pendingReturns, context.number(value, 1...1_000_000))
      case "provider_sessions": set(&limits.providerSessions, context.number(value, 1...10_000_000))
      case "held_forms": set(&limits.heldForms, context.size(value, 0...1 << 40))
      case "throttle_entries": set(&limits.throttleEntries, context.number(value, 100...10_000_000))
      default: break
      }
    }
    return limits
  }

  /// A limit that may be turned off.
  static func setOptional(
    _ field: inout Int?, _ value: Value, _ context: inout LoadContext, _ read: (inout LoadContext, Value) -> Int?
  ) {
    if value.text == "off" { field = nil } else if let number = read(&context, value) { field = number }
  }

  /// `limits` of a site: the requests that may be with its app at once, or `nil`.
  static func readSite(_ entry: Entry, context: inout LoadContext) -> Int? {
    var requests: Int?
    for entry in BlockReader(entry.block ?? [], kind: .siteLimits, context: &context).entries where entry.name == "requests" {
      setOptional(&requests, entry.values[0], &context) { $0.number($1, 1...1_000_000) }
    }
    return requests
  }

  /// `connections` of a listener, or `nil`.
  static func readListener(_ entry: Entry, context: inout LoadContext) -> Int? {
    var connections: Int?
    setOptional(&connections, entry.values[0], &context) { $0.number($1, 1...1_000_000) }
    return connections
  }

  private static func set<V>(_ field: inout V, _ value: V?) {
    if let value { field = value }
  }
}
