/// Reads the `login` directives of one site, in their order; and `session`.
struct LoginReader {
  private static let limit = 10

  /// Those that are right.
  private(set) var logins: [LoginSettings] = []
  private var count = 0
  private var password: Position?
  private var clients: [(settings: OpenIDLoginSettings, position: Position)] = []
  private var labels: [String: Position] = [:]
  /// The first login that leaves sessions to somebody else.
  private(set) var outside: Entry?

  mutating func read(_ entry: Entry, headers: inout HeaderNames, context: inout LoadContext) {
    count += 1
    guard count <= Self.limit else {
      if count == Self.limit + 1 { context.error(entry.position, "a site has at most \(Self.limit) logins (take the others out)") }
      return
    }
    guard let kind = readKind(entry, headers: &headers, context: &context) else { return }
    var login = LoginSettings(kind)
    if entry.values.count > 1 {
      guard let title = Self.title(entry.values[1], context: &context) else { return }
      login.title = title
    }
    if let earlier = labels[login.label] {
      context.error(
        entry.position,
        "this login is offered as `\(login.label)`, like the one at \(earlier.shown(from: entry.position)) (give each a title of its own: `login oidc \"Staff\" { ... }`)"
      )
    }
    labels[login.label] = entry.position
    logins.append(login)
  }

  private mutating func readKind(_ entry: Entry, headers: inout HeaderNames, context: inout LoadContext) -> LoginSettings.Kind? {
    let kind = entry.values[0]
    switch kind.text {
    case "password", "oidc": break
    case "app", "forward": if outside == nil { outside = entry }
    default:
      context.error(
        kind.position,
        "`\(kind.shown)` is not a way to sign in (write `login password { users FILE }`, `login oidc { ... }`, `login app { ... }` or `login forward { ... }`)"
      )
      return nil
    }
    guard entry.values.count <= 2, let block = entry.block else {
      let inside =
        switch kind.text {
        case "password": "users FILE"
        case "forward": "check URL; sign_in URL; copy NAME"
        case "app": "page /PATH; signed_in cookie NAME; probe /PATH { user json:NAME }"
        default: "issuer URL; client_id NAME"
        }
      context.error(
        entry.position,
        "`login \(kind.text)` takes a block, before it perhaps a title, and nothing else (write `login \(kind.text) { \(inside) }`)")
      return nil
    }
    if kind.text == "password" {
      if let password {
        context.error(
          entry.position, "`login password` is given twice (the first is at \(password.shown(from: entry.position)); keep one)")
        return nil
      }
      password = entry.position
      return Self.readPassword(entry, block, context: &context).map { .password($0) }
    }
    if kind.text == "app" { return AppLoginReader.read(entry, block, context: &context).map { .app($0) } }
    if kind.text == "forward" {
      return ForwardLoginReader.read(entry, block, headers: &headers, context: &context).map { .forward($0) }
    }
    guard let settings = OpenIDLoginReader.read(entry, block, headers: &headers, context: &context) else { return nil }
    if let earlier = clients.first(where: { $0.settings.issuer == settings.issuer && $0.settings.clientID == settings.clientID }) {
      context.error(
        entry.position,
        "this provider and client have a login at \(earlier.position.shown(from: entry.position)) already (keep one, with all its `allow` lines)"
      )
      return nil
    }
    clients.append((settings, entry.position))
    return .openID(settings)
  }

  /// What must not stand beside a login that leaves sessions to somebody else.
  /// - Parameter session: the site's own `session`.
  func checkOutside(session: Entry?, context: inout LoadContext) {
    guard let outside, let kind = outside.values.first?.text else { return }
    if count > 1 {
      context.error(
        outside.position,
        "`login \(kind)` is the only login of its site (take the others out, or give them a site with a host of its own)")
    }
    for line in session?.block ?? [] where ["idle", "lifetime"].contains(line.name) {
      context.error(
        line.position,
        "`\(line.name)` is about sessions of the gateway's own, which `login \(kind)` has none of: \(kind == "app" ? "the app" : "the checker") says when a session ends (take it out)"
      )
    }
  }

  /// What the choice calls a login.
  private static func title(_ value: Value, context: inout LoadContext) -> String? {
    guard (1...60).contains(value.text.count), !value.text.allSatisfy(\.isWhitespace),
      !value.text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      context.error(value.position, "a title has 1 to 60 characters, and no control characters (such as \"Staff\")")
      return nil
    }
    return value.text
  }

  private static func readPassword(_ entry: Entry, _ block: [Directive], context: inout LoadContext) -> PasswordLoginSettings? {
    let reader = BlockReader(block, kind: .login, context: &context)
    let throttle = reader.first("throttle").map { readThrottle($0, context: &context) } ?? ThrottleSettings()
    guard let users = reader.first("users")?.values[0] else {
      if !reader.isGiven("users") { context.error(entry.position, "`login password` has no accounts file (add `users FILE`)") }
      return nil
    }
    return context.accountsFile(users).map { PasswordLoginSettings(users: $0, throttle: throttle) }
  }

  private static func readThrottle(_ entry: Entry, context: inout LoadContext) -> ThrottleSettings {
    var settings = ThrottleSettings()
    let reader = BlockReader(entry.block ?? [], kind: .throttle, context: &context)
    if let rate = reader.first("account").flatMap({ rate($0, context: &context) }) { settings.account = rate }
    if let rate = reader.first("address").flatMap({ rate($0, context: &context) }) { settings.address = rate }
    if let value = reader.first("lock")?.values[0], let lock = context.duration(value, .seconds(1) ... .seconds(30 * 86_400)) {
      settings.lock = lock
    }
    return settings
  }

  /// `NUMBER in DURATION`
  static func rate(_ entry: Entry, context: inout LoadContext) -> ThrottleSettings.Rate? {
    let count = context.number(entry.values[0], 1...100_000)
    if entry.values[1].text != "in" {
      context.error(entry.values[1].position, "`in` is expected here (write `\(entry.description.syntax)`)")
    }
    let window = context.duration(entry.values[2], .seconds(1) ... .seconds(30 * 86_400))
    guard let count, let window else { return nil }
    return ThrottleSettings.Rate(count: count, window: window)
  }

  static func readSession(_ entry: Entry, context: inout LoadContext) -> SessionSettings {
    var settings = SessionSettings()
    let reader = BlockReader(entry.block ?? [], kind: .session, context: &context)
    let range: ClosedRange<Duration> = .seconds(1) ... .seconds(365 * 86_400)
    let idle = reader.first("idle")?.values[0]
    let lifetime = reader.first("lifetime")?.values[0]
    let before = context.diagnostics.count
    if let idle, let duration = context.duration(idle, range) { settings.idle = duration }
    if let lifetime, let duration = context.duration(lifetime, range) { settings.lifetime = duration }
    if let notice = reader.first("notice")?.values[0] {
      settings.injectsNotice = context.choice(notice, ["inject": true, "off": false]) ?? false
    }
    guard context.diagnostics.count == before, settings.idle > settings.lifetime else { return settings }
    let idleText = ValueText.duration(settings.idle)
    let lifetimeText = ValueText.duration(settings.lifetime)
    context.error(
      (idle ?? lifetime)?.position ?? entry.position,
      "`idle` (\(idleText)) is longer than `lifetime` (\(lifetimeText)) (make `idle` at most \(lifetimeText), or `lifetime` at least \(idleText))"
    )
    return settings
  }
}
