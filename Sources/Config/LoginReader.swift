/// Reads `login` and `session`.
enum LoginReader {
  static func read(_ entry: Entry, context: inout LoadContext) -> PasswordLoginSettings? {
    let kind = entry.values[0]
    switch kind.text {
    case "password": break
    case "oidc", "app", "forward":
      context.error(kind.position, "`login \(kind.text)` is not supported in this version (use `login password { users FILE }`)")
      return nil
    default:
      context.error(kind.position, "`\(kind.shown)` is not a way to sign in (write `login password { users FILE }`)")
      return nil
    }
    guard entry.values.count == 1, let block = entry.block else {
      context.error(entry.position, "`login password` takes a block and nothing else (write `login password { users FILE }`)")
      return nil
    }
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
  private static func rate(_ entry: Entry, context: inout LoadContext) -> ThrottleSettings.Rate? {
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
