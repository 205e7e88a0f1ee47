import Crypto
import JOSE
import TestKeys

@testable import OpenID

/// A provider that signs whatever a test wants.
struct TokenMaker {
  static let issuer = "https://login.example.com/realms/clinic"
  static let now: Int64 = 1_700_000_000

  let key: PrivateKey
  let keys: JSONWebKeySet

  init(_ kind: TestKey.Kind = .p256) throws {
    let made = try TestKey(kind)
    key = try made.privateKey()
    keys = try JSONWebKeySet(try json("{\"keys\":[\(made.jwk())]}"))
  }

  /// A token of claims, some of which are others than usual or missing.
  func token(
    _ claims: [String: JSONValue], but changes: [String: JSONValue] = [:], without missing: [String] = [], type: String? = nil
  ) throws -> [UInt8] {
    var claims = claims.merging(changes) { $1 }
    for name in missing { claims[name] = nil }
    var header: [String: JSONValue] = [
      "alg": .text(SignatureAlgorithm.allCases.first { $0.scheme == key.scheme }?.rawValue ?? "")
    ]
    if let type { header["typ"] = .text(type) }
    let message = Base64URL.encode(JSONValue.object(header).bytes) + "." + Base64URL.encode(JSONValue.object(claims).bytes)
    return [UInt8]((message + "." + Base64URL.encode(key.sign([UInt8](message.utf8), scheme: key.scheme) ?? [])).utf8)
  }
}

func json(_ text: String) throws -> JSONValue { try JSONValue([UInt8](text.utf8)) }

/// What a check says; empty where it is content.
func reason<Result>(_ check: () throws(TokenFault) -> Result) -> String {
  do throws(TokenFault) {
    _ = try check()
    return ""
  } catch { return error.description }
}
