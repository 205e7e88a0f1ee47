/// Reads what stands outside every block.
enum TopLevelReader {
  /// - Parameter start: where faults belong that no directive is to blame for.
  static func read(_ directives: [Directive], at start: Position, context: inout LoadContext) -> Configuration? {
    let reader = BlockReader(directives, kind: .top, context: &context)
    let limits = reader.first("limits").map { LimitsReader.read($0, context: &context) } ?? Limits()
    let workers = reader.first("workers").flatMap { threads($0.values[0], context: &context) }
    let shutdown = reader.first("shutdown_timeout").flatMap { context.duration($0.values[0], .zero ... .seconds(3600)) } ?? .seconds(30)
    let handover =
      reader.first("handover_timeout").flatMap { context.duration($0.values[0], .zero ... .seconds(7 * 86_400)) } ?? .seconds(3600)
    let log = reader.first("log").flatMap { eventLog($0, context: &context) } ?? EventLog()
    let accessLog = reader.first("access_log").map { requestLog($0, context: &context) } ?? .to(EventLog())

    let trusted = context.networks(
      reader.all("trusted_proxies"), everybody: "every client may name any address as its own (name the proxies' own addresses)")

    let keys = folder("keys", reader, start, writable: false, context: &context)
    if let keys { context.checkKeys(keys, at: reader.first("keys")?.position ?? start) }
    let state = folder("state", reader, start, writable: true, context: &context)
    let audit = folder("audit", reader, start, writable: true, context: &context)

    let admin = reader.first("admin").flatMap { context.socketPath($0.values[0]) }
    var listenReader = ListenReader()
    let listeners = reader.all("listen").compactMap { listenReader.read($0, context: &context) }
    var siteReader = SiteReader(listeners: listeners)
    let sites = reader.all("site").compactMap { siteReader.read($0, context: &context) }
    if !reader.isGiven("listen") { context.error(start, "nothing to listen on (add `listen 127.0.0.1:8080`)") }
    if !reader.isGiven("site") {
      context.error(start, "no site (add `site app.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd } }`)")
    }
    guard let keys, let state, let audit else { return nil }
    return Configuration(
      file: start.file, workers: workers, listeners: listeners, keys: keys, state: state, log: log, accessLog: accessLog, audit: audit,
      limits: limits, sites: sites, shutdownTimeout: shutdown, handoverTimeout: handover, admin: admin, trustedProxies: trusted)
  }

  private static func threads(_ value: Value, context: inout LoadContext) -> Int? {
    guard value.text != "auto" else { return nil }
    guard ValueText.digits(value.text[...]) != nil else {
      context.error(value.position, "`\(value.shown)` is not a number of threads (write `auto`, or a number from 1 to 1024)")
      return nil
    }
    return context.number(value, 1...1024)
  }

  private static func folder(
    _ name: String, _ reader: BlockReader, _ start: Position, writable: Bool, context: inout LoadContext
  ) -> String? {
    if reader.first(name) == nil, reader.isGiven(name) { return nil }
    return context.folder(name, reader.first(name)?.values[0], at: start, writable: writable)
  }

  private static func eventLog(_ entry: Entry, context: inout LoadContext) -> EventLog? {
    let path = context.logPath(entry.values[0])
    let format = entry.values.count > 1 ? context.choice(entry.values[1], ["text": EventLog.Format.text, "json": .json]) : .text
    guard let path, let format else { return nil }
    return EventLog(path: path, format: format)
  }

  private static func requestLog(_ entry: Entry, context: inout LoadContext) -> AccessLog {
    guard entry.values[0].text == "off" else { return .to(eventLog(entry, context: &context) ?? EventLog()) }
    if entry.values.count > 1 { context.error(entry.values[1].position, "`access_log off` takes nothing more (remove it)") }
    return .off
  }
}
