import FoundationEssentials
import Glibc
import Synchronization

@testable import Audit

/// A directory that goes away with its owner.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/audit-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw LogFileError(operation: "make a directory", path: "", code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  func write(_ name: String, _ text: String) { _ = FileManager.default.createFile(atPath: file(name), contents: Data(text.utf8)) }
}

func mode(_ path: String) -> mode_t? {
  var facts = stat()
  return stat(path, &facts) == 0 ? facts.st_mode & 0o7777 : nil
}

/// Notices as they come, and a way to wait for the next.
final class Notices: Sendable {
  private let received = Mutex<[LogNotice]>([])
  private let pipe: SystemCalls.Pipe

  init(_ writer: LogWriter) throws {
    guard case .success(let pipe) = SystemCalls.makePipe() else { throw LogFileError(operation: "pipe", path: "", code: errno) }
    self.pipe = pipe
    writer.onNotice { [self] notice in
      received.withLock { $0.append(notice) }
      SystemCalls.writeByte(pipe.writeEnd)
    }
  }

  /// The next notice, in order; nil when none comes in ten seconds.
  func next() -> LogNotice? {
    let deadline = SystemCalls.monotonicMilliseconds() + 10_000
    while SystemCalls.monotonicMilliseconds() < deadline {
      if let notice = received.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return notice }
      var readiness = [SystemCalls.Readiness(descriptor: pipe.readEnd, forWriting: false)]
      SystemCalls.wait(&readiness, milliseconds: 1000)
      _ = SystemCalls.readSome(pipe.readEnd)
    }
    return nil
  }

  var pending: [LogNotice] { received.withLock { $0 } }
}

/// A named pipe whose reader takes bytes only when told to.
final class NamedPipe: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    guard mkfifo(path, 0o600) == 0 else { throw LogFileError(operation: "mkfifo", path: path, code: errno) }
    descriptor = open(path, O_RDONLY | O_NONBLOCK)
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Whatever is there now.
  func readAll() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count <= 0 { return all }
      all.append(contentsOf: buffer[..<count])
    }
  }

  /// Reads until so many bytes have come, at most ten seconds.
  func read(count: Int) -> [UInt8] {
    let deadline = SystemCalls.monotonicMilliseconds() + 10_000
    var all = readAll()
    while all.count < count, SystemCalls.monotonicMilliseconds() < deadline {
      var readiness = [SystemCalls.Readiness(descriptor: descriptor, forWriting: false)]
      SystemCalls.wait(&readiness, milliseconds: 1000)
      all += readAll()
    }
    return all
  }
}

/// A JSON value as the lines have them: no nesting.
enum Field: Decodable, Equatable {
  case null
  case number(Double)
  case string(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .string(try container.decode(String.self))
    }
  }
}

func parse(_ line: some Sequence<UInt8>) throws -> [String: Field] {
  try JSONDecoder().decode([String: Field].self, from: Data(line))
}

extension AuditRecorder {
  /// A record whose texts are given as texts.
  func append(
    _ record: AuditRecord, requestID: String = "r-1", site: String = "app.example.com", host: String = "app.example.com",
    user: String = "dr.jones", client: String = "203.0.113.9", method: String = "GET", patient: String = "", rule: String = "",
    reason: String = ""
  ) -> Bool {
    append(
      record, requestID: bytes(requestID).span, site: bytes(site).span, host: bytes(host).span, user: bytes(user).span,
      client: bytes(client).span, method: bytes(method).span, patient: bytes(patient).span, rule: bytes(rule).span,
      reason: bytes(reason).span)
  }
}

extension LogSink {
  /// What the writer would take.
  func takeAll() -> [LogBlock] {
    var taken: [LogBlock] = []
    takeAll(into: &taken)
    return taken
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func sink(
  _ destination: LogDestination, _ retention: LogRetention = .drop, _ limit: LogQueueLimit = LogQueueLimit()
) throws -> LogSink {
  LogSink(destination, retention: retention, limit: limit, waker: try Waker())
}
