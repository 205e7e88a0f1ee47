import Testing

@testable import Audit

@Suite struct AccessLogBufferTests {
  private let directory: TemporaryDirectory
  private let writer: LogWriter
  private let sink: LogSink

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter()
    sink = try writer.open(.init(path: directory.file("access.log")))
  }

  private static let entry = AccessEntry(
    time: 1_795_352_400_000, version: .http11, status: 200, bytesOut: 5120, bytesIn: 300, totalMicroseconds: 12_345,
    upstreamMicroseconds: 11_204)

  private func append(
    to buffer: AccessLogBuffer, _ entry: AccessEntry = entry, user: [UInt8] = bytes("dr.jones"),
    target: [UInt8] = bytes("/patients/1234567?patient_id=1234567"), upstream: [UInt8] = bytes("127.0.0.1:9000")
  ) {
    let request = bytes("r-1")
    let client = bytes("203.0.113.9")
    let site = bytes("app.example.com")
    let method = bytes("GET")
    buffer.append(
      entry, requestID: request.span, client: client.span, site: site.span, user: user.span, method: method.span,
      target: target.span, upstream: upstream.span)
  }

  private func written() throws -> String {
    #expect(writer.drain(within: .seconds(10)))
    return try #require(directory.text("access.log"))
  }

  @Test("A text line has its fields in a fixed order, no query and no record number")
  func textLine() throws {
    let buffer = AccessLogBuffer(sink: sink, format: .text)
    append(to: buffer)
    buffer.flush()
    #expect(
      try written() == """
        2026-11-22T13:00:00.000Z r-1 203.0.113.9 app.example.com dr.jones "GET /patients/* HTTP/1.1" 200 5120 300 12.345 \
        127.0.0.1:9000 11.204 ok

        """)
  }

  @Test("What is absent shows as a dash in text and as null in JSON")
  func absentFields() throws {
    var entry = Self.entry
    entry.status = 0
    entry.upstreamMicroseconds = -1
    entry.end = .clientClosed
    let text = AccessLogBuffer(sink: sink, format: .text)
    append(to: text, entry, user: [], target: bytes("/"), upstream: [])
    text.flush()
    let json = AccessLogBuffer(sink: sink, format: .json)
    append(to: json, entry, user: [], target: bytes("/"), upstream: [])
    json.flush()
    let lines = try written().split(separator: "\n")
    #expect(
      lines.first == "2026-11-22T13:00:00.000Z r-1 203.0.113.9 app.example.com - \"GET / HTTP/1.1\" - 5120 300 12.345 - - client-closed")
    let object = try parse(try #require(lines.last).utf8)
    #expect(object["user"] == .null && object["status"] == .null && object["upstream"] == .null && object["upstream_ms"] == .null)
    #expect(object["end"] == .string("client-closed"))
  }

  @Test("A JSON line has every field under its name")
  func jsonLine() throws {
    let buffer = AccessLogBuffer(sink: sink, format: .json)
    append(to: buffer)
    buffer.flush()
    let object = try parse(try written().utf8)
    #expect(
      object == [
        "time": .string("2026-11-22T13:00:00.000Z"), "request": .string("r-1"), "client": .string("203.0.113.9"),
        "site": .string("app.example.com"), "user": .string("dr.jones"), "method": .string("GET"), "path": .string("/patients/*"),
        "protocol": .string("HTTP/1.1"), "status": .number(200), "bytes_out": .number(5120), "bytes_in": .number(300),
        "ms": .number(12.345), "upstream": .string("127.0.0.1:9000"), "upstream_ms": .number(11.204), "end": .string("ok"),
      ])
  }

  @Test("No bytes of a client's can forge or break a line")
  func forgedLines() throws {
    var random = SystemRandomNumberGenerator()
    let text = AccessLogBuffer(sink: sink, format: .text)
    let json = AccessLogBuffer(sink: sink, format: .json)
    let forged = bytes("/x\" 200 1 1 1 - - ok\n2026-11-22T13:00:00.000Z forged \"")
    for round in 0..<300 {
      var junk = (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if round == 0 { junk = forged }
      append(to: text, user: junk, target: junk, upstream: junk)
      append(to: json, user: junk, target: junk, upstream: junk)
    }
    text.flush()
    json.flush()
    let lines = try written().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count == 600)
    for line in lines {
      #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
      if line.hasPrefix("{") {
        #expect(try parse(line.utf8).count == 15)
      } else {
        #expect(line.utf8.filter { $0 == UInt8(ascii: " ") }.count == 14)
        #expect(line.utf8.filter { $0 == UInt8(ascii: "\"") }.count == 2)
      }
    }
  }

  @Test("The longest possible line fits the room that is kept for it", arguments: [Form.text, .json])
  func longestLine(format: Form) throws {
    let buffer = AccessLogBuffer(sink: sink, format: format == .text ? .text : .json)
    let long = [UInt8](repeating: 0xF0, count: 9000)
    let entry = AccessEntry(
      time: .max, version: .http10, status: .max, bytesOut: .max, bytesIn: .max, totalMicroseconds: .max, upstreamMicroseconds: .max,
      end: .upstreamUnreachable)
    for _ in 0..<40 {
      buffer.append(
        entry, requestID: long.span, client: long.span, site: long.span, user: long.span, method: long.span, target: long.span,
        upstream: long.span)
    }
    buffer.flush()
    let lines = try written().split(separator: "\n")
    #expect(lines.count == 40)
    #expect(lines.allSatisfy { $0.utf8.count < AccessLimit.line })
  }

  @Test("Lines gather until the tick or 32 KiB, whichever comes first")
  func gathering() throws {
    let quiet = try unwritten(lines: 1_000_000)
    let buffer = AccessLogBuffer(sink: quiet, format: .text)
    append(to: buffer)
    #expect(quiet.isEmpty)
    buffer.flush()
    #expect(quiet.takeAll().map(\.lines) == [1])
    buffer.flush()
    #expect(quiet.isEmpty)
    while quiet.isEmpty { append(to: buffer) }
    let items = quiet.takeAll()
    #expect(items.count == 1)
    #expect(items[0].bytes.count >= AccessLogBuffer.threshold)
    #expect(items[0].bytes.count < AccessLogBuffer.threshold + AccessLimit.line)
    #expect(items[0].lines == items[0].bytes.count { $0 == UInt8(ascii: "\n") })
  }

  @Test("Lines that a full queue refuses are counted")
  func refused() throws {
    let full = try unwritten(lines: 2)
    let buffer = AccessLogBuffer(sink: full, format: .text)
    for _ in 0..<3 { append(to: buffer) }
    buffer.flush()
    #expect(full.lostLines == 3)
    append(to: buffer)
    buffer.flush()
    #expect(full.takeAll().map(\.lines) == [1])
  }

  enum Form { case text, json }

  private func unwritten(lines: Int) throws -> LogSink {
    LogSink(.standardError, retention: .drop, limit: LogQueueLimit(lines: lines), waker: try Waker())
  }
}
