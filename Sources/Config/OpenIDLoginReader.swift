/// Reads the block of `login oidc`.
struct OpenIDLoginReader {
  private let entry: Entry
  private let reader: BlockReader

  private init(_ entry: Entry, _ block: [Directive], context: inout LoadContext) {
    self.entry = entry
    reader = BlockReader(block, kind: .oidc, context: &context)
  }

  /// The settings, or `nil` after a diagnostic.
  static func read(_ entry: Entry, _ block: [Directive], headers: inout HeaderNames, context: inout LoadContext) -> OpenIDLoginSettings? {
    let reader = OpenIDLoginReader(entry, block, context: &context)
    let before = context.diagnostics.count
    let issuer = reader.issuer(context: &context)
    let clientID = reader.clientID(context: &context)
    var settings = OpenIDLoginSettings(issuer: issuer ?? "", clientID: clientID ?? "")
    settings.credential = reader.credential(context: &context)
    reader.rest(into: &settings, headers: &headers, context: &context)
    if let issuer, let address = IssuerAddress(issuer) {
      reader.check(settings, at: address, mayWarn: context.diagnostics.count == before, context: &context)
    }
    return issuer == nil || clientID == nil ? nil : settings
  }

  private func issuer(context: inout LoadContext) -> String? {
    guard let value = reader.first("issuer")?.values[0] else {
      if !reader.isGiven("issuer") {
        context.error(entry.position, "`login oidc` has no provider (add `issuer URL`, such as `issuer https://login.example.com`)")
      }
      return nil
    }
    guard let mend = Self.mend(value.text) else { return value.text }
    context.error(value.position, "`\(value.shown)` cannot be an issuer (\(mend))")
    return nil
  }

  private static func mend(_ text: String) -> String? {
    if text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || "\"<>\\^`{|}".utf8.contains($0) }) {
      return "visible ASCII characters only; percent-encode others"
    }
    if text.utf8.count > 1024 { return "at most 1024 bytes" }
    if !text.hasPrefix("https://"), !text.hasPrefix("http://") {
      return "write it as the provider does: https://HOST/PATH, with https in small letters"
    }
    if text.contains("?") || text.contains("#") { return "an issuer has no query and no fragment; leave them out" }
    if text.contains("/.well-known/") { return "leave out `/.well-known/...`: the gateway adds it" }
    if text.split(separator: "/").dropFirst().first?.contains("@") == true { return "leave out what stands before the `@`" }
    guard let address = IssuerAddress(text) else {
      return "it has no usable host and port; such as https://login.example.com/realms/clinic"
    }
    if !address.isSecure, !address.isLoopback { return "http is for a provider on loopback only; write https://" }
    return nil
  }

  private func clientID(context: inout LoadContext) -> String? {
    guard let value = reader.first("client_id")?.values[0] else {
      if !reader.isGiven("client_id") {
        context.error(entry.position, "`login oidc` has no client (add `client_id NAME`, as it is registered with the provider)")
      }
      return nil
    }
    return plain(value, "a client's name", limit: 1024, context: &context)
  }

  private func credential(context: inout LoadContext) -> OpenIDLoginSettings.Credential {
    let secret = reader.first("client_secret")?.values[0]
    let key = reader.first("private_key")?.values[0]
    if reader.isGiven("client_secret"), let second = reader.first("private_key"), reader.isGiven("private_key") {
      context.error(
        second.position, "`private_key` beside `client_secret`: a client has one or the other (keep the one that is registered)")
    }
    if let key { return context.neededFile("the private key", key, isSecret: true).map { .privateKey(path: $0) } ?? .none }
    guard let secret else { return .none }
    // Says nothing of the secret itself.
    guard (1...4096).contains(secret.text.utf8.count), !Self.hasControls(secret.text) else {
      context.error(secret.position, "the secret is not one that a provider gives out (1 to 4096 bytes without control characters)")
      return .none
    }
    return .secret(secret.text)
  }

  private func rest(into settings: inout OpenIDLoginSettings, headers: inout HeaderNames, context: inout LoadContext) {
    for entry in reader.entries {
      switch entry.name {
      case "scopes": settings.scopes = scopes(entry, context: &context)
      case "allow":
        guard let rule = allowRule(entry, context: &context) else { continue }
        guard !settings.allow.contains(rule) else {
          context.error(entry.position, "this `allow` is there already (keep one)")
          continue
        }
        settings.allow.append(rule)
      case "claims": settings.claims = claims(entry, context: &context)
      case "max_age":
        if let duration = context.duration(entry.values[0], .zero ... .seconds(365 * 86_400)) { settings.maxAge = duration }
      case "logout":
        let choices: KeyValuePairs = ["provider": OpenIDLoginSettings.Logout.provider, "local": .local]
        if let logout = context.choice(entry.values[0], choices) { settings.logout = logout }
      case "response_mode":
        let choices: KeyValuePairs = ["query": OpenIDLoginSettings.ResponseMode.query, "form_post": .formPost]
        if let mode = context.choice(entry.values[0], choices) { settings.responseMode = mode }
      case "bearer": settings.bearer = bearer(entry, context: &context)
      case "access_token_header":
        settings.accessTokenHeader = headers.claim(entry.values[0], for: entry.name, isRepeatable: true, context: &context)
      case "ca": settings.authorities = context.neededFile("the file of authorities", entry.values[0])
      default: break
      }
    }
  }

  private func scopes(_ entry: Entry, context: inout LoadContext) -> [String] {
    var scopes: [String] = []
    for value in entry.values {
      // RFC 6749 section 3.3.
      guard (1...256).contains(value.text.utf8.count),
        value.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
      else {
        context.error(value.position, "`\(value.shown)` is not a scope (visible ASCII characters without `\"` and `\\`, such as profile)")
        continue
      }
      guard !scopes.contains(value.text) else {
        context.error(value.position, "`\(value.shown)` is named twice (keep one)")
        continue
      }
      scopes.append(value.text)
    }
    return scopes.contains("openid") ? scopes : ["openid"] + scopes
  }

  /// `email_domain DOMAIN`, `group NAME` or `claim NAME VALUE`
  private func allowRule(_ entry: Entry, context: inout LoadContext) -> OpenIDLoginSettings.AllowRule? {
    let kind = entry.values[0]
    let wanted: KeyValuePairs = ["email_domain": 2, "group": 2, "claim": 3]
    guard let count = context.choice(kind, wanted) else { return nil }
    guard entry.values.count == count else {
      let syntax = kind.text == "claim" ? "allow claim NAME VALUE" : "allow \(kind.text) \(kind.text == "group" ? "NAME" : "DOMAIN")"
      context.error(kind.position, "`allow \(kind.text)` takes \(count - 1 == 1 ? "one value" : "a name and a value") (write `\(syntax)`)")
      return nil
    }
    switch kind.text {
    case "email_domain": return emailDomain(entry.values[1], context: &context).map { .emailDomain($0) }
    case "group": return plain(entry.values[1], "a group", limit: 1024, context: &context).map { .group($0) }
    default:
      let name = plain(entry.values[1], "a claim", limit: 256, context: &context)
      let value = plain(entry.values[2], "a claim's value", limit: 1024, context: &context)
      guard let name, let value else { return nil }
      return .claim(name: name, value: value)
    }
  }

  private func emailDomain(_ value: Value, context: inout LoadContext) -> String? {
    let domain = value.text.lowercased()
    let mend: String? =
      if domain.utf8.first == UInt8(ascii: "@") {
        "leave the `@` out: \(domain.dropFirst().prefix(253))"
      } else if domain.contains("@") {
        "a domain, not an address: what stands behind the `@`"
      } else if domain.contains("*") {
        "name each domain: a subdomain is another one"
      } else if domain.utf8.contains(where: { $0 >= 0x80 }) {
        "write an international name in its ASCII form, which begins with xn--"
      } else if !HostName.isValid(domain) || !domain.contains(".") || IPAddress(domain) != nil {
        "labels of letters, digits and dashes with dots between them, such as clinic.example"
      } else { nil }
    guard let mend else { return domain }
    context.error(value.position, "`\(value.shown)` is not a domain of e-mail addresses (\(mend))")
    return nil
  }

  private func claims(_ entry: Entry, context: inout LoadContext) -> OpenIDLoginSettings.ClaimNames {
    var names = OpenIDLoginSettings.ClaimNames()
    for entry in BlockReader(entry.block ?? [], kind: .claims, context: &context).entries {
      guard let name = plain(entry.values[0], "a claim", limit: 256, context: &context) else { continue }
      switch entry.name {
      case "user": names.user = name
      case "name": names.name = name
      case "email": names.email = name
      case "groups": names.groups = name
      default: break
      }
    }
    return names
  }

  private func bearer(_ entry: Entry, context: inout LoadContext) -> OpenIDLoginSettings.Bearer? {
    let reader = BlockReader(entry.block ?? [], kind: .bearer, context: &context)
    let forwards = reader.first("forward").flatMap { context.choice($0.values[0], ["yes": true, "no": false]) } ?? false
    guard let audience = reader.first("audience")?.values[0] else {
      if !reader.isGiven("audience") {
        context.error(entry.position, "`bearer` without an audience would take tokens that are meant for others (add `audience NAME`)")
      }
      return nil
    }
    return plain(audience, "an audience", limit: 1024, context: &context).map { .init(audience: $0, forwards: forwards) }
  }

  /// What makes sense by itself, and not with this issuer.
  private func check(
    _ settings: OpenIDLoginSettings, at address: IssuerAddress, mayWarn: Bool, context: inout LoadContext
  ) {
    if !address.isSecure, let useless = reader.first("ca") {
      context.error(useless.position, "`ca` is about TLS, which this issuer does not speak (write the issuer as https://, or take it out)")
    }
    let place = reader.first("issuer")?.values[0].position ?? entry.position
    if address.isEveryTenant { checkTenants(at: place, context: &context) }
    guard mayWarn, address.isGoogle else { return }
    if settings.allow.isEmpty {
      context.warning(
        place, "everybody with a Google account may sign in (add `allow claim hd DOMAIN`, the domain of your Google Workspace)")
    }
    if settings.claims.user == OpenIDLoginSettings.ClaimNames().user {
      context.warning(place, "Google sends no `preferred_username`: nobody can sign in (add `claims { user email }`)")
    }
  }

  /// Whoever has a tenant of their own says there who is in which group and has which address.
  private func checkTenants(at place: Position, context: inout LoadContext) {
    let rules = reader.all("allow")
    let isTenant = { (rule: Entry) in rule.values.count == 3 && rule.values[0].text == "claim" && rule.values[1].text == "tid" }
    guard rules.contains(where: isTenant) else {
      context.error(
        place,
        "this issuer is every tenant of Microsoft Entra, strangers' among them (write your tenant's id in its path, or add `allow claim tid ID`)"
      )
      return
    }
    for rule in rules where !isTenant(rule) {
      context.error(
        rule.position, "with an issuer for every tenant this lets in people of any of them (write your tenant's id in the issuer's path)")
    }
  }

  private func plain(_ value: Value, _ what: String, limit: Int, context: inout LoadContext) -> String? {
    guard (1...limit).contains(value.text.utf8.count), !Self.hasControls(value.text) else {
      context.error(value.position, "`\(value.shown)` cannot be \(what) (1 to \(limit) bytes without control characters)")
      return nil
    }
    return value.text
  }

  private static func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
