/// Reads the block of `upstream`.
enum UpstreamSettingsReader {
  /// The directives that are about TLS.
  static let tlsNames: Set<String> = ["verify", "ca", "server_name", "certificate"]

  static func read(_ block: [Directive], context: inout LoadContext) -> UpstreamSettings {
    var settings = UpstreamSettings()
    let reader = BlockReader(block, kind: .upstream, context: &context)
    for entry in reader.entries {
      switch entry.name {
      case "balance":
        let choices: KeyValuePairs = ["round_robin": UpstreamSettings.Balance.roundRobin, "least_connections": .leastConnections]
        if let balance = context.choice(entry.values[0], choices) { settings.balance = balance }
      case "sticky": if context.choice(entry.values[0], ["session": ()]) != nil { settings.isSticky = true }
      case "health": settings.health = readHealth(entry, context: &context)
      case "eject": readEjection(entry, into: &settings, context: &context)
      case "slow_start":
        if let duration = context.duration(entry.values[0], .zero ... .seconds(3600)) { settings.slowStart = duration }
      case "resolve": readResolve(entry, into: &settings, context: &context)
      case "max_connections":
        if let number = context.number(entry.values[0], 1...1_000_000) { settings.maxConnections = number }
      case "queue":
        if let queue = readQueue(entry, context: &context) { settings.queue = queue }
        if !reader.isGiven("max_connections") {
          context.error(entry.position, "`queue` without `max_connections`: no request would ever wait (add `max_connections NUMBER`)")
        }
      case "ca":
        settings.tls.authorities = context.neededFile("the file of authorities", entry.values[0]).map {
          AuthorityFile(path: $0, position: entry.values[0].position)
        }
      case "server_name": settings.tls.serverName = serverName(entry.values[0], context: &context)
      case "verify": if context.choice(entry.values[0], ["off": ()]) != nil { settings.tls.verifies = false }
      case "inner": InnerAddressReader.read(entry, into: &settings, context: &context)
      case "rewrite": settings.rewrites = context.choice(entry.values[0], ["on": true, "off": false]) ?? true
      case "certificate": settings.tls.certificate = context.certificate(entry.values[0], entry.values[1])
      default: break
      }
    }
    InnerAddressReader.check(settings, reader, context: &context)
    if !settings.tls.verifies, let useless = reader.first("ca") ?? reader.first("server_name") {
      context.error(useless.position, "`\(useless.name)` beside `verify off` has nothing to say (take one of them out)")
    }
    return settings
  }

  private static func serverName(_ value: Value, context: inout LoadContext) -> String? {
    let name = value.text.lowercased()
    guard HostName.isValid(name, allowingUnderscore: true) || IPAddress(name) != nil else {
      context.error(value.position, "`\(value.shown)` is not the name of a host (such as app.internal.example)")
      return nil
    }
    return name
  }

  /// `PATH [every DURATION] [timeout DURATION] [fails N] [passes N]`
  private static func readHealth(_ entry: Entry, context: inout LoadContext) -> UpstreamSettings.HealthCheck? {
    guard let path = path(entry.values[0], context: &context) else { return nil }
    var check = UpstreamSettings.HealthCheck(path: path)
    guard let words = words(entry, ["every", "timeout", "fails", "passes"], context: &context) else { return nil }
    for (word, value) in words {
      switch word {
      case "every": if let duration = context.duration(value, .milliseconds(100) ... .seconds(3600)) { check.every = duration }
      case "timeout": if let duration = context.duration(value, .milliseconds(10) ... .seconds(600)) { check.timeout = duration }
      case "fails": if let number = context.number(value, 1...100) { check.fails = number }
      default: if let number = context.number(value, 1...100) { check.passes = number }
      }
    }
    return check
  }

  private static func path(_ value: Value, context: inout LoadContext) -> String? {
    let bytes = value.text.utf8
    let mend: String? =
      if bytes.first != UInt8(ascii: "/") {
        "it is a path of the app and begins with `/`"
      } else if bytes.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") }) {
        "no blanks, `#`, control or non-ASCII characters; percent-encode them"
      } else if bytes.count > 2048 {
        "at most 2048 bytes"
      } else { nil }
    guard let mend else { return value.text }
    context.error(value.position, "`\(value.shown)` cannot be asked for (\(mend))")
    return nil
  }

  /// `after NUMBER for DURATION`, or `off`
  private static func readEjection(_ entry: Entry, into settings: inout UpstreamSettings, context: inout LoadContext) {
    if entry.values.count == 1, entry.values[0].text == "off" {
      settings.ejection = nil
      return
    }
    guard entry.values.count == 4, entry.values[0].text == "after", entry.values[2].text == "for" else {
      context.error(
        entry.values[0].position, "`eject` says after how many failures, and for how long (write `\(entry.description.syntax)`)")
      return
    }
    let failures = context.number(entry.values[1], 1...1000)
    let pause = context.duration(entry.values[3], .milliseconds(100) ... .seconds(3600))
    if let failures, let pause { settings.ejection = UpstreamSettings.Ejection(failures: failures, pause: pause) }
  }

  /// `every DURATION`, or `off`
  private static func readResolve(_ entry: Entry, into settings: inout UpstreamSettings, context: inout LoadContext) {
    if entry.values.count == 1, entry.values[0].text == "off" {
      settings.resolveEvery = nil
      return
    }
    guard entry.values.count == 2, entry.values[0].text == "every" else {
      context.error(entry.values[0].position, "`resolve` says how often (write `\(entry.description.syntax)`)")
      return
    }
    if let duration = context.duration(entry.values[1], .seconds(1) ... .seconds(86_400)) { settings.resolveEvery = duration }
  }

  /// `NUMBER [wait DURATION]`
  private static func readQueue(_ entry: Entry, context: inout LoadContext) -> UpstreamSettings.Queue? {
    guard let length = context.number(entry.values[0], 0...100_000) else { return nil }
    guard let words = words(entry, ["wait"], context: &context) else { return nil }
    var queue = UpstreamSettings.Queue(length: length)
    for (_, value) in words {
      if let duration = context.duration(value, .milliseconds(10) ... .seconds(600)) { queue.wait = duration }
    }
    return queue
  }

  /// What follows the first argument: words of `known`, each at most once, each with its value. `nil` after a diagnostic.
  private static func words(_ entry: Entry, _ known: [String], context: inout LoadContext) -> [(word: String, value: Value)]? {
    var found: [(word: String, value: Value)] = []
    var index = 1
    while index < entry.values.count {
      let word = entry.values[index]
      guard known.contains(word.text), !found.contains(where: { $0.word == word.text }), index + 1 < entry.values.count else {
        context.error(word.position, "`\(word.shown)` is not expected here (write `\(entry.description.syntax)`)")
        return nil
      }
      found.append((word.text, entry.values[index + 1]))
      index += 2
    }
    return found
  }
}
