import Glibc

/// Where a sink's lines end up.
enum LogDestination: Sendable, Equatable {
  case standardError
  /// One file, made with mode 0640 if absent.
  case file(String)
  /// `audit-YYYY-MM-DD.jsonl` in a directory of the process's own (0700, made if absent); the files have mode 0600.
  case daily(directory: String)

  /// What notices call it.
  var name: String {
    switch self {
    case .standardError: "standard error"
    case .file(let path): path
    case .daily(let directory): directory
    }
  }

  /// The file that lines of a UTC day (counted from 1970-01-01) belong to; `nil` for standard error.
  func path(day: Int64) -> String? {
    switch self {
    case .standardError: nil
    case .file(let path): path
    case .daily(let directory): "\(directory)/audit-\(CivilTime.dateText(day: day)).jsonl"
    }
  }
}

/// What becomes of lines that cannot be written now.
enum LogRetention: Sendable {
  /// They stay queued and are tried again; data is forced to the disk before it counts as written.
  case keep
  /// They are dropped and counted.
  case drop
}

/// How much a sink may hold that is not written yet. What exceeds it is refused, never waited for.
package struct LogQueueLimit: Sendable, Equatable {
  /// Bytes of all queued lines together.
  package var bytes: Int
  /// Lines queued.
  package var lines: Int

  /// Defaults: 8 MiB and 100,000 lines.
  package init(bytes: Int = 8 << 20, lines: Int = 100_000) {
    self.bytes = bytes
    self.lines = lines
  }
}

/// A log or audit file that cannot be used.
package struct LogFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, such as `open the log file`.
  package var operation: String
  /// The path, or empty where none is meant.
  package var path: String
  /// The `errno`.
  package var code: Int32

  /// What failed, why, and the mend where there is a plain one.
  package var description: String {
    let reason = SystemCalls.text(ofError: code)
    return "cannot \(operation)\(path.isEmpty ? "" : " \(path)"): \(reason)\(mend)"
  }

  private var mend: String {
    switch code {
    case ENOENT: " (make its parent directory first)"
    case EACCES, EPERM: " (let the gateway's user write there)"
    case ENOTDIR: " (name a directory)"
    default: ""
    }
  }
}

/// What the writer has to say about a sink; each is told once when it begins, not for every line.
package enum LogNotice: Sendable, Equatable {
  /// Lines that were refused or dropped since the last such notice; told when there is room again.
  case lost(destination: String, lines: Int)
  /// Writing fails. `kept`: lines stay queued and are tried again; else they are dropped.
  case failing(destination: String, reason: String, kept: Bool)
  /// Writing works again.
  case recovered(destination: String)
}
