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
}
