import JOSE

/// Issuers that stand for many: Microsoft Entra's addresses for any organization or account. Their metadata names an issuer with a place
/// for the tenant, and each token that of its own.
package enum TenantIssuer {
  private static let anyOrganization = "https://login.microsoftonline.com/{tenantid}/v2.0"
  /// The tenant of all private accounts, whose metadata names it.
  private static let privateAccounts = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"

  /// Whether tokens of any tenant come from a configured issuer, so that somebody has to say which are meant.
  package static func standsForMany(_ issuer: String) -> Bool {
    ["common", "organizations", "consumers"].contains { isSame(issuer, "https://login.microsoftonline.com/\($0)/v2.0") }
  }

  /// What metadata of a configured issuer may call it: itself, or what Entra says.
  static func fits(_ announced: String, configured: String) -> Bool {
    isSame(announced, configured)
      || standsForMany(configured) && (isSame(announced, anyOrganization) || isSame(announced, privateAccounts))
  }

  /// Whether claims are of an issuer. One with a place for the tenant has the token's own `tid` in it, which must be a GUID.
  static func fits(_ claims: JSONValue, issuer: String) -> Bool {
    guard let found = claims["iss"]?.text else { return false }
    guard isSame(issuer, anyOrganization) else { return isSame(found, issuer) }
    guard let tenant = claims["tid"]?.text, isGUID(tenant) else { return false }
    return isSame(found, "https://login.microsoftonline.com/\(tenant)/v2.0")
  }

  private static func isGUID(_ text: String) -> Bool {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) } }
  }
}
