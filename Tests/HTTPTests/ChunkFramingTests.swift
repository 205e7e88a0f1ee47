import Testing

@testable import HTTP

@Suite struct ChunkFramingTests {
  @Test(
    "Chunks are taken out of their framing, extensions and trailers dropped",
    arguments: [
      ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
      ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
      ("a\r\n0123456789\r\n000\r\n\r\n", "0123456789"), ("000000000000003\r\nabc\r\n0\r\n\r\n", "abc"),
      ("3;x=y\r\nabc\r\n0;z\r\n\r\n", "abc"),
      ("3;x=\"a;b\"\t\u{e9}\r\nabc\r\n0\r\n\r\n", "abc"), ("3\r\nabc\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n", "abc"),
      ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
    ])
  func wellFormed(input: String, data: String) {
    let bytes = [UInt8](input.utf8)
    let expected = DecodedBody(data: [UInt8](data.utf8), ending: .ended, consumed: bytes.count)
    #expect(decodeBody(bytes, .chunked) == expected)
    #expect(decodeBody(bytes + [UInt8]("GET / HTTP/1.1\r\n".utf8), .chunked) == expected)
  }

  @Test(
    "A chunk line that two readers could take differently is refused",
    arguments: [
      ("+3\r\nabc", BodyFault.illFormedChunkSize), ("-3\r\nabc", .illFormedChunkSize), (" 3\r\nabc", .illFormedChunkSize),
      ("3 \r\nabc", .illFormedChunkSize), ("3 ;x\r\nabc", .illFormedChunkSize), ("0x3\r\nabc", .illFormedChunkSize),
      ("3h\r\nabc", .illFormedChunkSize),
      ("\r\nabc", .illFormedChunkSize), (";x\r\nabc", .illFormedChunkSize), ("3\nabc", .illFormedChunkSize),
      ("3\rabc", .illFormedChunkSize),
      ("3_0\r\n", .illFormedChunkSize), ("\u{ff13}\r\nabc", .illFormedChunkSize), ("0000000000000003\r\nabc", .illFormedChunkSize),
      ("FFFFFFFFFFFFFFFF\r\n", .illFormedChunkSize), ("10000000000000003\r\nabc", .illFormedChunkSize),
      ("3;x\nabc\r\n", .illFormedChunkExtension),
      ("3;x\u{0}\r\nabc", .illFormedChunkExtension), ("3;x\rabc", .illFormedChunkSize), ("3\r\nabcd\r\n", .missingChunkEnd),
      ("3\r\nabc\n0\r\n\r\n", .missingChunkEnd), ("3\r\nabc\rx", .missingChunkEnd), ("3\r\nabcx\n0\r\n\r\n", .missingChunkEnd),
      ("3\r\nabc0\r\n\r\n", .missingChunkEnd),
    ])
  func illFormed(input: String, fault: BodyFault) {
    #expect(decodeBody(input, .chunked).ending == .failed(fault))
  }

  @Test("A chunk line of 256 bytes passes, a longer one does not, however long it would be")
  func lineLength() {
    func ending(_ count: Int) -> DecodedBody.Ending {
      decodeBody("1;" + String(repeating: "x", count: count - 4) + "\r\na\r\n0\r\n\r\n", .chunked).ending
    }
    #expect(ending(256) == .ended)
    #expect(ending(257) == .failed(.chunkLineTooLong))
    #expect(ending(1_048_576) == .failed(.chunkLineTooLong))
  }

  @Test(
    "An ill-formed trailer is refused",
    arguments: ["X", "X : y", " X: y", ": y", "X: a\u{0}", "X: y\n", "X: y\rz", "\rX", "\n", "X: y\r\n folded: x", "X(: y"])
  func trailers(trailer: String) {
    #expect(decodeBody("0\r\n\(trailer)\r\n\r\n", .chunked).ending == .failed(.illFormedTrailer))
  }

  @Test("Trailers of 8 KiB pass, longer ones do not")
  func trailerLength() {
    func ending(_ count: Int) -> DecodedBody.Ending {
      decodeBody("0\r\nX:" + String(repeating: "y", count: count - 6) + "\r\n\r\n", .chunked).ending
    }
    #expect(ending(8192) == .ended)
    #expect(ending(8193) == .failed(.trailersTooLarge))
    #expect(decodeBody("0\r\n" + String(repeating: "X: y\r\n", count: 2000) + "\r\n", .chunked).ending == .failed(.trailersTooLarge))
  }

  @Test("Once failed, always failed")
  func failureStays() {
    var decoder = BodyDecoder(.chunked)
    #expect(decoder.next([UInt8]("x".utf8).span) == .failed(.illFormedChunkSize))
    #expect(decoder.next([UInt8]("0\r\n\r\n".utf8).span) == .failed(.illFormedChunkSize))
    #expect(!decoder.isComplete)
    let isProperEnd = decoder.endOfInput()
    #expect(!isProperEnd)
  }
}
