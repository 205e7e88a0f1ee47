import EventLoop
import TLS

/// One loop's TLS handshakes under way, the oldest first: there are only so many, and only some of them go on in one round of the loop, since each
/// one costs as much as many requests.
final class HandshakesUnderWay {
  private let order = IdleOrder(queues: 1)
  private var limit: Int
  private var count = 0
  private var round: Int64 = .min
  private var steps = 0

  private static let stepsEachRound = 16

  /// - Parameter limit: at least 1.
  init(limit: Int) { self.limit = limit }

  func setLimit(_ limit: Int) { self.limit = limit }

  /// One more has begun; when there are too many, the answer is the one that has to go.
  func begin(_ token: Pollable.Token, now: Int64) -> Pollable.Token? {
    let oldest = count >= limit ? order.oldest(in: 0)?.token : nil
    _ = order.append(token, to: 0, since: now)
    count += 1
    return oldest
  }

  /// One is done, or given up.
  func end(_ token: Pollable.Token) {
    _ = order.remove(token, from: 0)
    count -= 1
  }

  /// Whether another one may go on in this round of the loop.
  func mayGoOn(now: Int64) -> Bool {
    if now != round {
      round = now
      steps = 0
    }
    steps += 1
    return steps <= Self.stepsEachRound
  }
}

extension ClientConnection {
  /// Goes on with the handshake; true when something changed and there may be more to do.
  @inline(never)
  func goOnWithHandshake() -> Bool {
    // Nothing is set up for a client that says nothing.
    guard canRead || isSecure else { return false }
    guard worker.handshakes.mayGoOn(now: loop.now) else {
      loop.requeue(self)
      return false
    }
    if !isSecure {
      guard let connection = server?.connection(on: descriptor, output: loop.tlsOutput) else {
        end()
        return false
      }
      beginTLS(connection)
    }
    switch handshake() {
    case .done:
      if listener.asksForCertificates { tellCertificate(ClientCertificateLines.lines(peerCertificate)) }
      handshakeIsOver(nextPhase: .head)
      return true
    case .wantsRead, .wantsWrite: return false
    case .failed(let fault):
      refuse(fault)
      return !isClosed
    }
  }

  private func refuse(_ fault: TLSConnection.HandshakeFault) {
    endTLS()
    switch fault {
    case .closed: end()
    case .plainHTTP:
      handshakeIsOver(nextPhase: .head)
      refuse(400, "This port speaks HTTPS; the request came without TLS.")
    case .refused(let reason):
      worker.services.handshakeWarning.warn(["listener": listener.name, "client": peer.host, "reason": reason])
      handshakeIsOver(nextPhase: .lingering)
    }
  }
}
