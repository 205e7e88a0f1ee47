import Crypto
import TestKeys
import Testing

@testable import JOSE

@Suite struct SignedTokenTests {
  private static let claims = JSONValue.object(["sub": .text("anna"), "n": .integer(1)])
  private let all = Set(SignatureAlgorithm.allCases)

  private func keys(_ jwks: String...) throws -> JSONWebKeySet {
    try JSONWebKeySet(try JSONValue([UInt8]("{\"keys\":[\(jwks.joined(separator: ","))]}".utf8)))
  }

  /// A token with any header and payload, signed in any way.
  private func token(_ header: String, payload: String = #"{"sub":"anna","n":1}"#, _ sign: ([UInt8]) -> [UInt8]?) -> [UInt8] {
    let message = Base64URL.encode([UInt8](header.utf8)) + "." + Base64URL.encode([UInt8](payload.utf8))
    return [UInt8]("\(message).\(Base64URL.encode(sign([UInt8](message.utf8)) ?? []))".utf8)
  }

  private func fault(_ token: [UInt8], _ keys: JSONWebKeySet, _ algorithms: Set<SignatureAlgorithm>? = nil) -> JOSEFault? {
    do throws(JOSEFault) {
      _ = try SignedToken(token).verify(keys, algorithms: algorithms ?? all)
      return nil
    } catch { return error }
  }

  private func isRefused(_ fault: JOSEFault?) -> Bool { if case .refused = fault { true } else { false } }

  @Test(arguments: TestKey.Kind.allCases)
  func aTokenOfEveryKindOfKeyComesBack(_ kind: TestKey.Kind) throws {
    let key = try TestKey(kind)
    let text = try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: "k1")
    let token = try SignedToken([UInt8](text.utf8))
    #expect(token.keyID == "k1")
    #expect(token.type == "JWT")
    #expect(try token.verify(try keys(key.jwk(#","kid":"k1""#)), algorithms: all) == Self.claims)
    #expect(fault([UInt8](text.utf8), try keys(key.jwk(#","kid":"k2""#))) == .unknownKey)
  }

  @Test func everyFlippedSignatureBitCounts() throws {
    let key = try TestKey(.p256)
    let set = try keys(key.jwk(#","kid":"k1""#))
    let text = try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: "k1")
    let parts = text.split(separator: ".").map(String.init)
    let signature = try #require(Base64URL.decode(parts[2]))
    for index in signature.indices {
      var other = signature
      other[index] ^= 0x10
      #expect(isRefused(fault([UInt8]("\(parts[0]).\(parts[1]).\(Base64URL.encode(other))".utf8), set)), "\(index)")
    }
  }

  @Test func takesAlgorithmsOfTheListAlone() throws {
    let key = try TestKey(.rsa)
    let token = [UInt8](try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: nil).utf8)
    #expect(fault(token, try keys(key.jwk()), [.rs256]) == nil)
    #expect(isRefused(fault(token, try keys(key.jwk()), all.subtracting([.rs256]))))
    #expect(isRefused(fault(token, try keys(key.jwk()), [])))
  }

  @Test(arguments: ["none", "None", "NONE", "", "HS256", "HS512", "ES512", "ES256K", "PS384", "rs256"])
  func takesNoOtherAlgorithm(_ name: String) throws {
    let key = try TestKey(.rsa)
    let pem = Secret(key.pem)
    for jwk in [key.jwk(), key.jwk(",\"alg\":\"\(name)\"")] {
      let set = try keys(jwk)
      #expect(fault(token("{\"alg\":\"\(name)\"}") { _ in [] }, set) != nil)
      #expect(fault(token("{\"alg\":\"\(name)\"}") { HMACSHA256().authenticate($0, key: pem) }, set) != nil)
      #expect(
        fault(token("{\"alg\":\"\(name)\"}") { HMACSHA256().authenticate($0, key: Secret(key.numbers[0])) }, set) != nil)
    }
  }

  @Test func aKeyIsUsedForItsOwnKindOfAlgorithmAlone() throws {
    let (rsa, p256, p384) = (try TestKey(.rsa), try TestKey(.p256), try TestKey(.p384))
    let set = try keys(p256.jwk(#","kid":"k1""#))
    let text = try signedToken(claims: Self.claims, key: try rsa.privateKey(), keyID: "k1")
    #expect(isRefused(fault([UInt8](text.utf8), set)))
    let key = try p384.privateKey()
    #expect(
      isRefused(fault(token(#"{"alg":"ES256","kid":"k1"}"#) { key.sign($0, scheme: .ecdsa(.sha384)) }, try keys(p384.jwk(#","kid":"k1""#))))
    )
  }

  @Test func honoursWhatAKeyIsFor() throws {
    let key = try TestKey(.rsa)
    let token = [UInt8](try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: nil).utf8)
    for more in ["", #","use":"sig""#, #","key_ops":["verify"]"#, #","alg":"RS256""#] {
      #expect(fault(token, try keys(key.jwk(more))) == nil, "\(more)")
    }
    for more in [#","use":"enc""#, #","use":1"#, #","key_ops":["encrypt"]"#, #","alg":"PS256""#, #","alg":"RSA-OAEP""#, #","kid":7"#] {
      #expect(fault(token, try keys(key.jwk(more))) == .unknownKey, "\(more)")
    }
  }

  @Test func triesEveryFittingKeyOfOneNameOrWithoutOne() throws {
    let (a, b, other) = (try TestKey(.p256), try TestKey(.p256), try TestKey(.rsa))
    let named = [UInt8](try signedToken(claims: Self.claims, key: try b.privateKey(), keyID: "k").utf8)
    #expect(fault(named, try keys(a.jwk(#","kid":"k""#), b.jwk(#","kid":"k""#))) == nil)
    #expect(fault(named, try keys(a.jwk(#","kid":"k""#), b.jwk(#","kid":"other""#))) != nil)
    #expect(fault(named, try keys(a.jwk(), b.jwk())) == nil)
    let unnamed = [UInt8](try signedToken(claims: Self.claims, key: try b.privateKey(), keyID: nil).utf8)
    #expect(fault(unnamed, try keys(other.jwk(), a.jwk(#","kid":"1""#), b.jwk(#","kid":"2""#))) == nil)
    #expect(fault(unnamed, try keys(other.jwk(), a.jwk(#","kid":"1""#))) == .unknownKey)
  }

  @Test func refusesHeadersThatAskForMore() throws {
    let key = try TestKey(.ed25519)
    let signing = try key.privateKey()
    let set = try keys(key.jwk())
    let sign: ([UInt8]) -> [UInt8]? = { signing.sign($0, scheme: .ed25519) }
    #expect(fault(token(#"{"alg":"EdDSA"}"#, sign), set) == nil)
    for header in [
      #"{"alg":"EdDSA","crit":["exp"],"exp":1}"#, #"{"alg":"EdDSA","crit":[]}"#, #"{"alg":"EdDSA","alg":"EdDSA"}"#, #"{"alg":["EdDSA"]}"#,
      "{}",
      "[]", "1", #"{"alg":"EdDSA","kid":1}"#, #"{"alg":"EdDSA","typ":null}"#, #"{"alg":"EdDSA"}x"#,
    ] { #expect(isRefused(fault(token(header, sign), set)), "\(header)") }
    for payload in ["", "[]", "\"x\"", "{", #"{"sub":"a","sub":"b"}"#] {
      #expect(isRefused(fault(token(#"{"alg":"EdDSA"}"#, payload: payload, sign), set)), "\(payload)")
    }
  }

  @Test func refusesOtherForms() throws {
    let key = try TestKey(.ed25519)
    let set = try keys(key.jwk())
    let text = try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: nil)
    let parts = text.split(separator: ".").map(String.init)
    for other in [
      "", ".", "..", text + ".", "." + text, text + "." + parts[2], "\(parts[0]).\(parts[1])", text + "=", text + "==", text + "\n",
      " " + text,
      "\(parts[0])=.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1])..\(parts[2])",
    ] { #expect(isRefused(fault([UInt8](other.utf8), set)), "\(other)") }
    // 64 bytes end in a character of two bits that count and four that do not.
    let last = try #require(parts[2].last)
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" where other != last {
      #expect(fault([UInt8](text.dropLast().utf8) + [UInt8](String(other).utf8), set) != nil, "\(other)")
    }
    #expect(isRefused(fault([UInt8](repeating: UInt8(ascii: "A"), count: SignedToken.longest + 1), set)))
  }

  @Test func refusesWhatIsLongerThanABound() throws {
    let key = try TestKey(.ed25519)
    let long = JSONValue.object(["x": .text(String(repeating: "a", count: 50_000))])
    let text = try signedToken(claims: long, key: try key.privateKey(), keyID: nil)
    #expect(text.utf8.count > SignedToken.longest)
    #expect(isRefused(fault([UInt8](text.utf8), try keys(key.jwk()))))
  }

  @Test func namesOfKeysAreComparedByteByByte() throws {
    let key = try TestKey(.ed25519)
    let text = try signedToken(claims: Self.claims, key: try key.privateKey(), keyID: "\u{212A}")
    #expect(fault([UInt8](text.utf8), try keys(key.jwk(#","kid":"K""#))) == .unknownKey)
  }
}
