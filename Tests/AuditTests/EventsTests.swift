import Config
import Glibc
import Testing

@testable import Audit

@Suite struct EventsTests {
  private let directory: TemporaryDirectory
  private let writer: LogWriter

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter(retryPause: .milliseconds(5))
  }

  private func events(_ format: Config.EventLog.Format, _ name: String = "log") throws -> Events {
    try Events(writer: writer, destination: .init(path: directory.file(name), format: format), clock: { 1_795_352_400_000 })
  }

  private func written(_ name: String = "log") throws -> String {
    #expect(writer.drain(within: .seconds(10)))
    return try #require(directory.text(name))
  }

  @Test("A text event is time, level, message and fields")
  func text() throws {
    let events = try events(.text)
    events.info("ready", ["address": "127.0.0.1:8080", "site": "a b", "empty": "", "sum": "1=1"])
    events.warning("plain HTTP on a public address")
    events.error("broken")
    #expect(
      try written() == """
        2026-11-22T13:00:00.000Z info ready address=127.0.0.1:8080 site="a b" empty="" sum="1=1"
        2026-11-22T13:00:00.000Z warning plain HTTP on a public address
        2026-11-22T13:00:00.000Z error broken

        """)
  }

  @Test("A log for warnings only leaves out what went as it should")
  func warningsOnly() throws {
    let destination = Config.EventLog(path: directory.file("log"), warningsOnly: true)
    let events = try Events(writer: writer, destination: destination, clock: { 1_795_352_400_000 })
    events.info("ready")
    events.warning("odd")
    events.error("broken")
    #expect(try written() == "2026-11-22T13:00:00.000Z warning odd\n2026-11-22T13:00:00.000Z error broken\n")
  }

  @Test("A JSON event has the same parts as members; a field cannot pass for one of the line's own")
  func json() throws {
    try events(.json).warning("odd", ["key": "v\n\"", "level": "info"])
    #expect(
      try parse(try written().utf8) == [
        "time": .string("2026-11-22T13:00:00.000Z"), "level": .string("warning"), "message": .string("odd"), "key": .string("v\n\""),
        "level_": .string("info"),
      ])
  }

  @Test("No value can begin a line of its own", arguments: [Config.EventLog.Format.text, .json])
  func forged(format: Config.EventLog.Format) throws {
    let events = try events(format)
    let forged = "x\n2026-11-22T13:00:00.000Z info ready\r\u{2028}\u{85}\"\\ y=\u{1b}[2J"
    events.error(forged, ["a": forged, forged: "b", "quoted": "\" b=\"c"])
    let text = try written()
    #expect(text.count { $0.isNewline } == 1)
    #expect(text.unicodeScalars.dropLast().allSatisfy { !PrintableText.needsEscape($0) })
    if format == .text { #expect(text.contains(#"quoted="\" b=\"c""#)) } else { _ = try parse(text.utf8) }
  }

  @Test("Fields and their lengths are bounded")
  func bounds() throws {
    try events(.json).info(String(repeating: "m", count: 100_000), ["k": String(repeating: "v", count: 100_000)])
    #expect(try written().utf8.count < 5000)
  }

  @Test("After a redirection, lines go to the new place in the new form")
  func redirection() throws {
    let events = try events(.text)
    events.info("one")
    try events.redirect(to: .init(path: directory.file("new"), format: .json))
    events.info("two")
    #expect(writer.drain(within: .seconds(10)))
    #expect(directory.text("log")?.hasSuffix("info one\n") == true)
    #expect(try parse(try #require(directory.text("new")).utf8)["message"] == .string("two"))
  }

  @Test("A redirection that fails leaves the old place in force")
  func failedRedirection() throws {
    let events = try events(.text)
    #expect(throws: LogFileError(operation: "open the log file", path: directory.file("no/log"), code: ENOENT)) {
      try events.redirect(to: .init(path: directory.file("no/log"), format: .text))
    }
    events.info("still here")
    #expect(try written().hasSuffix("info still here\n"))
  }

  @Test("Audit records that cannot be written are told once")
  func auditFailure() throws {
    let events = try events(.text)
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    let obstacle = directory.file("audit/audit-1970-01-01.jsonl")
    mkdir(obstacle, 0o700)
    for id in ["1", "2", "3"] {
      #expect(AuditRecorder(trail).append(AuditRecord(.logout, time: 0, status: 0), requestID: id))
    }
    #expect(!writer.flush(within: .milliseconds(50)))
    rmdir(obstacle)
    #expect(writer.flush(within: .seconds(10)))
    let text = try written()
    #expect(text.count { $0.isNewline } == 2)
    #expect(text.contains("error audit records cannot be written and wait in memory destination=\(directory.file("audit")) reason="))
    #expect(text.contains("info writing works again destination="))
    withExtendedLifetime(events) {}
  }

  @Test("Lost lines are told as one event when there is room again")
  func lostLines() throws {
    let events = try events(.text)
    let pipe = try NamedPipe(directory.file("pipe"))
    let access = try writer.open(.init(path: pipe.path), limit: LogQueueLimit(bytes: 256 << 10, lines: 100))
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4095) + [UInt8(ascii: "\n")]
    var accepted = 0
    var refused = 0
    while refused < 7 { if access.offer(line) { accepted += 1 } else { refused += 1 } }
    #expect(pipe.read(count: accepted * 4096).count == accepted * 4096)
    #expect(writer.flush(within: .seconds(10)))
    #expect(try written().contains("warning log lines were lost destination=\(pipe.path) lines=7\n"))
    withExtendedLifetime(events) {}
  }
}
