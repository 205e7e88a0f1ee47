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
      case "upstream_idle": set(&limits.upstreamIdle, context.number(value, 0...10_000))
      case "pending_logins": set(&limits.pendingLogins, context.number(value, 1...100_000))
      case "pending_returns": set(&limits.pendingReturns, context.number(value, 1...1_000_000))
      case "throttle_entries": set(&limits.throttleEntries, context.number(value, 100...10_000_000))
      default: break
      }
    }
    return limits
  }

  private static func set<V>(_ field: inout V, _ value: V?) {
    if let value { field = value }
  }
}
