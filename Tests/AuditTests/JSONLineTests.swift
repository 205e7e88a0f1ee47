import Testing

@testable import Audit

@Suite struct JSONLineTests {
  @Test("Members come in the order of their adding, on one line")
  func order() {
    var line = JSONLine()
    line.add("b", "x", limit: 64)
    line.add("a", number: 3)
    line.add("c", nil, limit: 64)
    line.add("d", number: nil)
    #expect(String(decoding: line.finished(), as: UTF8.self) == "{\"b\":\"x\",\"a\":3,\"c\":null,\"d\":null}\n")
  }

  @Test(
    "Every text survives encoding and stays on its line",
    arguments: [
      "", "plain", "\"\\/", "a\nb\r\u{0}\u{1f}\u{7f}\u{85}", "\u{2028}\u{2029}", "\u{202e}gnp.exe", "José 李 😀", "\u{FFFD}\u{FEFF}",
      "\u{E0041}",
    ])
  func roundTrip(text: String) throws {
    var line = JSONLine()
    line.add("k", text, limit: 1024)
    let encoded = line.finished()
    #expect(try parse(encoded) == ["k": .string(text)])
    let written = String(decoding: encoded.dropLast(), as: UTF8.self)
    #expect(!written.unicodeScalars.contains { PrintableText.needsEscape($0) })
  }

  @Test("A name cannot break out of its quotes")
  func names() throws {
    var line = JSONLine()
    line.add("a\":1,\"b\n", "x", limit: 64)
    #expect(try parse(line.finished()) == ["a\":1,\"b\n": .string("x")])
  }

  @Test("A long text is cut between characters and says so", arguments: ["a", "é", "😀", "\u{0}", "\u{E0041}"])
  func cutting(unit: String) throws {
    var line = JSONLine()
    line.add("k", String(repeating: unit, count: 1000), limit: 100)
    let encoded = line.finished()
    #expect(encoded.count <= 100 + 9)
    guard case .string(let value)? = try parse(encoded)["k"] else { Issue.record("no string"); return }
    #expect(value.hasSuffix("..."))
    #expect(value.dropLast(3).unicodeScalars.allSatisfy { unit.unicodeScalars.contains($0) })
  }
}
