import Testing

@testable import Audit

@Suite struct FieldEncodingTests {
  private func masked(_ target: [UInt8], _ style: FieldEncoding.Style = .text, limit: Int = 1024) -> String {
    var out = [UInt8](repeating: 0, count: 4096)
    var position = 0
    var span = out.mutableSpan
    FieldEncoding.putMaskedPath(target.span, style, limit: limit, &span, &position)
    return String(decoding: out[..<position], as: UTF8.self)
  }

  private func text(_ value: [UInt8], limit: Int = 256) -> String {
    var out = [UInt8](repeating: 0, count: 4096)
    var position = 0
    var span = out.mutableSpan
    FieldEncoding.putText(value.span, limit: limit, &span, &position)
    return String(decoding: out[..<position], as: UTF8.self)
  }

  private func json(_ value: [UInt8], limit: Int = 256) -> String {
    var out = [UInt8](repeating: 0, count: 4096)
    var position = 0
    var span = out.mutableSpan
    FieldEncoding.putJSON(value.span, limit: limit, &span, &position)
    return String(decoding: out[..<position], as: UTF8.self)
  }

  @Test(
    "A segment with six or more digits, once decoded, is masked; a query never shows",
    arguments: [
      ("/patients/123456", "/patients/*"),
      ("/patients/12345", "/patients/12345"),
      ("/patients/123456/notes", "/patients/*/notes"),
      ("/a1b2c3d4e5f6/x", "/*/x"),
      ("/1/2/3/4/5/6/7", "/1/2/3/4/5/6/7"),
      ("/patients/%31%32%33%34%35%36", "/patients/*"),
      ("/patients/1%32345%36", "/patients/*"),
      ("/patients/%3123456", "/patients/*"),
      ("/patients%2f123456", "/*"),
      ("/patients/%2531%2532%2533", "/patients/*"),
      ("/patients/12%334", "/patients/12%334"),
      ("/%20%20%20%20", "/%20%20%20%20"),
      ("/%zz1%z22%3", "/%zz1%z22%3"),
      ("/%zz12%34z5%7", "/%zz12%34z5%7"), ("/%zz12%34z56%7", "/*"),
      ("/%zz1234%z56", "/*"),
      ("/patients?patient_id=1", "/patients"),
      ("/patients/123456?x=1", "/patients/*"),
      ("/p?a=/123456/", "/p"),
      ("/p#patient=7", "/p"),
      ("/p;id=123456/q", "/*/q"),
      ("//123456//", "//*//"),
      ("/", "/"),
      ("*", "*"),
      ("", "-"),
      ("?patient_id=1", ""),
      ("http://h/123456", "http://h/*"),
    ])
  func masking(target: String, expected: String) {
    #expect(masked(bytes(target)) == expected)
  }

  @Test("Bytes that could end or forge a line are escaped in a path")
  func hostilePath() {
    #expect(masked(bytes("/a\"\r\n\t\u{1b}\\b")) == #"/a\x22\x0d\x0a\x09\x1b\x5cb"#)
    #expect(masked([0x2F, 0x00, 0x7F, 0xC3, 0xA9, 0xFF]) == #"/\x00\x7f\xc3\xa9\xff"#)
    #expect(masked(bytes("/a\"\n\u{1b}\\\u{e9}"), .json) == #"/a\"\u000a\u001b\\\u00e9"#)
  }

  @Test(
    "Text values stay one field of printable ASCII",
    arguments: [
      ("dr.jones", "dr.jones"),
      ("", "-"),
      ("-", #"\x2d"#),
      ("a b", #"a\x20b"#),
      ("x\ny", #"x\x0ay"#),
      ("\"q\"", #"\x22q\x22"#),
      ("José", #"Jos\xc3\xa9"#),
      ("\u{2028}", #"\xe2\x80\xa8"#),
    ])
  func textValues(value: String, expected: String) {
    #expect(text(bytes(value)) == expected)
  }

  @Test(
    "JSON values are ASCII; what is no UTF-8 becomes U+FFFD",
    arguments: [
      (bytes("a b"), "\"a b\""),
      ([], "null"),
      (bytes("\"\\"), #""\"\\""#),
      ([0x00, 0x1F, 0x7F], #""\u0000\u001f\u007f""#),
      (bytes("é\u{2028}😀"), #""\u00e9\u2028\ud83d\ude00""#),
      ([0xFF], #""\ufffd""#),
      ([0xC0, 0xAF], #""\ufffd\ufffd""#),
      ([0xE0, 0x80, 0xAF], #""\ufffd\ufffd\ufffd""#),
      ([0xED, 0xA0, 0x80], #""\ufffd\ufffd\ufffd""#),
      ([0xF4, 0x90, 0x80, 0x80], #""\ufffd\ufffd\ufffd\ufffd""#),
      ([0xE2, 0x82], #""\ufffd\ufffd""#),
      ([0xC3, 0x22], #""\ufffd\"""#),
    ] as [([UInt8], String)])
  func jsonValues(value: [UInt8], expected: String) {
    #expect(json(value) == expected)
  }

  @Test("Long values are cut within their limit and say so", arguments: [UInt8(ascii: "a"), 0x00, 0xFF])
  func cutting(byte: UInt8) throws {
    let long = [UInt8](repeating: byte, count: 10_000)
    #expect(text(long, limit: 64).utf8.count <= 64)
    #expect(text(long, limit: 64).hasSuffix("..."))
    #expect(json(long, limit: 64).utf8.count <= 66)
    #expect(json(long, limit: 64).hasSuffix("...\""))
    #expect(masked([0x2F] + long, limit: 64).utf8.count <= 64)
    #expect(masked([0x2F] + long, .json, limit: 64).hasSuffix("..."))
    #expect(masked(Array(repeating: 0x2F, count: 10_000), limit: 64).utf8.count <= 64)
  }

  @Test(
    "Numbers are written whole",
    arguments: [(0, "0"), (9, "9"), (10, "10"), (-5, "0"), (1234, "1234"), (Int64.max, "9223372036854775807")] as [(Int64, String)])
  func decimals(value: Int64, expected: String) {
    var out = [UInt8](repeating: 0, count: 32)
    var position = 0
    var span = out.mutableSpan
    FieldEncoding.putDecimal(value, &span, &position)
    #expect(String(decoding: out[..<position], as: UTF8.self) == expected)
  }

  @Test(
    "Microseconds show as milliseconds with three decimals",
    arguments: [(0, "0.000"), (7, "0.007"), (12_345, "12.345"), (1_000_000, "1000.000"), (-3, "0.000")] as [(Int64, String)])
  func milliseconds(value: Int64, expected: String) {
    var out = [UInt8](repeating: 0, count: 32)
    var position = 0
    var span = out.mutableSpan
    FieldEncoding.putMilliseconds(microseconds: value, &span, &position)
    #expect(String(decoding: out[..<position], as: UTF8.self) == expected)
  }
}
