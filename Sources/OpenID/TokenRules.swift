import JOSE

/// Seconds that clocks may differ.
let clockSkew: Int64 = 60
/// Seconds after which a fresh token is none any more.
let longestTokenAge: Int64 = 86_400

/// A token whose signature is good, and the rules that all kinds of tokens have in common.
struct TokenRules {
  let claims: JSONValue
  /// `typ`, in lower case and without `application/` (RFC 7515, section 4.1.9).
  let type: String?
  let algorithm: SignatureAlgorithm?

  init(_ text: [UInt8], keys: JSONWebKeySet, algorithms: Set<SignatureAlgorithm>) throws(TokenFault) {
    do throws(JOSEFault) {
      let token = try SignedToken(text)
      claims = try token.verify(keys, algorithms: algorithms)
      algorithm = SignatureAlgorithm(rawValue: token.algorithmName)
      type = token.type.map { type in
        let type = type.lowercased()
        return type.hasPrefix("application/") ? String(type.dropFirst("application/".count)) : type
      }
    } catch .unknownKey {
      throw .unknownKey
    } catch {
      throw .refused(error.description)
    }
  }

  /// Tokens of one kind are not taken for another (RFC 8725, section 3.11): `+jwt` in a type names the kind.
  func requireType(_ own: String? = nil) throws(TokenFault) {
    guard let type, type.hasSuffix("+jwt"), type != own else { return }
    throw .refused("it is a token of another kind: \(quoted(type))")
  }

  func requireIssuer(_ issuer: String) throws(TokenFault) {
    guard TenantIssuer.fits(claims, issuer: issuer) else {
      throw .refused("it is of another issuer: \(quoted(claims["iss"]?.text ?? "none"))")
    }
  }

  func requireAudience(_ audience: String) throws(TokenFault) {
    guard let texts = claims["aud"]?.texts, texts.contains(where: { isSame($0, audience) }) else {
      throw .refused("it is for somebody else: aud has no \(quoted(audience))")
    }
  }

  /// `exp`, which must be there and not be over; `nbf` if it is there.
  @discardableResult
  func requireTimes(now: Int64) throws(TokenFault) -> Int64 {
    guard let expires = claims["exp"]?.seconds else { throw .refused("exp is missing or no time") }
    guard now < expires + clockSkew else { throw .refused("it has expired \(now - expires) s ago (is a clock off?)") }
    if let begins = claims["nbf"] {
      guard let begins = begins.seconds else { throw .refused("nbf is no time") }
      guard begins <= now + clockSkew else { throw .refused("it begins in \(begins - now) s (is a clock off?)") }
    }
    return expires
  }

  /// `iat`, which must be there: not in the future, and not older than a day.
  @discardableResult
  func requireFreshness(now: Int64) throws(TokenFault) -> Int64 {
    guard let issued = claims["iat"]?.seconds else { throw .refused("iat is missing or no time") }
    guard issued <= now + clockSkew else { throw .refused("it was issued in \(issued - now) s (is a clock off?)") }
    guard issued >= now - longestTokenAge else { throw .refused("it was issued more than a day ago") }
    return issued
  }

  /// A text of 1 to 255 printable ASCII characters; `nil` where there is no such claim.
  func identifier(_ name: String) throws(TokenFault) -> String? {
    guard let value = claims[name] else { return nil }
    guard let text = value.text, isIdentifier(text) else { throw .refused("\(name) is no text of 1 to 255 ASCII characters") }
    return text
  }

  func neededIdentifier(_ name: String) throws(TokenFault) -> String {
    if let found = try identifier(name) { return found }
    throw .refused("\(name) is missing")
  }
}

/// Whether a text may be a `sub` (OpenID Connect Core 1.0, section 2).
func isIdentifier(_ text: String) -> Bool {
  1...255 ~= text.utf8.count && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}
