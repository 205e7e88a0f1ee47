import Testing

@testable import HTTP

@Suite struct CookiesTests {
  private func cookies(_ text: String) -> [String] {
    let bytes = [UInt8](text.utf8)
    var found: [String] = []
    forEachCookie(in: bytes.span) { name, value in
      found.append(String(decoding: bytes[name], as: UTF8.self) + "|" + String(decoding: bytes[value], as: UTF8.self))
    }
    return found
  }

  @Test(
    "Cookies are found among any junk",
    arguments: [
      ("a=b", ["a|b"]), ("a=b; c=d", ["a|b", "c|d"]), (";;=; =x; a", ["|x", "a|"]), ("", []), (";", []), ("=", []), ("  ", []),
      ("a=b=c;d=\"e f\"", ["a|b=c", "d|\"e f\""]), (" a = b ;\tc=d\t", ["a|b", "c|d"]), ("a=1; a=2; a=3", ["a|1", "a|2", "a|3"]),
      ("a=", ["a|"]), ("\u{e9}=\u{ff11}", ["\u{e9}|\u{ff11}"]), ("a=b,c=d", ["a|b,c=d"]), ("x==", ["x|="]), ("==", ["|="]),
    ])
  func parts(text: String, expected: [String]) {
    #expect(cookies(text) == expected)
  }

  @Test("200 cookies and 8 KB of junk are read through")
  func many() {
    #expect(cookies((1...200).map { "c\($0)=v" }.joined(separator: "; ")).count == 200)
    let junk = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    forEachCookie(in: junk.span) { name, value in #expect(name.upperBound <= value.lowerBound) }
  }

  @Test("A cookie's part goes from its name's first byte to its value's last, without blanks around it")
  func wholeParts() {
    let bytes = [UInt8](" a = b ;c; =d;e=;\tf=g=\t".utf8)
    var found: [String] = []
    forEachCookie(in: bytes.span) { name, value in
      found.append(String(decoding: bytes[name.lowerBound..<value.upperBound], as: UTF8.self))
    }
    #expect(found == ["a = b", "c", "=d", "e=", "f=g="])
  }

  @Test("Cookies are told apart as by the simple definition, whatever the bytes are and wherever they stand")
  func definition() {
    var generator = SeededGenerator(state: 7)
    let alphabet = [UInt8](";;;==  \tab".utf8) + [0x00, 0xFF, 0x3A, 0x3C, 0xBB, 0x80]
    for _ in 0..<4000 {
      let count = Int.random(in: 0...40, using: &generator)
      let bytes = (0..<count).map { _ in
        Int.random(in: 0..<8, using: &generator) == 0
          ? UInt8.random(in: 0...255, using: &generator) : alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      var found: [[Range<Int>]] = []
      forEachCookie(in: bytes.span) { name, value in found.append([name, value]) }
      #expect(found == define(bytes), "\(bytes)")
    }
  }

  /// Parts between semicolons, less blanks around them and around the first equals sign; those without either name or value are left out.
  private func define(_ bytes: [UInt8]) -> [[Range<Int>]] {
    func trimmed(_ range: Range<Int>) -> Range<Int> {
      let inner = range.drop { bytes[$0] == 0x20 || bytes[$0] == 0x09 }
      guard let end = inner.last(where: { bytes[$0] != 0x20 && bytes[$0] != 0x09 }) else { return range.upperBound..<range.upperBound }
      return inner.startIndex..<end + 1
    }
    var found: [[Range<Int>]] = []
    let ends = bytes.indices.filter { bytes[$0] == 0x3B } + [bytes.count]
    var start = 0
    for end in ends {
      let part = trimmed(start..<end)
      start = end + 1
      if part.isEmpty || bytes[part] == [0x3D] { continue }
      if let equals = part.first(where: { bytes[$0] == 0x3D }) {
        found.append([trimmedName(part.lowerBound..<equals, bytes), trimmed(equals + 1..<part.upperBound)])
      } else {
        found.append([part, part.upperBound..<part.upperBound])
      }
    }
    return found
  }

  /// A part has no blank before it.
  private func trimmedName(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    let end = range.last { bytes[$0] != 0x20 && bytes[$0] != 0x09 }
    return range.lowerBound..<(end.map { $0 + 1 } ?? range.lowerBound)
  }
}
