import EventLoop
import Session
import Synchronization

/// The process that takes over, as the earlier one sees it: started, asked, and if need be ended; then the one that keeps what is revoked here.
final class Successor: Sendable {
  /// Why it does not take over.
  enum Fault: Error, Equatable {
    /// The configuration is wrong.
    case refused(String)
    case failed(String)
  }

  let child: ChildProcess
  private let channel: MessageChannel
  private let waiting = Mutex(Waiting())

  private struct Waiting {
    var isOver = false
    var number: UInt64 = 0
    var answers: [UInt64: Answers<Bool>] = [:]
  }

  private static let slice: Int64 = 100
  private static let moment: Int64 = 500
  private static let patienceToKeep: Int64 = 5000

  /// Starts a program.
  /// - Parameters:
  ///   - program: its command line.
  ///   - gift: what it is given; the descriptors in it are inherited.
  init(program: [String], gift: HandoverGift) throws(Fault) {
    do throws(SystemError) {
      let (ours, theirs) = try MessageChannel.pair()
      channel = ours
      let descriptors = [theirs.descriptor, gift.lock] + gift.groups.flatMap(\.descriptors) + [gift.admin].filter { $0 >= 0 }
      // Their end is open here until they have it.
      child = try withExtendedLifetime(theirs) { () throws(SystemError) in
        try ChildProcess(
          program, variables: [Predecessor.variable: "\(theirs.descriptor)"], without: ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"],
          keeping: descriptors)
      }
      // What nobody reads is found when it does not answer.
      _ = ours.send(HandoverMessage.given(gift).bytes, milliseconds: Self.moment)
    } catch {
      throw .failed("\(program.first ?? "") cannot be started: \(error) (is the new program where the old one was?)")
    }
  }

  /// The next thing that it says before it accepts.
  /// - Parameters:
  ///   - milliseconds: how long it may take.
  ///   - isCancelled: whether nobody wants to know any more.
  func next(milliseconds: Int64, isCancelled: () -> Bool) throws(Fault) -> HandoverMessage {
    let deadline = System.monotonicMilliseconds() + milliseconds
    while System.monotonicMilliseconds() < deadline {
      if isCancelled() { throw .failed("the gateway is about to end") }
      switch channel.receive(milliseconds: Self.slice) {
      case .nothing: continue
      case .end: throw .failed("the new process ended before it was ready (look at the log)")
      case .message(let bytes):
        switch HandoverMessage(bytes) {
        case .failed(let isConfiguration, let reason)?: throw isConfiguration ? .refused(reason) : .failed(reason)
        case let message?: return message
        case nil: throw .failed("the new process says what this version does not understand (restart the gateway)")
        }
      }
    }
    throw .failed("the new process was not ready within \(milliseconds / 1000) s (look at the log)")
  }

  /// Tells it something.
  func tell(_ message: HandoverMessage, milliseconds: Int64 = Successor.moment) throws(Fault) {
    guard channel.send(message.bytes, milliseconds: milliseconds) else {
      throw .failed("the new process does not listen (look at the log)")
    }
  }

  /// Ends it: the earlier process goes on. Blocks until it is gone.
  func kill() {
    child.kill()
    channel.shut()
    finish()
  }

  // MARK: Afterwards

  /// Has it keep revocations. Blocks; false when they may not be durable.
  func keep(_ new: [Revocation]) -> Bool {
    stride(from: 0, to: new.count, by: HandoverMessage.revocations).allSatisfy { start in
      keepSome(Array(new[start..<min(new.count, start + HandoverMessage.revocations)]))
    }
  }

  private func keepSome(_ new: [Revocation]) -> Bool {
    guard let answers = try? Answers<Bool>(count: 1) else { return false }
    let number = waiting.withLock { waiting -> UInt64? in
      guard !waiting.isOver else { return nil }
      waiting.number += 1
      waiting.answers[waiting.number] = answers
      return waiting.number
    }
    guard let number else { return false }
    defer { waiting.withLock { $0.answers[number] = nil } }
    guard channel.send(HandoverMessage.revoked(number: number, new).bytes, milliseconds: Self.moment) else { return false }
    return answers.wait(milliseconds: Self.patienceToKeep)[0] ?? false
  }

  /// Has it keep a return address, if it listens at this moment.
  func keep(_ pending: PendingReturn) { _ = channel.send(HandoverMessage.pendingReturn(pending).bytes, milliseconds: 0) }

  /// Listens until it is gone.
  /// - Parameters:
  ///   - learn: gets the sessions that it ends.
  ///   - end: called when it is gone.
  func listen(learn: @escaping @Sendable ([Revocation]) -> Void, end: @escaping @Sendable () -> Void) throws(SystemError) {
    _ = try Thread(name: "successor") { [self] in
      while true {
        switch channel.receive(milliseconds: .max / 2) {
        case .message(let bytes):
          switch HandoverMessage(bytes) {
          case .kept(let number)?: waiting.withLock { $0.answers[number] }?.put(true, from: 0)
          case .revoked(_, let revocations)?: learn(revocations)
          default: continue
          }
        case .nothing: continue
        case .end:
          finish()
          return end()
        }
      }
    }
  }

  private func finish() {
    let answers = waiting.withLock { waiting in
      waiting.isOver = true
      return waiting.answers.values
    }
    for answer in answers { answer.put(false, from: 0) }
  }
}
