import Glibc
import Testing

@testable import Audit

@Suite struct AuditTrailTests {
  private let directory: TemporaryDirectory
  private let writer: LogWriter

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter(retryPause: .milliseconds(5))
  }

  private func append(_ trail: AuditTrail, _ id: String, time: Int64) -> Bool {
    AuditRecorder(trail).append(AuditRecord(.logout, time: time, status: 303), requestID: id)
  }

  private func ids(_ name: String) throws -> [String] {
    try #require(directory.text(name)).split(separator: "\n").map { line in
      guard case .string(let id)? = try parse(line.utf8)["request"] else { return "?" }
      return id
    }
  }

  private let beforeMidnight: Int64 = 1_795_391_999_999
  private let midnight: Int64 = 1_795_392_000_000

  @Test("Records go to the file of their UTC day, also when they come late")
  func dayRotation() throws {
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    #expect(append(trail, "1", time: beforeMidnight))
    #expect(append(trail, "2", time: midnight))
    #expect(append(trail, "3", time: beforeMidnight))
    #expect(append(trail, "4", time: midnight + 1))
    #expect(writer.drain(within: .seconds(10)))
    #expect(try ids("audit/audit-2026-11-22.jsonl") == ["1", "3"])
    #expect(try ids("audit/audit-2026-11-23.jsonl") == ["2", "4"])
  }

  @Test("The directory and its files are the gateway's alone")
  func modes() throws {
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    #expect(trail.warning == nil)
    #expect(append(trail, "1", time: midnight))
    #expect(writer.drain(within: .seconds(10)))
    #expect(mode(directory.file("audit")) == 0o700)
    #expect(mode(directory.file("audit/audit-2026-11-23.jsonl")) == 0o600)
  }

  @Test("A directory that others may enter is worth a warning")
  func openDirectory() throws {
    mkdir(directory.file("audit"), 0o755)
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    #expect(trail.warning?.contains("chmod 700") == true)
    #expect(writer.drain(within: .seconds(10)))
  }

  @Test("A directory that cannot be made or is none is an error that names it")
  func unusableDirectory() throws {
    #expect(throws: LogFileError(operation: "make the audit directory", path: directory.file("no/audit"), code: ENOENT)) {
      try AuditTrail(directory: directory.file("no/audit"), writer: writer)
    }
    directory.write("file", "")
    #expect(throws: LogFileError(operation: "write in the audit directory", path: directory.file("file"), code: ENOTDIR)) {
      try AuditTrail(directory: directory.file("file"), writer: writer)
    }
    #expect(writer.drain(within: .seconds(10)))
  }

  @Test("Records wait while they cannot be written, and are written once they can")
  func retry() throws {
    let notices = try Notices(writer)
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    let obstacle = directory.file("audit/audit-2026-11-23.jsonl")
    mkdir(obstacle, 0o700)
    #expect(append(trail, "1", time: midnight))
    #expect(
      notices.next() == .failing(destination: directory.file("audit"), reason: SystemCalls.text(ofError: EISDIR), kept: true))
    #expect(!trail.isHealthy)
    #expect(append(trail, "2", time: midnight))
    rmdir(obstacle)
    #expect(notices.next() == .recovered(destination: directory.file("audit")))
    #expect(trail.isHealthy)
    #expect(writer.drain(within: .seconds(10)))
    #expect(try ids("audit/audit-2026-11-23.jsonl") == ["1", "2"])
    #expect(notices.pending.isEmpty)
  }

  @Test("A directory that is taken away is made again")
  func vanishedDirectory() throws {
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    #expect(rmdir(directory.file("audit")) == 0)
    #expect(append(trail, "1", time: midnight))
    #expect(writer.drain(within: .seconds(10)))
    #expect(try ids("audit/audit-2026-11-23.jsonl") == ["1"])
  }

  @Test("A record that finds the queue full is refused, so that the request can be")
  func fullQueue() throws {
    let trail = try AuditTrail(
      directory: directory.file("audit"), writer: writer, limit: LogQueueLimit(bytes: 1 << 20, lines: 2))
    mkdir(directory.file("audit/audit-2026-11-23.jsonl"), 0o700)
    #expect(append(trail, "1", time: midnight))
    #expect(append(trail, "2", time: midnight))
    #expect(!append(trail, "3", time: midnight))
    rmdir(directory.file("audit/audit-2026-11-23.jsonl"))
    #expect(writer.drain(within: .seconds(10)))
    #expect(try ids("audit/audit-2026-11-23.jsonl") == ["1", "2"])
  }

  @Test("While its queue is full a trail is not healthy, and is again once something was written")
  func fullQueueIsUnhealthy() throws {
    let other = try AuditTrail(directory: directory.file("other"), writer: writer)
    #expect(append(other, "1", time: midnight))
    #expect(writer.flush(within: .seconds(10)))
    let count = try #require(directory.text("other/audit-2026-11-23.jsonl")).utf8.count
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer, limit: LogQueueLimit(bytes: count, lines: 9))
    #expect(!append(trail, "longer", time: midnight))
    #expect(!trail.isHealthy)
    #expect(append(trail, "1", time: midnight))
    #expect(writer.flush(within: .seconds(10)))
    #expect(trail.isHealthy)
    #expect(writer.drain(within: .seconds(10)))
  }

  @Test("A link in the place of a day's file is not followed")
  func link() throws {
    let notices = try Notices(writer)
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    directory.write("elsewhere", "")
    symlink(directory.file("elsewhere"), directory.file("audit/audit-2026-11-23.jsonl"))
    #expect(append(trail, "1", time: midnight))
    #expect(notices.next() == .failing(destination: directory.file("audit"), reason: SystemCalls.text(ofError: ELOOP), kept: true))
    unlink(directory.file("audit/audit-2026-11-23.jsonl"))
    #expect(writer.drain(within: .seconds(10)))
    #expect(directory.text("elsewhere") == "")
  }

  @Test("After a crash within a line the next record begins a line of its own")
  func tornLine() throws {
    mkdir(directory.file("audit"), 0o700)
    directory.write("audit/audit-2026-11-23.jsonl", "{\"time\":\"2026")
    let trail = try AuditTrail(directory: directory.file("audit"), writer: writer)
    #expect(append(trail, "1", time: midnight))
    #expect(writer.drain(within: .seconds(10)))
    let lines = try #require(directory.text("audit/audit-2026-11-23.jsonl")).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(try parse(try #require(lines.last).utf8)["request"] == .string("1"))
  }
}
