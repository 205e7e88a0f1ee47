/// The patient-access trail: one JSON line for each record, in a file for each UTC day.
package final class AuditTrail: Sendable {
  private let sink: LogSink
  /// What an operator should know about the directory, such as that others may read it; nil when all is well.
  package let warning: String?

  /// Makes the directory (mode 0700) if it is absent; throws when files cannot be made in it. The queue's default holds 16 MiB and
  /// 50,000 records: what a full disk may make the gateway keep before patient requests are refused.
  package init(
    directory: String, writer: LogWriter, limit: LogQueueLimit = LogQueueLimit(bytes: 16 << 20, lines: 50_000)
  ) throws(LogFileError) {
    if let code = SystemCalls.makeDirectory(directory, mode: 0o700) {
      throw LogFileError(operation: "make the audit directory", path: directory, code: code)
    }
    switch SystemCalls.directoryMode(directory) {
    case .failure(let code): throw LogFileError(operation: "write in the audit directory", path: directory, code: code)
    case .success(let mode):
      warning = mode & 0o077 == 0 ? nil : "the audit directory \(directory) is open to other users (chmod 700 \(directory))"
    }
    sink = writer.sink(.daily(directory: directory), .keep, limit)
  }

  /// Queues a record's line for the file of its day. The one place that every record passes, in the order in which the file will have them.
  /// False when the queue is full.
  func append(_ line: Span<UInt8>, time: Int64) -> Bool { sink.offer(line, lines: 1, day: CivilTime.day(of: time)) }

  /// False while records cannot be written, or come faster than they are: they are kept and tried again, but no more is to happen that
  /// needs one.
  package var isHealthy: Bool { !sink.isFailing && !sink.isFull }
}
