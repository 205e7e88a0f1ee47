import EventLoop
import Glibc
import Session
import Synchronization
import Testing

@testable import Gateway

@Suite struct SuccessorTests {
  private func successor(_ script: String) throws -> Successor {
    let gift = HandoverGift(process: getpid(), state: "/s", keys: "/k", lock: 2, admin: -1, adminPath: "", groups: [])
    return try Successor(program: ["sh", "-c", script], gift: gift)
  }

  private func fault(_ successor: Successor, milliseconds: Int64 = 10_000, isCancelled: Bool = false) -> Successor.Fault? {
    do throws(Successor.Fault) {
      _ = try successor.next(milliseconds: milliseconds) { isCancelled }
      return nil
    } catch {
      return error
    }
  }

  @Test("one that says nothing is given up in time, and one that nobody waits for any more at once")
  func patience() throws {
    let silent = try successor("exec sleep 60")
    #expect(fault(silent, milliseconds: 50) == .failed("the new process was not ready within 0 s (look at the log)"))
    #expect(fault(silent, isCancelled: true) == .failed("the gateway is about to end"))
    silent.kill()
    #expect(kill(silent.child.id, 0) != 0)
    #expect(!silent.keep([Revocation(id: .random(), until: 1)]))
  }

  @Test("one that ends is told from one that is silent")
  func end() throws {
    let ended = try successor("exit 3")
    #expect(fault(ended) == .failed("the new process ended before it was ready (look at the log)"))
    ended.kill()
  }

  /// Both ends in one process: what a predecessor is told, and what it answers.
  @Test("gift, turn, and then the sessions that either ends", .timeLimit(.minutes(1)))
  func talk() throws {
    let (ours, theirs) = try MessageChannel.pair()
    let predecessor = Predecessor(theirs)
    let gift = HandoverGift(process: 77, state: "/s", keys: "/k", lock: 2, admin: -1, adminPath: "", groups: [])
    #expect(ours.send(HandoverMessage.given(gift).bytes, milliseconds: 100))
    #expect(try predecessor.receiveGift() == gift && predecessor.process == 77)
    let pending = PendingReturn(id: [1], bytes: [2], source: [3], expires: 4)
    #expect(ours.send(HandoverMessage.pendingReturn(pending).bytes, milliseconds: 100))
    #expect(ours.send(HandoverMessage.stopped.bytes, milliseconds: 100))
    var kept: [PendingReturn] = []
    try predecessor.takeTurn(unused: [5]) { kept.append($0) }
    #expect(kept == [pending] && message(ours) == .ready(unused: [5]))
    let store = try EmbeddedStore(directory: nil, returnLimit: 4, now: 1_000)
    predecessor.follow(store)
    let isOver = try Answers<Bool>(count: 1)
    try predecessor.begin(store) { isOver.put(true, from: 0) }
    #expect(message(ours) == .accepting)
    let until = System.wallMilliseconds() / 1000 + 1000
    let theirsEnded = Revocation(id: .random(), until: until)
    #expect(ours.send(HandoverMessage.revoked(number: 9, [theirsEnded]).bytes, milliseconds: 100))
    #expect(message(ours) == .kept(number: 9) && RevocationView(store.revocations).contains(theirsEnded.id, now: 1_000))
    let many = (0..<2500).map { _ in SessionID.random() }
    for id in many { try store.revoke(id, until: until, now: 1_000) }
    try store.flush()
    var heard: [SessionID] = []
    while heard.count < many.count, case .revoked(number: 0, let some)? = message(ours) { heard += some.map(\.id) }
    #expect(heard == many)
    ours.shut()
    #expect(isOver.wait(milliseconds: 10_000) == [true])
  }

  private func message(_ channel: MessageChannel) -> HandoverMessage? {
    guard case .message(let bytes) = channel.receive(milliseconds: 10_000) else { return nil }
    return HandoverMessage(bytes)
  }

  @Test("a turn that does not come, and a gift that is none, are faults")
  func faults() throws {
    for sent in [[UInt8]](arrayLiteral: HandoverMessage.kept(number: 1).bytes, [200]) {
      let (ours, theirs) = try MessageChannel.pair()
      #expect(ours.send(sent, milliseconds: 100))
      #expect(throws: StartFault.self) { try Predecessor(theirs).receiveGift() }
      #expect(ours.send(sent, milliseconds: 100))
      #expect(throws: StartFault.self) { try Predecessor(theirs).takeTurn(unused: []) { _ in } }
    }
    let (ours, theirs) = try MessageChannel.pair()
    ours.shut()
    #expect(throws: StartFault.self) { try Predecessor(theirs).takeTurn(unused: []) { _ in } }
  }
}
