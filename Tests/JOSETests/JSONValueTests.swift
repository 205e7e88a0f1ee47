import Testing

@testable import JOSE

@Suite struct JSONValueTests {
  private func read(_ text: String) -> JSONValue? { try? JSONValue([UInt8](text.utf8)) }

  @Test func readsEveryKindOfValue() {
    #expect(
      read(#" {"a":[null,true,false,-0,12,1.5,1e3,"x"],"b":{}} "#)
        == .object([
          "a": .array([.null, .bool(true), .bool(false), .integer(0), .integer(12), .number(1.5), .number(1000), .text("x")]),
          "b": .object([:]),
        ]))
  }

  @Test func readsEscapes() { #expect(read(#""\"\\\/\b\f\n\r\té\ud83d\ude00\u00e9""#) == .text("\"\\/\u{8}\u{c}\n\r\té😀é")) }

  @Test(
    arguments: [
      "", " ", "{", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "1e999", "tru",
      "nulL",
      "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "1 2", "{}{}", "'a'", "NaN", "[1 2]",
      "{\"a\":1 \"b\":2}", "\u{FEFF}{}",
    ])
  func refusesWhatIsNoDocument(_ text: String) { #expect(read(text) == nil) }

  @Test func refusesTextThatIsNotUTF8() { #expect(throws: JSONFault.self) { try JSONValue([0x22, 0xC3, 0x28, 0x22]) } }

  @Test func refusesTwoMembersOfOneName() {
    #expect(read(#"{"sub":"a","sub":"b"}"#) == nil)
    #expect(read(#"{"sub":"a","\u0073ub":"b"}"#) == nil)
  }

  @Test func nestsOnlySoDeep() {
    #expect(read(String(repeating: "[", count: 33) + String(repeating: "]", count: 33)) != nil)
    #expect(read(String(repeating: "[", count: 34) + String(repeating: "]", count: 34)) == nil)
    #expect(read(String(repeating: "{\"a\":", count: 200_000)) == nil)
  }

  @Test func takesSecondsThatAreNumbersOfSomeSize() {
    #expect(read("1500000000")?.seconds == 1_500_000_000)
    #expect(read("1500000000.9")?.seconds == 1_500_000_000)
    #expect(read("1.5e9")?.seconds == 1_500_000_000)
    for text in [
      "1e300", "-1e300", "1e16", "-1e16", "9007199254740993", "9223372036854775807", "99999999999999999999", "\"1500000000\"", "true",
      "null", "[1]",
    ] {
      #expect(read(text)?.seconds == nil, "\(text)")
    }
  }

  @Test func takesATextOrTextsAlone() {
    #expect(read(#""a""#)?.texts == ["a"])
    #expect(read(#"["a","b"]"#)?.texts == ["a", "b"])
    #expect(read(#"["a",1]"#)?.texts == [])
    #expect(read("1")?.texts == [])
  }

  @Test func writesWhatItReads() throws {
    let text = #"{"a":[null,true,-3,1.5,"x\"\\\u0001\u001fé"],"b":{}}"#
    #expect(String(decoding: try JSONValue([UInt8](text.utf8)).bytes, as: UTF8.self) == text)
  }
}
