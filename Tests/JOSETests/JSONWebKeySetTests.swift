import TestKeys
import Testing

@testable import JOSE

@Suite struct JSONWebKeySetTests {
  private func set(_ text: String) throws -> JSONWebKeySet { try JSONWebKeySet(try JSONValue([UInt8](text.utf8))) }

  @Test func leavesOutWhatItCannotUse() throws {
    let good = try TestKey(.p256)
    let short = try TestKey(.rsa, bits: 1024)
    let others = [
      #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}"#, #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
      #"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#, #"{"kty":"RSA"}"#, "{}", "7", "null",
      short.jwk(), #"{"kty":"RSA","n":"*","e":"AQAB"}"#,
    ]
    #expect(try set("{\"keys\":[\(others.joined(separator: ","))]}").isEmpty)
    #expect(try set("{\"keys\":[\((others + [good.jwk()]).joined(separator: ","))]}").keys.count == 1)
    #expect(try set(#"{"keys":[]}"#).isEmpty)
  }

  @Test func refusesWhatIsNoSetOrTooLong() throws {
    for text in ["{}", "[]", #"{"keys":{}}"#, #"{"keys":"x"}"#, "1"] { #expect(throws: JOSEFault.self, "\(text)") { try set(text) } }
    #expect(throws: Never.self) { try set("{\"keys\":[\(Array(repeating: "{}", count: 100).joined(separator: ","))]}") }
    #expect(throws: JOSEFault.self) { try set("{\"keys\":[\(Array(repeating: "{}", count: 101).joined(separator: ","))]}") }
  }
}
