import Foundation
import Testing

@testable import Pages

@Suite("JSONText")
struct JSONTextTests {
  @Test(
    "quotation marks, backslashes and controls are escaped",
    arguments: [
      ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""), ("a\nb\r\tc", "\"a\\nb\\r\\tc\""), ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\\u007f\""),
      ("</script>&", "\"\\u003c/script\\u003e\\u0026\""), ("\u{2028}", "\"\\u2028\""), ("é山🩺", "\"é山🩺\""), ("", "\"\""),
    ])
  func escapes(raw: String, quoted: String) {
    #expect(JSONText.quoted(raw) == quoted)
  }

  @Test("a JSON parser reads every scalar below U+0300 back as it was")
  func roundTrip() throws {
    let raw = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init)))
    let read = try JSONDecoder().decode([String].self, from: Data("[\(JSONText.quoted(raw))]".utf8))
    #expect(read == [raw])
  }

  @Test("what is too long is cut")
  func cuts() {
    #expect(JSONText.quoted("abc", limit: 2) == "\"ab\"")
  }
}
