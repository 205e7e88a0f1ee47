import Config
import Glibc
import Synchronization

/// The event log: what operators read. Any thread may write; nothing waits. Messages are fixed sentences, and what varies stands in
/// fields. Never pass a password, token, cookie, key or patient id.
///
/// Text form: `2026-11-22T13:00:00.000Z warning message key=value key="two words"`. JSON form: `time`, `level`, `message`, then the fields.
package final class Events: Sendable {
  /// How serious an event is.
  package enum Level: String, Sendable { case info, warning, error }

  private struct Destination {
    var sink: LogSink
    var format: Config.EventLog.Format
    var warningsOnly: Bool
  }

  private let writer: LogWriter
  private let standardError: LogSink
  private let destination: Mutex<Destination>
  private let clock: @Sendable () -> Int64

  /// Names that a JSON line has of its own.
  private static let reserved = ["time", "level", "message"]
  private static let valueLimit = 2048
  private static let fieldLimit = 32

  /// Opens the destination and tells of the writer's lost lines and failures from now on. `clock`: milliseconds since 1970, UTC.
  package init(
    writer: LogWriter, destination: Config.EventLog, clock: @escaping @Sendable () -> Int64 = Events.systemTime
  ) throws(LogFileError) {
    self.writer = writer
    self.clock = clock
    standardError = writer.standardError()
    self.destination = Mutex(
      Destination(sink: try writer.open(destination), format: destination.format, warningsOnly: destination.warningsOnly))
    writer.onNotice { [weak self] notice in self?.tell(notice) }
  }

  /// Sends what follows elsewhere, as after a reload.
  package func redirect(to newDestination: Config.EventLog) throws(LogFileError) {
    let sink = try writer.open(newDestination)
    let old = destination.withLock { current in
      defer { current = Destination(sink: sink, format: newDestination.format, warningsOnly: newDestination.warningsOnly) }
      return current.sink
    }
    old.close()
  }

  /// The wall clock in milliseconds since 1970, UTC.
  package static let systemTime: @Sendable () -> Int64 = { SystemCalls.milliseconds(CLOCK_REALTIME) }

  /// Something that happened as it should.
  package func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { write(.info, message, fields.map { ($0, $1) }) }

  /// Something that an operator should look at.
  package func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    write(.warning, message, fields.map { ($0, $1) })
  }

  /// Something that does not work.
  package func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { write(.error, message, fields.map { ($0, $1) }) }

  var now: Int64 { clock() }

  func write(_ level: Level, _ message: String, _ fields: [(name: String, value: String)]) {
    let (sink, format, warningsOnly) = destination.withLock { ($0.sink, $0.format, $0.warningsOnly) }
    if warningsOnly, level == .info { return }
    let line = Self.line(level, message, fields.prefix(Self.fieldLimit), time: clock(), format: format)
    // A log whose disk is full cannot say so itself.
    if sink.isFailing, sink !== standardError { _ = standardError.offer(line) }
    _ = sink.offer(line)
  }

  // MARK: What the writer has to say

  private func tell(_ notice: LogNotice) {
    switch notice {
    case .lost(let destination, let lines):
      write(.warning, "log lines were lost", [("destination", destination), ("lines", String(lines))])
    case .failing(let destination, let reason, let kept):
      write(
        .error, kept ? "audit records cannot be written and wait in memory" : "a log cannot be written and its lines are dropped",
        [("destination", destination), ("reason", reason)])
    case .recovered(let destination):
      write(.info, "writing works again", [("destination", destination)])
    }
  }

  // MARK: Lines

  static func line(
    _ level: Level, _ message: String, _ fields: some Sequence<(name: String, value: String)>, time: Int64,
    format: Config.EventLog.Format
  ) -> [UInt8] {
    let timestamp = TimestampFormatter.bytes(milliseconds: time)
    switch format {
    case .json:
      var line = JSONLine()
      line.add("time", String(decoding: timestamp, as: UTF8.self), limit: 64)
      line.add("level", level.rawValue, limit: 64)
      line.add("message", message, limit: valueLimit)
      for field in fields {
        line.add(reserved.contains(field.name) ? field.name + "_" : field.name, field.value, limit: valueLimit)
      }
      return line.finished()
    case .text:
      var line = timestamp
      line.append(contentsOf: " \(level.rawValue) ".utf8)
      PrintableText.append(message, limit: valueLimit, style: .text, to: &line)
      for field in fields {
        line.append(UInt8(ascii: " "))
        PrintableText.append(field.name, limit: 64, style: .text, to: &line)
        line.append(UInt8(ascii: "="))
        let isPlain =
          !field.value.isEmpty && !field.value.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "=") }
        if !isPlain { line.append(UInt8(ascii: "\"")) }
        PrintableText.append(field.value, limit: valueLimit, style: .text, to: &line)
        if !isPlain { line.append(UInt8(ascii: "\"")) }
      }
      line.append(UInt8(ascii: "\n"))
      return line
    }
  }
}
