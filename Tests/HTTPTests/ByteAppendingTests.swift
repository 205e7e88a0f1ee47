import Testing

@testable import HTTP

@Suite struct ByteAppendingTests {
  private func text(_ write: (inout [UInt8]) -> Void) -> String {
    var output = [UInt8]("<".utf8)
    write(&output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test("Numbers are written in decimal", arguments: [0, 9, 10, 99, 1_234_567_890, -1, -10, Int.max, Int.min])
  func decimal(number: Int) {
    #expect(text { $0.appendDecimal(number) } == "<\(number)")
  }

  @Test("Numbers are written in hexadecimal", arguments: [0, 1, 15, 16, 255, 256, 0xABCDEF, Int.max])
  func hexadecimal(number: Int) {
    #expect(text { $0.appendHex(number) } == "<" + String(number, radix: 16))
    #expect(text { $0.appendChunkHeader(number) } == "<" + String(number, radix: 16) + "\r\n")
  }

  @Test("Spans of any length are copied")
  func spans() {
    let source = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var output: [UInt8] = [1]
    for count in [0, 1, 7, 8, 9, 5000] { output.append(copying: source.span.extracting(0..<count)) }
    #expect(output == [1] + [0, 1, 7, 8, 9, 5000].flatMap { source[0..<$0] })
  }

  @Test("Text is appended as it is")
  func literals() {
    #expect(text { $0.appendASCII("HTTP/1.1 200 OK\r\n") } == "<HTTP/1.1 200 OK\r\n")
    #expect(text { $0.appendASCII("") } == "<")
  }
}
