import Testing

@testable import HTTP

@Suite struct FieldSectionTests {
  @Test(
    "An ill-formed field line is refused",
    arguments: [
      ("X : y", FieldFault.blankBeforeColon), ("Host : a", .blankBeforeColon), ("Content-Length : 5", .blankBeforeColon),
      ("X\t: y", .blankBeforeColon), ("X: y\r\n folded", .foldedLine), ("X: y\r\n\tfolded", .foldedLine), (" X: y", .foldedLine),
      (": y", .emptyName), ("X", .illFormedName), ("X(: y", .illFormedName), ("X\u{e9}: y", .illFormedName), ("\u{e9}: y", .illFormedName),
      ("\"X\": y", .illFormedName), ("X\u{0}: y", .illFormedName), ("Content\rLength: 5", .illFormedName), ("X@y: z", .illFormedName),
      ("Content\u{d}Length: 5", .illFormedName), ("X: a\u{0}b", .controlByte), ("X: a\u{1}", .controlByte), ("X: \u{7f}", .controlByte),
      ("X: abcdefgh\u{1b}ijklmnopq", .controlByte), ("X: a\u{b}b", .controlByte), ("X: a\nY: b", .bareLineFeed), ("X: a\n", .bareLineFeed),
      ("X: abcdefghijkl\nY: b", .bareLineFeed), ("X: a\rb", .bareCarriageReturn), ("X: a\r\rb", .bareCarriageReturn),
      ("\nX: y", .bareLineFeed), ("X\n: y", .bareLineFeed), ("\rX: y", .bareCarriageReturn), ("X:\u{0}", .controlByte),
    ])
  func illFormed(line: String, fault: FieldFault) {
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\nZ: z\r\n\r\n").fault == .field(fault))
    #expect(parseRequest("GET / HTTP/1.1\r\n\(line)\r\nHost: a\r\n\r\n").fault == .field(fault))
    #expect(parseResponse("HTTP/1.1 200 OK\r\nA: a\r\n\(line)\r\n\r\n").fault == .field(fault))
  }

  @Test(
    "Odd but clear field lines pass as they are",
    arguments: [
      ("X:y", "X", "y"), ("X:", "X", ""), ("X: \t ", "X", ""), ("X:\ty\t", "X", "y"),
      ("!#$%&'*+-.^_`|~09azAZ: v", "!#$%&'*+-.^_`|~09azAZ", "v"),
      ("X: a\tb  c", "X", "a\tb  c"), ("X: \u{e9}\u{ff11}", "X", "\u{e9}\u{ff11}"), ("X: a:b", "X", "a:b"), ("X: ~}|{ ", "X", "~}|{"),
      ("A-name-of-more-than-thirty-two-bytes-that-nobody-knows: v", "A-name-of-more-than-thirty-two-bytes-that-nobody-knows", "v"),
    ])
  func wellFormed(line: String, name: String, value: String) {
    let request = parseRequest("GET / HTTP/1.1\r\n\(line)\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.text(request.head.fields[0].name) == name)
    #expect(request.text(request.head.fields[0].value) == value)
    #expect(request.head.fields[0].known == .other)
  }

  @Test("Any byte over 0x7F passes in a value")
  func obsoleteText() {
    for byte in UInt8(0x80)...0xFF {
      let bytes = [UInt8]("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [byte] + [UInt8]("\r\n\r\n".utf8)
      #expect(parseRequest(bytes).outcome == .complete)
    }
  }

  @Test("Every byte that is no token byte is refused in a name, at any place of it")
  func nameBytes() {
    let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in UInt8.min...UInt8.max where byte != 0x3A {
      for place in 0..<14 {
        var name = [UInt8]("Content-Length".utf8)
        name[place] = byte
        let bytes = [UInt8]("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + name + [UInt8](": 1\r\n\r\n".utf8)
        #expect((parseRequest(bytes).outcome == .complete) == token.contains(byte))
      }
    }
  }

  @Test("The lines of a head lie side by side")
  func lines() {
    let request = parseRequest("GET / HTTP/1.1\r\nHost: a\r\nX:  y \r\nZ:\r\n\r\n")
    let fields = request.head.fields
    #expect(fields[0].line.end == fields[1].line.start)
    #expect(fields[1].line.end == fields[2].line.start)
    #expect(fields[2].line.end + 2 == request.head.byteCount)
  }

  /// A section by its definition, byte after byte: the names, values and lines of the fields; `nil` where it is not whole and well formed.
  private func define(_ bytes: [UInt8]) -> [[Range<Int>]]? {
    var found: [[Range<Int>]] = []
    var start = 0
    while true {
      let rest = bytes[start...]
      if rest.starts(with: [0x0D, 0x0A]) { return start + 2 == bytes.count ? found : nil }
      let nameEnd = rest.firstIndex { !isTokenByte($0) } ?? bytes.count
      guard nameEnd > start, nameEnd < bytes.count, bytes[nameEnd] == 0x3A else { return nil }
      let end = bytes[(nameEnd + 1)...].firstIndex { !isFieldValueByte($0) } ?? bytes.count
      guard bytes[end...].starts(with: [0x0D, 0x0A]) else { return nil }
      let places = (nameEnd + 1..<end).filter { bytes[$0] != 0x20 && bytes[$0] != 0x09 }
      found.append([start..<nameEnd, places.first.map { $0..<(places[places.count - 1] + 1) } ?? end..<end, start..<end + 2])
      start = end + 2
    }
  }

  private func check(_ section: [UInt8]) {
    let line = [UInt8]("HTTP/1.1 200 OK\r\n".utf8)
    let response = parseResponse(line + section, maxHeadBytes: 4096)
    guard let expected = define(section) else {
      #expect(response.outcome != .complete, "\(section)")
      return
    }
    // Whatever the fields mean together is another matter.
    if case .framing = response.fault { return }
    #expect(response.outcome == .complete, "\(section)")
    let found = response.head.fields.map { [$0.name.range, $0.value.range, $0.line.range] }
    #expect(found == expected.map { $0.map { $0.lowerBound + line.count..<$0.upperBound + line.count } }, "\(section)")
    for field in response.head.fields {
      let name = String(decoding: response.bytes[field.name.range], as: UTF8.self).lowercased()
      #expect(field.known == KnownField.allCases.first { $0 != .other && $0.lowercaseName == name } ?? .other)
      #expect(response.head.present.contains(field.known))
      #expect(response.head.fieldCount(field.known) == response.head.fields.count { $0.known == field.known })
    }
  }

  @Test("Every byte at every place of a section comes to what the definition says, however the words fall")
  func everyByte() {
    for shift in 0..<8 {
      let section = "X\(String(repeating: "y", count: shift)): abcdefgh \t ijkl\u{ff}~\r\nEtag:\r\nDate:  a b \r\n\r\n"
      for place in section.utf8.indices {
        let offset = section.utf8.distance(from: section.utf8.startIndex, to: place)
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](section.utf8)
          bytes[offset] = byte
          check(bytes)
        }
      }
    }
  }

  @Test("Odd sections come to what the definition says")
  func oddSections() {
    var generator = SeededGenerator(state: 5)
    let odd = ["x", "X-Long-Name-That-Has-More-Than-Thirty-Two-Bytes", "Sec-CH-UA", "te\0", "accept "]
    let names = KnownField.allCases.map(\.lowercaseName) + odd
    let long = String(repeating: "e", count: 70)
    let values = ["", " ", " a", "\tb\t", "  c  d  ", long, "\u{ff}~\u{7f}", "f\rg", "h\ni", "~\u{e9}~", "12345678", "1234567 "]
    let ends = [String](repeating: "\r\n", count: 20) + ["\n", "\r", " \r\n", ""]
    func any(_ texts: [String]) -> String { texts[Int.random(in: 0..<texts.count, using: &generator)] }
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...20, using: &generator) {
        let name = any(names)
        text += (Bool.random(using: &generator) ? name : name.uppercased()) + ":" + any([" ", ""]) + any(values) + any(ends)
      }
      check([UInt8]((text + "\r\n").utf8))
    }
  }
}
