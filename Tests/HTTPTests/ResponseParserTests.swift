import Testing

@testable import HTTP

@Suite struct ResponseParserTests {
  @Test("A plain response is taken apart into offsets")
  func plainResponse() {
    let response = parseResponse("HTTP/1.1 200 All right\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nabc")
    #expect(response.outcome == .complete)
    #expect(response.head.status == 200)
    #expect(response.text(response.head.reason) == "All right")
    #expect(response.head.minorVersion == 1)
    #expect(response.head.fields.map(\.known) == [.contentLength, .setCookie])
    #expect(response.head.body == .length(3))
    #expect(response.head.keepAlive)
    #expect(response.head.byteCount == response.bytes.count - 3)
    #expect(response.head.firstField(.setCookie)?.known == .setCookie)
    #expect(response.head.fieldCount(.setCookie) == 1)
  }

  @Test(
    "Status lines that are clear pass",
    arguments: [
      ("HTTP/1.1 204 ", ""), ("HTTP/1.1 204", ""), ("HTTP/1.0 204 No", "No"), ("HTTP/1.1 204 \u{e9} \t", "\u{e9} \t"),
      ("HTTP/1.1 204  x", " x"),
    ])
  func statusLines(line: String, reason: String) {
    let response = parseResponse(line + "\r\n\r\n")
    #expect(response.outcome == .complete)
    #expect(response.head.status == 204)
    #expect(response.text(response.head.reason) == reason)
  }

  @Test(
    "An ill-formed status line is refused",
    arguments: [
      ("HTTP/1.1 20", ResponseFault.illFormedStatusLine), ("HTTP/1.1 2000 OK", .illFormedStatusLine),
      ("HTTP/1.1 099 X", .illFormedStatusLine),
      ("HTTP/1.1 600 X", .illFormedStatusLine), ("HTTP/1.1 999", .illFormedStatusLine), ("HTTP/1.1 000", .illFormedStatusLine),
      ("HTTP/1.1 2x0 OK", .illFormedStatusLine), ("HTTP/1.1  200 OK", .illFormedStatusLine), ("HTTP/1.1 +20 OK", .illFormedStatusLine),
      ("HTTP/1.1\t200 OK", .illFormedStatusLine), ("HTTP/1.1200 OK", .illFormedStatusLine), ("ICY 200 OK", .illFormedStatusLine),
      ("http/1.1 200 OK", .illFormedStatusLine), ("HTTP/1.1 200\tOK", .illFormedStatusLine), ("HTTP/1.1 200 O\u{0}K", .illFormedStatusLine),
      ("HTTP/1.1 200 O\nK", .field(.bareLineFeed)), ("HTTP/1.1 200 O\rK", .field(.bareCarriageReturn)), ("<html>", .illFormedStatusLine),
      ("\r\nHTTP/1.1 200 OK", .illFormedStatusLine), ("HTTP/1.2 200 OK", .unsupportedVersion), ("HTTP/2.0 200 OK", .unsupportedVersion),
      ("HTTP/0.9 200 OK", .unsupportedVersion),
    ])
  func illFormedStatusLines(line: String, fault: ResponseFault) {
    #expect(parseResponse(line + "\r\nContent-Length: 0\r\n\r\n").fault == fault)
  }

  @Test(
    "A body's length that two readers could take differently is refused, whatever the status",
    arguments: [
      ("Content-Length: 5\r\nTransfer-Encoding: chunked", FramingFault.bothFramings),
      ("Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
      ("Content-Length: 5\r\nContent-Length: 6", .repeatedContentLength), ("Content-Length: +5", .illFormedContentLength),
      ("Content-Length: 5, 5", .illFormedContentLength), ("Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
      ("Transfer-Encoding: identity", .unknownTransferCoding),
      ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
    ])
  func ambiguousFraming(fields: String, fault: FramingFault) {
    for status in [200, 204, 304, 404] {
      #expect(parseResponse("HTTP/1.1 \(status) X\r\n\(fields)\r\n\r\n").fault == .framing(fault))
    }
    #expect(parseResponse("HTTP/1.1 200 X\r\n\(fields)\r\n\r\n", to: .head).fault == .framing(fault))
  }

  @Test("Transfer-Encoding in HTTP/1.0 is refused")
  func transferEncodingInOldVersion() {
    #expect(parseResponse("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").fault == .framing(.transferEncodingInOldVersion))
  }

  @Test(
    "Body and persistence follow status, method, version and fields",
    arguments: [
      (200, Method.get, "1.1", "X: y", BodyFraming.untilClose, false), (200, .get, "1.1", "Content-Length: 0", .length(0), true),
      (200, .get, "1.1", "Transfer-Encoding: chunked", .chunked, true),
      (200, .get, "1.1", "Content-Length: 3\r\nConnection: close", .length(3), false),
      (200, .get, "1.0", "X: y", .untilClose, false), (200, .get, "1.0", "Connection: keep-alive", .untilClose, false),
      (200, .get, "1.0", "Content-Length: 3", .length(3), false),
      (200, .get, "1.0", "Content-Length: 3\r\nConnection: keep-alive", .length(3), true),
      (200, .head, "1.1", "Content-Length: 3", .none, true), (200, .head, "1.1", "X: y", .none, true),
      (200, .head, "1.1", "Transfer-Encoding: chunked", .none, true), (304, .get, "1.1", "Content-Length: 3", .none, true),
      (304, .get, "1.1", "Transfer-Encoding: chunked", .none, true), (204, .get, "1.1", "X: y", .none, true),
      (204, .get, "1.1", "Content-Length: 0", .none, true), (204, .get, "1.1", "Content-Length: 3", .none, false),
      (204, .get, "1.1", "Transfer-Encoding: chunked", .none, false), (100, .post, "1.1", "X: y", .none, true),
      (103, .get, "1.1", "Link: x", .none, true), (101, .get, "1.1", "Connection: upgrade\r\nUpgrade: websocket", .none, true),
      (599, .get, "1.1", "Content-Length: 1", .length(1), true),
    ])
  func bodies(status: Int, method: Method, version: String, fields: String, body: BodyFraming, keepAlive: Bool) {
    let response = parseResponse("HTTP/\(version) \(status) X\r\n\(fields)\r\n\r\n", to: method)
    #expect(response.outcome == .complete)
    #expect(response.head.body == body)
    #expect(response.head.keepAlive == keepAlive)
    #expect(response.head.hasConnectionNominations == fields.contains("upgrade"))
  }

  @Test("A head of 1 MB is refused as soon as the limit is reached, as are too many fields")
  func limits() {
    let long = String(repeating: "a", count: 1_048_576)
    var parser = ResponseParser(maxHeadBytes: 65_536, maxFields: 100)
    var head = ResponseHead()
    let bytes = [UInt8]("HTTP/1.1 200 OK\r\nX: \(long)\r\n\r\n".utf8)
    #expect(parser.parse(bytes.span, into: &head, requestMethod: .get) == .failed(.headTooLarge))
    #expect(parseResponse("HTTP/1.1 200 " + String(repeating: "a", count: 300), maxHeadBytes: 256).fault == .headTooLarge)
    let fields = (1...11).map { "X-\($0): y\r\n" }.joined()
    #expect(parseResponse("HTTP/1.1 200 OK\r\n\(fields)\r\n", maxFields: 10).fault == .field(.tooManyFields))
  }

  @Test("A series of informational responses and the final one are read one after the other")
  func series() {
    let bytes = [UInt8](
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    var parser = ResponseParser(maxHeadBytes: 1024, maxFields: 10)
    var head = ResponseHead()
    var position = 0
    var statuses: [Int] = []
    while position < bytes.count {
      #expect(parser.parse(bytes.span.extracting(position..<bytes.count), into: &head, requestMethod: .get) == .complete)
      statuses.append(head.status)
      position += head.byteCount
    }
    #expect(statuses == [100, 103, 200])
    #expect(head.fields.count == 1)
  }

  @Test("A parser that is reset in the middle of a head starts anew")
  func reset() {
    var parser = ResponseParser(maxHeadBytes: 1024, maxFields: 10)
    var head = ResponseHead()
    for prefix in ["HTTP/1.", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nX: y\r\n\r"] {
      #expect(parser.parse([UInt8](prefix.utf8).span, into: &head, requestMethod: .get) == .incomplete)
      parser.reset()
      #expect(parser.parse([UInt8]("HTTP/1.1 404\r\n\r\n".utf8).span, into: &head, requestMethod: .get) == .complete)
      #expect(head.status == 404 && head.fields.isEmpty)
    }
  }

  @Test("Every byte at every place of a status line comes to what the definition says")
  func everyByteOfTheLine() {
    for line in ["HTTP/1.1 200 OK\r\n", "HTTP/1.0 404 \r\n", "HTTP/1.1 599 A long \t reason\r\n", "HTTP/1.1 100\r\n"] {
      for place in 0..<line.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](line.utf8)
          bytes[place] = byte
          let text = bytes.dropLast(2)
          let status = text.dropFirst(9).prefix(3).reduce(0) { $0 * 10 + Int($1) - 0x30 }
          let isWellFormed =
            bytes.suffix(2) == [0x0D, 0x0A] && (text.starts(with: "HTTP/1.1 ".utf8) || text.starts(with: "HTTP/1.0 ".utf8))
            && text.count >= 12 && text.dropFirst(9).prefix(3).allSatisfy(isDigit) && (100...599).contains(status)
            && (text.count == 12 || text[12] == 0x20) && text.dropFirst(13).allSatisfy(isFieldValueByte)
          let response = parseResponse(bytes + [UInt8]("\r\n".utf8))
          #expect((response.outcome == .complete) == isWellFormed, "\(bytes)")
          guard isWellFormed else { continue }
          #expect(response.head.status == status && response.head.minorVersion == text[7] - 0x30)
          #expect(response.text(response.head.reason) == String(decoding: text.dropFirst(13), as: UTF8.self))
        }
      }
    }
  }
}
