import Testing

@testable import HTTP

@Suite struct HeadWritingTests {
  private func text(_ write: (inout OutputSpan<UInt8>) -> Void) -> String {
    var output = [UInt8]("<".utf8)
    output.append(addingCapacity: 100) { write(&$0) }
    return String(decoding: output, as: UTF8.self)
  }

  @Test("Pieces stand side by side, empty ones too")
  func pieces() {
    let bytes = [UInt8]("abc".utf8)
    let written = text {
      $0.append(copying: bytes)
      $0.append(copying: [])
      $0.appendLiteral("")
      $0.appendLiteral("def")
      $0.append(copying: bytes.span.extracting(1..<2))
    }
    #expect(written == "<abcdefb")
  }

  @Test("A piece that just fits is written")
  func fits() {
    var output: [UInt8] = []
    output.append(addingCapacity: 5) {
      $0.appendLiteral("ab")
      $0.append(copying: [1, 2, 3])
      #expect($0.freeCapacity == 0)
    }
    #expect(output == [0x61, 0x62, 1, 2, 3])
  }

  @Test("Numbers are written in decimal", arguments: [0, 9, 10, 99, 1_234_567_890, -1, -10, Int.max, Int.min])
  func decimal(number: Int) {
    #expect(text { $0.appendDecimal(number) } == "<\(number)")
  }

  @Test("Lines go on in their order where they pass, whichever of their neighbours do")
  func lines() {
    let response = parseResponse("HTTP/1.1 200 OK\r\nDate: 1\r\nA: 2\r\nServer: 3\r\nB: 4\r\nVary: 5\r\nAge: 6\r\n\r\n")
    let names = ["Date", "A", "Server", "B", "Vary", "Age"]
    for chosen in 0..<64 {
      let expected = names.indices.filter { chosen >> $0 & 1 == 1 }
      let known = response.head.fields.indices.filter { expected.contains($0) && response.head.fields[$0].known != .other }
      let written = text { output in
        output.appendLines(
          response.head.fields, of: response.bytes.span, passing: KnownFieldSet(known.map { response.head.fields[$0].known })
        ) { field, output in
          if case .other = field.known { return expected.contains { names[$0] == response.text(field.name) } }
          if case .age = field.known { output.appendLiteral("+") }
          return false
        }
      }
      let lines = expected.map { "\(names[$0]): \($0 + 1)\r\n" }
      #expect(written.filter { $0 != "+" } == "<" + lines.joined() && written.contains("+") == !expected.contains(5))
    }
  }

  @Test("Lines are replaced in their places, and only where they pass")
  func replacements() {
    let response = parseResponse("HTTP/1.1 200 OK\r\nSet-Cookie:  a \r\nDate: 1\r\nset-cookie:b\r\nAge: 2\r\nA: 3\r\n\r\n")
    func written(_ replacements: [FieldReplacement]) -> String {
      text { output in
        output.appendLines(response.head.fields, of: response.bytes.span, replacing: replacements) { $0.known != .age }
      }
    }
    let x = FieldReplacement(index: 0, value: Array("x; y".utf8))
    #expect(written([x]) == "<Set-Cookie: x; y\r\nDate: 1\r\nset-cookie:b\r\nA: 3\r\n")
    let rest = [2, 3, 4].map { FieldReplacement(index: $0, value: Array("\($0)".utf8)) }
    #expect(written([x] + rest) == "<Set-Cookie: x; y\r\nDate: 1\r\nset-cookie: 2\r\nA: 4\r\n")
    #expect(written([]) == "<Set-Cookie:  a \r\nDate: 1\r\nset-cookie:b\r\nA: 3\r\n")
  }
}
