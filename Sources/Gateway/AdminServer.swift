import EventLoop
import Glibc
import Synchronization

/// Answers operators over a Unix socket: one line is asked, and answered, on each connection.
///
/// An answer is a line with an outcome and a count of bytes, and then these bytes, for the operator to read. Nothing of it touches an event loop
/// but what a loop is asked about itself.
final class AdminServer: Sendable {
  private let listener: LocalListener
  private let thread = Mutex<Thread?>(nil)

  private static let longestRequest = 256
  private static let requestMilliseconds: Int64 = 5000
  private static let answerMilliseconds: Int64 = 10_000

  init(path: String) throws(StartFault) {
    do throws(LocalListener.Fault) { listener = try LocalListener(path: path) } catch { throw StartFault("admin: \(error)") }
  }

  /// Goes on at the socket of an earlier process, once that has left.
  init(adopting descriptor: Int32, path: String) throws(StartFault) {
    do throws(LocalListener.Fault) { listener = try LocalListener(adopting: descriptor, path: path) } catch {
      throw StartFault("admin: \(error)")
    }
  }

  /// For the process that takes over.
  var descriptor: Int32 { listener.descriptor }

  /// The socket's path is this process's from now on.
  func takePlace() { listener.takePlace() }

  /// Listens no more; another process goes on at the same socket, or at its own.
  /// - Parameter isKept: the socket stays for it.
  func leave(isKept: Bool) {
    if isKept { listener.leavePlace() }
    end()
  }

  /// Begins to answer.
  func serve(_ gateway: Gateway) throws(SystemError) {
    let listener = listener
    let serving = try Thread(name: "admin") {
      while let connection = listener.accept() {
        // One that finds no place is closed without an answer.
        _ = gateway.operations.offer { Self.answer(connection, gateway) }
      }
    }
    thread.withLock { $0 = serving }
  }

  /// Listens no more. What was asked before is still answered.
  func end() {
    listener.end()
    let serving = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    serving?.join()
  }

  private static func answer(_ connection: LocalConnection, _ gateway: Gateway) {
    let user = connection.peerUser
    guard user == 0 || user == geteuid() else {
      gateway.events.warning("refused a connection to the admin socket", ["user": user.map { "\($0)" } ?? "unknown"])
      return send(AdminAnswer(.failed, "only root and the user that the gateway runs as may ask\n"), connection)
    }
    guard let line = connection.readLine(limit: longestRequest, milliseconds: requestMilliseconds) else {
      return send(AdminAnswer(.failed, "no request\n"), connection)
    }
    send(answer(to: String(decoding: line, as: UTF8.self), gateway), connection)
  }

  private static func send(_ answer: AdminAnswer, _ connection: LocalConnection) {
    _ = connection.write(answer.bytes, milliseconds: answerMilliseconds)
  }

  private static func answer(to request: String, _ gateway: Gateway) -> AdminAnswer {
    switch AdminRequest(rawValue: request) {
    case .status: return AdminAnswer(.done, StatusText.text(gateway.status()))
    case .statusJSON: return AdminAnswer(.done, StatusJSON.text(gateway.status()))
    case .reload:
      switch gateway.reload(.command) {
      case .reloaded(let warnings): return AdminAnswer(.done, (warnings + ["reloaded"]).map { "\($0)\n" }.joined())
      case .refused(let faults): return AdminAnswer(.refused, faults.map { "\($0)\n" }.joined())
      }
    case .upgrade:
      switch gateway.handOver() {
      case .done(let process): return AdminAnswer(.done, "process \(process) has taken over\n")
      case .refused(let reason): return AdminAnswer(.refused, reason.hasSuffix("\n") ? reason : reason + "\n")
      case .failed(let reason): return AdminAnswer(.failed, reason + "\n")
      }
    case nil: return AdminAnswer(.failed, "this version knows no such request\n")
    }
  }
}

/// What may be asked over the admin socket.
package enum AdminRequest: String, Sendable {
  case status
  case statusJSON = "status json"
  case reload
  case upgrade

  /// As it is sent.
  package var line: [UInt8] { [UInt8]((rawValue + "\n").utf8) }
}

/// What is answered.
package struct AdminAnswer: Sendable, Equatable {
  package enum Outcome: String, Sendable {
    case done
    /// The configuration is wrong.
    case refused
    case failed
  }

  package let outcome: Outcome
  /// For the operator, ending with a new line.
  package let text: String

  /// Longer ones are taken for none.
  package static let maximumCount = 64 << 20

  init(_ outcome: Outcome, _ text: String) {
    self.outcome = outcome
    self.text = text
  }

  /// `nil` for what is no whole answer.
  package init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
    let words = bytes[..<end].split(separator: 0x20)
    guard words.count == 2, let outcome = Outcome(rawValue: String(decoding: words[0], as: UTF8.self)),
      let count = Int(String(decoding: words[1], as: UTF8.self)), count == bytes.count - end - 1
    else { return nil }
    self.init(outcome, String(decoding: bytes[(end + 1)...], as: UTF8.self))
  }

  package var bytes: [UInt8] {
    let body = [UInt8](text.utf8)
    return [UInt8]("\(outcome.rawValue) \(body.count)\n".utf8) + body
  }
}
