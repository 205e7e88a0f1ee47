import Config
import Testing

@testable import Audit

/// An event log of a test's own.
final class LogFixture {
  let directory: TemporaryDirectory
  let writer: LogWriter
  let events: Events

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter()
    events = try Events(writer: writer, destination: EventLog(path: directory.file("events.log")))
  }

  deinit { _ = writer.drain(within: .seconds(5)) }

  /// What has been logged so far.
  var lines: [String] {
    _ = writer.flush(within: .seconds(5))
    return directory.lines("events.log")
  }
}
