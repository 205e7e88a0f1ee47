import Crypto

/// What the gateway asks the token endpoint (RFC 6749, sections 4.1.3 and 6).
package struct TokenRequest: Sendable {
  package enum Grant: Sendable {
    /// With the verifier whose challenge went along with the request for the code (RFC 7636).
    case code(String, verifier: String, redirectURI: String)
    case refresh(String)
  }

  /// The body of the POST, a secret.
  package let form: [UInt8]
  /// The value of Authorization, a secret; `nil` where there is none.
  package let authorization: String?

  package init(_ grant: Grant, clientID: String, authentication: ClientAuthentication) {
    var pairs: [(name: String, value: String)] = []
    switch grant {
    case .code(let code, let verifier, let redirectURI):
      pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI), ("code_verifier", verifier)]
    case .refresh(let token): pairs = [("grant_type", "refresh_token"), ("refresh_token", token)]
    }
    switch authentication {
    case .none:
      pairs.append(("client_id", clientID))
      authorization = nil
    case .basic(let secret):
      authorization = "Basic " + Self.base64("\(FormEncoding.encoded(clientID)):\(FormEncoding.encoded(secret))")
    case .post(let secret):
      pairs += [("client_id", clientID), ("client_secret", secret)]
      authorization = nil
    case .assertion(let assertion):
      let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
      pairs += [("client_id", clientID), ("client_assertion_type", type), ("client_assertion", assertion)]
      authorization = nil
    }
    form = FormEncoding.encoded(pairs)
  }

  /// Base64 with padding (RFC 4648, section 4).
  private static func base64(_ text: String) -> String {
    let plain = Base64URL.encode(Array(text.utf8)).map { character in character == "-" ? "+" : character == "_" ? "/" : character }
    return String(plain) + String(repeating: "=", count: (4 - plain.count % 4) % 4)
  }
}
