import Config
import JOSE

/// Who somebody is to the site, and whether it lets them in.
///
/// A claim that the site wants for the user's name and that is missing is never replaced by another one: two people could then have one
/// name. An address counts as an e-mail address if it has one `@`, and where the token or userinfo has `email_verified`, that is true.
/// A group with a comma is left out, since the app gets groups with commas between: fewer groups are fewer rights. More than 200 groups, or
/// Entra's note that there are too many to send, refuse the login with the mend: nobody could tell which ones are missing.
package struct IdentityRules: Sendable {
  static let mostGroups = 200

  private let names: OpenIDLoginSettings.ClaimNames
  private let allow: [OpenIDLoginSettings.AllowRule]
  private let standsForMany: Bool

  package init(_ settings: OpenIDLoginSettings) {
    names = settings.claims
    allow = settings.allow
    standsForMany = TenantIssuer.standsForMany(settings.issuer)
  }

  /// Whether a wanted claim, or one that an `allow` asks for, is missing: userinfo may have it.
  package func wantsMore(than claims: JSONValue) -> Bool {
    let claims = Claims(token: claims, userinfo: nil)
    let asked = allow.compactMap { rule in if case .claim(let name, _) = rule { name } else { nil } }
    return ([names.user, names.name, names.email, names.groups] + asked).contains { claims[$0] == nil }
  }

  /// - Parameters:
  ///   - claims: of a verified token.
  ///   - userinfo: asked only for what the token does not say; its `sub` must be the token's.
  package func identity(_ claims: JSONValue, userinfo: JSONValue?) throws(IdentityFault) -> Identity {
    guard let subject = claims["sub"]?.text, isIdentifier(subject) else { throw .unusable("the token has no sub") }
    if let userinfo {
      guard let other = userinfo["sub"]?.text, isSame(other, subject) else {
        throw .unusable("userinfo is about somebody else than the token: its sub is not the same")
      }
    }
    var claims = Claims(token: claims, userinfo: userinfo)
    // What anybody can write down is nobody's name, and lets nobody in.
    if claims.all("email_verified").contains(where: { $0.bool != true && $0.text?.lowercased() != "true" }) {
      claims.withheld = ["email", names.email]
    }
    let groups = try groups(claims)
    let email = try email(claims)
    guard isAllowed(claims, email: email, groups: groups) else { throw .notAllowed }
    return Identity(
      user: try user(claims), name: try claims.text(names.name, most: 256) ?? "", email: email ?? "",
      groups: groups.filter { !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: ",")) }, subject: subject)
  }

  private func user(_ claims: Claims) throws(IdentityFault) -> String {
    guard let user = try claims.text(names.user, most: 256) else {
      throw .unusable(
        claims.withheld.contains(names.user)
          ? "claim \(names.user) is an e-mail address that is not verified (have the provider verify it, or choose another one: claims { user NAME })"
          : "there is no claim \(names.user) (have the provider send it, or choose another one: claims { user NAME })")
    }
    // Blanks at an end are lost on the way to the app, and the rest may be another user.
    guard user.utf8.first != 0x20, user.utf8.last != 0x20 else { throw .unusable("claim \(names.user) begins or ends with a blank") }
    return user
  }

  private func email(_ claims: Claims) throws(IdentityFault) -> String? {
    guard let email = try claims.text(names.email, most: 320), Self.domain(email) != nil else { return nil }
    return email
  }

  private func groups(_ claims: Claims) throws(IdentityFault) -> [String] {
    guard let value = claims[names.groups] else {
      let isTooLong =
        claims.all("_claim_names").contains { $0[names.groups] != nil } || claims.all("hasgroups").contains { $0.bool == true }
      guard !isTooLong else {
        throw .unusable(
          "Entra sends no groups, since there are too many (there: only groups assigned to the application, or roles instead)")
      }
      return []
    }
    let groups = value.texts
    if groups.isEmpty, value != .array([]) {
      throw .unusable("claim \(names.groups) is neither a text nor a list of texts (choose another one: claims { groups NAME })")
    }
    guard groups.count <= Self.mostGroups else {
      throw .unusable("claim \(names.groups) has more than \(Self.mostGroups) groups (have the provider send those for this application)")
    }
    for group in groups { try Claims.check(group, names.groups, most: 256) }
    return groups
  }

  // MARK: allow

  private func isAllowed(_ claims: Claims, email: String?, groups: [String]) -> Bool {
    // Any tenant can give its people any address, and its groups any name: the tenant comes first.
    if standsForMany, !allow.contains(where: { isTenant($0) && fits($0, claims, email: email, groups: groups) }) { return false }
    return allow.isEmpty || allow.contains { fits($0, claims, email: email, groups: groups) }
  }

  private func isTenant(_ rule: OpenIDLoginSettings.AllowRule) -> Bool { if case .claim("tid", _) = rule { true } else { false } }

  private func fits(_ rule: OpenIDLoginSettings.AllowRule, _ claims: Claims, email: String?, groups: [String]) -> Bool {
    switch rule {
    case .emailDomain(let domain): email.flatMap(Self.domain).map { isSame($0, Self.folded(domain)) } ?? false
    case .group(let group): groups.contains { isSame($0, group) }
    case .claim(let name, let value): claims[name].map { Self.has($0, value) } ?? false
    }
  }

  /// Whether a claim is a value, or has it among others.
  private static func has(_ claim: JSONValue, _ value: String) -> Bool {
    switch claim {
    case .text(let text): isSame(text, value)
    case .integer(let number): isSame(String(number), value)
    case .bool(let bool): isSame(bool ? "true" : "false", value)
    case .array(let values): values.contains { if case .array = $0 { false } else { has($0, value) } }
    case .null, .number, .object: false
    }
  }

  /// What follows the only `@`, in small letters; `nil` where there is not one, or nothing on one side of it.
  private static func domain(_ email: String) -> String? {
    let parts = email.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return folded(String(decoding: parts[1], as: UTF8.self))
  }

  private static func folded(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
