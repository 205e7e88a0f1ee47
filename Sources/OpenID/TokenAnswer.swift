import JOSE

/// What the token endpoint gives out (RFC 6749, section 5.1; OpenID Connect Core 1.0, section 3.1.3.3).
package struct TokenAnswer: Sendable {
  /// Not verified; at most 64 KB.
  package var idToken: [UInt8]?
  /// Plain ASCII, at most 16 KB.
  package var accessToken: String?
  /// For how many seconds the access token is good, 0 to a year; `nil` where the provider says nothing.
  package var expiresIn: Int64?
  /// Plain ASCII, at most 16 KB.
  package var refreshToken: String?

  private static let maximumIDToken = 64 << 10
  private static let maximumToken = 16 << 10

  package init(idToken: [UInt8]? = nil, accessToken: String? = nil, expiresIn: Int64? = nil, refreshToken: String? = nil) {
    self.idToken = idToken
    self.accessToken = accessToken
    self.expiresIn = expiresIn
    self.refreshToken = refreshToken
  }

  /// - Parameter document: the body of an answer with status 200.
  package init(_ document: JSONValue) throws(ProviderFault) {
    guard case .object = document else { throw Self.fault("is no JSON object") }
    accessToken = try Self.token(document["access_token"], "access_token", Self.maximumToken)
    refreshToken = try Self.token(document["refresh_token"], "refresh_token", Self.maximumToken)
    idToken = try Self.token(document["id_token"], "id_token", Self.maximumIDToken).map { Array($0.utf8) }
    guard accessToken != nil || idToken != nil else { throw Self.fault("has no token") }
    if accessToken != nil, document["token_type"]?.text?.lowercased() != "bearer" {
      throw Self.fault("has an access token of another kind than Bearer")
    }
    // Some say it as a text.
    let seconds = document["expires_in"].flatMap { value in value.seconds ?? value.text.flatMap { Int64($0) } }
    expiresIn = seconds.map { min(max($0, 0), 366 * 86_400) }
  }

  private static func token(_ value: JSONValue?, _ name: String, _ limit: Int) throws(ProviderFault) -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.text, !text.isEmpty, text.utf8.count <= limit, text.isPlain else {
      throw fault("has a \(name) that is empty, too long or no plain text")
    }
    return text
  }

  private static func fault(_ what: String) -> ProviderFault {
    ProviderFault("the token endpoint's answer \(what) (look at the provider's log)")
  }
}

/// What a provider answers where it gives out nothing (RFC 6749, section 5.2).
package struct TokenRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// `invalid_grant`
  package var code: String
  /// In the provider's words, without control bytes; may be empty.
  package var words: String

  package init(code: String, words: String = "") {
    self.code = code
    self.words = words
  }

  /// `nil` for what says nothing of an error.
  package init?(_ document: JSONValue) {
    guard let code = document["error"]?.text, !code.isEmpty, code.utf8.count <= 128, code.isPlain else { return nil }
    self.code = code
    let words = document["error_description"]?.text ?? ""
    self.words = String(String.UnicodeScalarView(words.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(300)))
  }

  /// `invalid_grant: Token is not active`
  package var description: String { words.isEmpty ? code : "\(code): \(words)" }
}
