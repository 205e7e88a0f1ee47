import EventLoop
import Session
import Synchronization

/// The earlier process, as the one that takes over sees it: what it gives, then its word that nobody accepts, and from then on the sessions that
/// end at either.
package final class Predecessor: Sendable {
  /// The environment variable that names the descriptor of the channel.
  static let variable = "ANTEROOM_HANDOVER"
  private static let patience: Int64 = 30_000
  private static let moment: Int64 = 500

  private let channel: MessageChannel
  private let identity = Mutex<Int32>(0)

  init(_ channel: MessageChannel) { self.channel = channel }

  var process: Int32 { identity.withLock { $0 } }

  /// What it gives.
  func receiveGift() throws(StartFault) -> HandoverGift {
    guard case .message(let bytes) = channel.receive(milliseconds: Self.patience), case .given(let gift)? = HandoverMessage(bytes) else {
      throw StartFault("the running process cannot hand over to this version (restart it)")
    }
    identity.withLock { $0 = gift.process }
    return gift
  }

  /// Says why this process does not take over.
  package func refuse(isConfiguration: Bool, _ reason: String) {
    _ = channel.send(HandoverMessage.failed(isConfiguration: isConfiguration, reason: reason).bytes, milliseconds: Self.moment)
  }

  /// Says that this process is ready, and comes back when nobody accepts any more.
  /// - Parameter keep: gets the return addresses of the earlier process.
  func takeTurn(unused: [Int32], keep: (PendingReturn) -> Void) throws(StartFault) {
    guard channel.send(HandoverMessage.ready(unused: unused).bytes, milliseconds: Self.moment) else { throw StartFault(Self.gone) }
    while case .message(let bytes) = channel.receive(milliseconds: Self.patience) {
      switch HandoverMessage(bytes) {
      case .pendingReturn(let pending)?: keep(pending)
      case .stopped?: return
      default: throw StartFault("the running process says what this version does not understand (restart it)")
      }
    }
    throw StartFault(Self.gone)
  }

  private static let gone = "the running process did not hand over in the end (look at its log)"

  /// Has each of the two processes hear of the sessions that the other one ends.
  func follow(_ store: EmbeddedStore) {
    store.setFollower(Int(process)) { [channel] new in
      for start in stride(from: 0, to: new.count, by: HandoverMessage.revocations) {
        let part = Array(new[start..<min(new.count, start + HandoverMessage.revocations)])
        // One that does not listen must not keep what nobody else can end: then it has to go.
        guard channel.send(HandoverMessage.revoked(number: 0, part).bytes, milliseconds: Self.moment) else { return channel.shut() }
      }
    }
  }

  /// Says that this process accepts, and listens until the earlier one is gone.
  /// - Parameter end: called then.
  func begin(_ store: EmbeddedStore, end: @escaping @Sendable () -> Void) throws(SystemError) {
    _ = channel.send(HandoverMessage.accepting.bytes, milliseconds: Self.moment)
    _ = try Thread(name: "predecessor") { [self] in
      while true {
        switch channel.receive(milliseconds: .max / 2) {
        case .message(let bytes): take(bytes, store)
        case .nothing: continue
        case .end:
          store.setFollower(Int(process), tell: nil)
          return end()
        }
      }
    }
  }

  private func take(_ bytes: [UInt8], _ store: EmbeddedStore) {
    let now = System.wallMilliseconds() / 1000
    switch HandoverMessage(bytes) {
    case .revoked(let number, let revocations)?:
      // Without an answer the earlier process says that the logout has failed.
      guard (try? store.take(revocations, from: Int(process), now: now)) != nil else { return }
      _ = channel.send(HandoverMessage.kept(number: number).bytes, milliseconds: Self.moment)
    case .pendingReturn(let pending)?: store.take(pending, now: now)
    default: return
    }
  }
}
