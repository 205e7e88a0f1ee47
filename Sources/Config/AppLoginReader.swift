/// Reads the block of `login app`.
struct AppLoginReader {
  private let entry: Entry
  private let reader: BlockReader

  /// The settings, or `nil` after a diagnostic.
  static func read(_ entry: Entry, _ block: [Directive], context: inout LoadContext) -> AppLoginSettings? {
    let reader = AppLoginReader(entry: entry, reader: BlockReader(block, kind: .app, context: &context))
    let before = context.diagnostics.count { $0.severity == .error }
    let pages = reader.pages(context: &context)
    let cookie = reader.cookie(context: &context)
    let probe = reader.probe(context: &context)
    var settings = AppLoginSettings(
      pages: pages?.patterns ?? [], page: pages?.first ?? "/", cookie: cookie ?? "", probe: probe ?? .init(target: "/", user: .none))
    settings.afterLogin = context.patterns(reader.reader.all("after_login")).map(\.pattern)
    settings.logout = context.patterns(reader.reader.all("logout")).map(\.pattern)
    if let value = reader.reader.first("recheck")?.values[0], let recheck = context.duration(value, .seconds(1) ... .seconds(3600)) {
      settings.recheck = recheck
    }
    if let entry = reader.reader.first("probe_limit"), let rate = LoginReader.rate(entry, context: &context) { settings.strangers = rate }
    if let value = reader.reader.first("sessions")?.values[0], let count = context.number(value, 16...1_000_000) {
      settings.sessions = count
    }
    guard pages != nil, cookie != nil, probe != nil, context.diagnostics.count(where: { $0.severity == .error }) == before else {
      return nil
    }
    return settings
  }

  private func missing(_ name: String, _ text: String, context: inout LoadContext) {
    if !reader.isGiven(name) { context.error(entry.position, text) }
  }

  // MARK: page

  private func pages(context: inout LoadContext) -> (patterns: [PathPattern], first: String)? {
    let entries = reader.all("page")
    guard let value = entries.first?.values.first else {
      missing("page", "`login app` has no login page (add `page /PATH`, the app's own)", context: &context)
      return nil
    }
    var patterns = context.patterns(entries).map(\.pattern)
    guard patterns.count == entries.reduce(0, { $0 + $1.values.count }) else { return nil }
    if let all = entries.flatMap(\.values).first(where: { $0.text == "/*" }) {
      context.error(all.position, "`page /*` would open the whole app to everybody (name the login page)")
      return nil
    }
    var first = value.text
    if first.hasSuffix("/*") {
      first.removeLast(2)
      // Where the page itself has no final slash, its second steps are below it.
      if !patterns.contains(PathPattern(first)) { patterns.append(PathPattern(first)) }
    }
    guard !first.contains("*") else {
      context.error(value.position, "people cannot be sent to `\(value.shown)` (name the login page first, and then its other addresses)")
      return nil
    }
    return (patterns, first)
  }

  // MARK: signed_in

  private func cookie(context: inout LoadContext) -> String? {
    guard let entry = reader.first("signed_in") else {
      missing(
        "signed_in",
        "`login app` does not know the app's session cookie (add `signed_in cookie NAME`, such as `signed_in cookie sessionid`)",
        context: &context)
      return nil
    }
    guard entry.values[0].text == "cookie" else {
      context.error(entry.values[0].position, "`cookie` is expected here (write `\(entry.description.syntax)`)")
      return nil
    }
    let value = entry.values[1]
    // RFC 6265, section 4.1.1.
    guard HeaderName.isToken(value.text) else {
      context.error(value.position, "`\(value.shown)` is not a cookie's name (write it as the browser's developer tools show it)")
      return nil
    }
    guard !value.text.lowercased().contains("anteroom") else {
      context.error(
        value.position, "`\(value.shown)` is in the gateway's own name space, and is never the app's (name the app's session cookie)")
      return nil
    }
    return value.text
  }

  // MARK: probe

  private func probe(context: inout LoadContext) -> AppLoginSettings.Probe? {
    guard let entry = reader.first("probe") else {
      missing(
        "probe", "`login app` cannot ask the app who is signed in (add `probe /PATH { user json:NAME }`, see the topic `app-login`)",
        context: &context)
      return nil
    }
    let value = entry.values[0]
    let (path, query) = (value.text.prefix { $0 != "?" }, value.text.drop { $0 != "?" })
    if let mend = LoadContext.patternMend(String(path)) ?? (path.contains("*") ? "one address, without `*`" : nil) {
      context.error(value.position, "`\(value.shown)` is not an address that can be asked (\(mend))")
      return nil
    }
    guard query.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"#<>\\^`{|}".utf8.contains($0) }) else {
      context.error(value.position, "`\(value.shown)` is not an address that can be asked (visible ASCII characters only)")
      return nil
    }
    let inner = BlockReader(entry.block ?? [], kind: .probe, context: &context)
    guard let user = inner.first("user")?.values[0] else {
      if !inner.isGiven("user") {
        context.error(
          entry.position, "`probe` does not say where the user's name is (add `user json:NAME`, `user header:NAME` or `user none`)")
      }
      return nil
    }
    return source(user, context: &context).map { AppLoginSettings.Probe(target: value.text, user: $0) }
  }

  private func source(_ value: Value, context: inout LoadContext) -> AppLoginSettings.UserSource? {
    if value.text == "none" { return AppLoginSettings.UserSource.none }
    if value.text.hasPrefix("json:") {
      let path = value.text.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if path.count <= 16, path.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 100 }) { return .json(path) }
    }
    if value.text.hasPrefix("header:") {
      let name = String(value.text.dropFirst(7))
      if HeaderName.isToken(name) { return .header(name) }
    }
    context.error(
      value.position,
      "`\(value.shown)` does not say where the user's name is (write `json:NAME`, `json:NAME.NAME` for one inside another, `header:NAME`, or `none`)"
    )
    return nil
  }
}
