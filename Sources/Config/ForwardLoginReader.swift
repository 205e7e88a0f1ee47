/// Reads the block of `login forward`.
struct ForwardLoginReader {
  private let entry: Entry
  private let reader: BlockReader

  private init(_ entry: Entry, _ block: [Directive], context: inout LoadContext) {
    self.entry = entry
    reader = BlockReader(block, kind: .forward, context: &context)
  }

  /// The settings, or `nil` after a diagnostic.
  static func read(_ entry: Entry, _ block: [Directive], headers: inout HeaderNames, context: inout LoadContext) -> ForwardLoginSettings? {
    let reader = ForwardLoginReader(entry, block, context: &context)
    let before = context.diagnostics.count { $0.severity == .error }
    let check = reader.check(context: &context)
    var settings = ForwardLoginSettings(check: check ?? "")
    settings.signIn = reader.signIn(context: &context)
    settings.signOut = reader.first("sign_out").flatMap { reader.page($0, mayName: false, context: &context) }
    settings.copy = reader.copy(headers: &headers, context: &context)
    reader.identity(into: &settings, context: &context)
    reader.cache(into: &settings, context: &context)
    settings.authorities = reader.authorities(check, context: &context)
    return context.diagnostics.count { $0.severity == .error } == before ? settings : nil
  }

  private func first(_ name: String) -> Entry? { reader.first(name) }

  private func check(context: inout LoadContext) -> String? {
    guard let entry = first("check") else {
      if !reader.isGiven("check") {
        context.error(
          self.entry.position,
          "`login forward` asks nobody (add `check URL`, such as `check https://auth.example.com/api/authz/auth-request`)")
      }
      return nil
    }
    let value = entry.values[0]
    guard let address = address(entry, mayName: true, context: &context) else { return nil }
    guard !address.isSecure, !address.isLoopback else { return value.text }
    guard address.isLocal else {
      context.error(
        value.position,
        "`\(value.shown)` would send everybody's cookies over the network in the clear (write https://, with `ca FILE` if needed)")
      return nil
    }
    context.warning(
      value.position, "everybody's cookies go to \(address.host) without TLS (write https://, unless nobody else can listen on the way)")
    return value.text
  }

  private func signIn(context: inout LoadContext) -> String? {
    guard let entry = first("sign_in"), let address = page(entry, mayName: true, context: &context) else { return nil }
    guard address.contains(ForwardLoginSettings.placeholder) else {
      context.error(
        entry.values[0].position,
        "nobody would come back from there to the patient (say where the address to come back to belongs, such as `?rd={url}`)")
      return nil
    }
    return address
  }

  /// An address that browsers are sent to.
  private func page(_ entry: Entry, mayName: Bool, context: inout LoadContext) -> String? {
    let value = entry.values[0]
    guard let address = address(entry, mayName: mayName, context: &context) else { return nil }
    if !address.isSecure, !address.isLoopback {
      context.warning(value.position, "people sign in without TLS at \(address.host) (write https://)")
    }
    return value.text
  }

  /// - Parameter mayName: it may have `{url}` in it, once.
  private func address(_ entry: Entry, mayName: Bool, context: inout LoadContext) -> IssuerAddress? {
    let value = entry.values[0]
    let parts = value.text.split(separator: ForwardLoginSettings.placeholder, omittingEmptySubsequences: false)
    let plain = parts.joined(separator: "url")
    let whole = IssuerAddress(String(plain.prefix { $0 != "?" && $0 != "#" }))
    let mend: String? =
      if plain.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || "\"<>\\^`{|}".utf8.contains($0) }) {
        mayName ? "visible ASCII characters only, and of braces `{url}` alone" : "visible ASCII characters only, without braces"
      } else if parts.count > 2 || (parts.count == 2 && !mayName) {
        mayName ? "write `{url}` once" : "there is nothing to come back to: leave `{url}` out"
      } else if plain.utf8.count > 2048 {
        "at most 2048 bytes"
      } else if whole == nil || whole?.host == "url" {
        "a whole address: https://HOST/PATH"
      } else if entry.name == "check", plain.contains("#") {
        "servers hear of no fragment; leave out what begins with `#`"
      } else { nil }
    guard let mend else { return whole }
    context.error(value.position, "`\(value.shown)` cannot be `\(entry.name)` (\(mend))")
    return nil
  }

  private func copy(headers: inout HeaderNames, context: inout LoadContext) -> [String] {
    var names: [String] = []
    for entry in reader.all("copy") {
      for value in entry.values {
        let folded = HeaderName.folded(value.text)
        if folded.hasPrefix("content-") || Self.ofAnswer.contains(folded) {
          context.error(value.position, "`\(value.shown)` is about the checker's answer, and not about who is signed in (take it out)")
          continue
        }
        if let name = headers.claim(value, for: entry.name, context: &context) { names.append(name) }
      }
    }
    return names
  }

  private static let ofAnswer: Set = ["cache-control", "date", "location", "server", "vary", "www-authenticate"]

  private func identity(into settings: inout ForwardLoginSettings, context: inout LoadContext) {
    settings.user = settings.copy.first
    for entry in reader.entries {
      switch entry.name {
      case "user": settings.user = entry.values[0].text == "none" ? nil : field(entry.values[0], context: &context)
      case "name": settings.name = field(entry.values[0], context: &context)
      case "email": settings.email = field(entry.values[0], context: &context)
      case "groups": settings.groups = field(entry.values[0], context: &context)
      default: break
      }
    }
    guard settings.user == nil, !reader.isGiven("user"), !reader.isGiven("copy") else { return }
    context.error(
      entry.position,
      "nobody would know who is signed in (add `copy NAME` with the field that the checker names the user in, such as `copy Remote-User`, or write `user none`)"
    )
  }

  private func field(_ value: Value, context: inout LoadContext) -> String? {
    if HeaderName.isToken(value.text) { return value.text }
    context.error(value.position, "`\(value.shown)` is not a header name (letters, digits and dashes, such as Remote-User)")
    return nil
  }

  /// `DURATION [any_path]`
  private func cache(into settings: inout ForwardLoginSettings, context: inout LoadContext) {
    guard let entry = first("cache") else { return }
    settings.cache = context.duration(entry.values[0], .seconds(1) ... .seconds(3600))
    if entry.values.count > 1 { settings.cacheIgnoresPath = context.choice(entry.values[1], ["any_path": true]) ?? false }
  }

  private func authorities(_ check: String?, context: inout LoadContext) -> String? {
    guard let entry = first("ca") else { return nil }
    if let check, check.hasPrefix("http://") {
      context.error(entry.position, "`ca` is about TLS, which this checker does not speak (write `check` with https://, or take it out)")
    }
    return context.neededFile("the file of authorities", entry.values[0])
  }
}

extension IssuerAddress {
  /// Whether it can only be on this machine or network: a private address, or a name without a dot, as containers have.
  fileprivate var isLocal: Bool {
    guard let address = IPAddress(host) else { return !host.contains(".") }
    return address.isPrivate
  }
}
