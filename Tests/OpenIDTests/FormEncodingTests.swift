import Testing

@testable import OpenID

@Suite struct FormEncodingTests {
  @Test("what is written is read again, whatever bytes it has")
  func roundTrip() throws {
    let text = String(String.UnicodeScalarView((0..<0x180).compactMap { Unicode.Scalar($0) }))
    let bytes = FormEncoding.encoded([("a", text), (text, "")])
    #expect(bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "*") })
    let pairs = try #require(FormEncoding.decoded(bytes, limit: 2))
    #expect(pairs.map(\.name) == ["a", text] && pairs.map(\.value) == [text, ""])
  }

  @Test("a plus is a blank, empty parts are nothing, and an escape that is none spoils all")
  func reading() {
    #expect(FormEncoding.decoded(Array("&a+b=c=d&&".utf8), limit: 1)?.first.map { "\($0)" } == #"(name: "a b", value: "c=d")"#)
    #expect(FormEncoding.decoded(Array("a&b".utf8), limit: 1) == nil)
    for text in ["%", "%a", "%ag", "a=%", "%ff"] { #expect(FormEncoding.decoded(Array(text.utf8), limit: 9) == nil) }
  }
}
