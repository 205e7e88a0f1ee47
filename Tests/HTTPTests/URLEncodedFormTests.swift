import Testing

@testable import HTTP

@Suite struct URLEncodedFormTests {
  private func parse(_ text: String, maxFields: Int = 10) -> [String]? {
    parseURLEncodedForm([UInt8](text.utf8).span, maxFields: maxFields)?.map {
      String(decoding: $0.name, as: UTF8.self) + "|" + String(decoding: $0.value, as: UTF8.self)
    }
  }

  @Test(
    "Forms are read as the URL standard reads them",
    arguments: [
      ("", []), ("&&", []), ("a=b", ["a|b"]), ("a=b&c=d&", ["a|b", "c|d"]), ("a", ["a|"]), ("=b", ["|b"]), ("a=b=c", ["a|b=c"]),
      ("=", ["|"]),
      ("a+b=c+d", ["a b|c d"]), ("a=%2B%20%26%3D", ["a|+ &="]), ("a=%zz%4", ["a|%zz%4"]), ("a=%", ["a|%"]), ("a=%C3%A9", ["a|\u{e9}"]),
      ("%61=%2541", ["a|%41"]),
      ("a=1;b=2", ["a|1;b=2"]), ("a=1&a=2", ["a|1", "a|2"]), ("a=%4aB%4A", ["a|JBJ"]),
    ])
  func fields(text: String, expected: [String]) {
    #expect(parse(text) == expected)
  }

  @Test("More fields than the bound are refused")
  func bound() {
    #expect(parse("a&b&c", maxFields: 3)?.count == 3)
    #expect(parse("a&b&&c&d", maxFields: 3) == nil)
  }

  @Test("A plus is a blank in forms alone")
  func plus() {
    var output: [UInt8] = []
    appendPercentDecoded([UInt8]("a+b%20c%00".utf8).span, plusIsBlank: false, to: &output)
    #expect(output == [UInt8]("a+b c\u{0}".utf8))
  }
}
