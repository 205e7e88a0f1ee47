/// Reads `websocket` and `event_stream`.
enum StreamReader {
  static func readWebSocket(_ entry: Entry, context: inout LoadContext) -> WebSocketSettings {
    var settings = WebSocketSettings()
    for entry in BlockReader(entry.block ?? [], kind: .websocket, context: &context).entries {
      let value = entry.values[0]
      switch entry.name {
      case "origin": if let origin = readOrigin(entry, context: &context) { settings.origin = origin }
      case "idle_timeout": settings.idleTimeout = idleTimeout(value, context: &context)
      case "ends_with_session": if let ends = yesOrNo(value, context: &context) { settings.endsWithSession = ends }
      case "connections": LimitsReader.setOptional(&settings.connections, value, &context) { $0.number($1, 1...1_000_000) }
      case "connections_per_user":
        LimitsReader.setOptional(&settings.connectionsPerUser, value, &context) { $0.number($1, 1...1_000_000) }
      default: break
      }
    }
    return settings
  }

  static func readEventStream(_ entry: Entry, context: inout LoadContext) -> EventStreamSettings {
    var settings = EventStreamSettings()
    for entry in BlockReader(entry.block ?? [], kind: .eventStream, context: &context).entries {
      switch entry.name {
      case "idle_timeout": settings.idleTimeout = idleTimeout(entry.values[0], context: &context)
      case "ends_with_session": if let ends = yesOrNo(entry.values[0], context: &context) { settings.endsWithSession = ends }
      default: break
      }
    }
    return settings
  }

  private static func idleTimeout(_ value: Value, context: inout LoadContext) -> Duration? {
    context.duration(value, .milliseconds(10) ... .seconds(604_800))
  }

  private static func yesOrNo(_ value: Value, context: inout LoadContext) -> Bool? { context.choice(value, ["yes": true, "no": false]) }

  /// `same`, `any`, or origins.
  private static func readOrigin(_ entry: Entry, context: inout LoadContext) -> WebSocketSettings.Origin? {
    let words = entry.values.map(\.text)
    if words == ["any"] { return .any }
    if words == ["same"] { return .same(others: []) }
    var others: [String] = []
    for value in entry.values {
      if value.text == "same" { continue }
      guard let origin = origin(value.text) else {
        let mend = value.text == "any" ? "`any` stands alone" : "`same`, `any`, or a scheme and a host: https://portal.example.com"
        context.error(value.position, "`\(value.shown)` is not an origin (\(mend))")
        return nil
      }
      others.append(origin)
    }
    return .same(others: others)
  }

  /// An origin as browsers write it (RFC 6454, section 6.2).
  private static func origin(_ text: String) -> String? {
    let lower = text.lowercased()
    guard let scheme = ["https", "http"].first(where: { lower.hasPrefix($0 + "://") }) else { return nil }
    let authority = lower.dropFirst(scheme.utf8.count + 3)
    var host = authority
    var port: Int?
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      guard let number = ValueText.digits(authority[authority.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      port = number == (scheme == "https" ? 443 : 80) ? nil : number
      host = authority[..<colon]
    }
    let inBrackets = host.hasPrefix("[") && host.hasSuffix("]")
    let isHost = inBrackets ? host.contains(":") && IPAddress(String(host.dropFirst().dropLast())) != nil : HostName.isValid(String(host))
    guard isHost else { return nil }
    return "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "")
  }
}
