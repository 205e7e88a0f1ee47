import Testing

@testable import HTTP

@Suite struct BodyDecoderTests {
  @Test("No body ends at once and takes nothing")
  func noBody() {
    #expect(decodeBody("GET / HTTP/1.1", .none) == DecodedBody(data: [], ending: .ended, consumed: 0))
    #expect(decodeBody("GET / HTTP/1.1", .length(0)) == DecodedBody(data: [], ending: .ended, consumed: 0))
    #expect(BodyDecoder(.none).isComplete)
    #expect(BodyDecoder(.length(0)).isComplete)
  }

  @Test("A known length takes exactly so many bytes")
  func length() {
    #expect(decodeBody("abcdefgh", .length(5)) == DecodedBody(data: [UInt8]("abcde".utf8), ending: .ended, consumed: 5))
    #expect(decodeBody("abc", .length(5)) == DecodedBody(data: [UInt8]("abc".utf8), ending: .needsMore, consumed: 3))
    var decoder = BodyDecoder(.length(5))
    #expect(decoder.remaining == 5 && !decoder.isComplete)
    _ = decoder.next([1, 2, 3].span)
    #expect(decoder.remaining == 2 && !decoder.isComplete)
    #expect(decoder.next([4, 5, 6].span) == .data(0..<2, consumed: 2))
    #expect(decoder.remaining == 0 && decoder.isComplete)
  }

  @Test("Without framing all bytes are body until the end of the connection")
  func untilClose() {
    #expect(decodeBody("abc", .untilClose) == DecodedBody(data: [UInt8]("abc".utf8), ending: .needsMore, consumed: 3))
  }

  @Test("The end of the connection is the end of a body only where nothing is missing")
  func endOfInput() {
    func ends(_ framing: BodyFraming, after input: String) -> Bool {
      var decoder = BodyDecoder(framing)
      let bytes = [UInt8](input.utf8)
      var position = 0
      loop: while true {
        switch decoder.next(bytes.span.extracting(position..<bytes.count)) {
        case .data(_, let consumed): position += consumed
        default: break loop
        }
      }
      let proper = decoder.endOfInput()
      #expect(decoder.isComplete == proper)
      return proper
    }
    #expect(ends(.untilClose, after: ""))
    #expect(ends(.untilClose, after: "abc"))
    #expect(ends(.none, after: ""))
    #expect(ends(.length(3), after: "abc"))
    #expect(!ends(.length(3), after: "ab"))
    #expect(!ends(.length(3), after: ""))
    #expect(ends(.chunked, after: "1\r\na\r\n0\r\n\r\n"))
    for cut in ["", "1", "1\r\n", "1\r\na", "1\r\na\r\n", "1\r\na\r\n0\r\n", "1\r\na\r\n0\r\n\r", "1\r\na\r\n0\r\nX: y\r\n"] {
      #expect(!ends(.chunked, after: cut), "cut after \(cut)")
    }
  }
}
