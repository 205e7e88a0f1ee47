import EventLoop
import TLS

/// The connection of one fetch.
package final class FetchConnection: Channel {
  // Whoever holds the fetch holds this too.
  private unowned let fetch: PendingFetch
  private var isConnected = false
  private var isReady = false
  private var reader: AnswerReader

  init(descriptor: Int32, fetch: PendingFetch) {
    self.fetch = fetch
    reader = AnswerReader(fetch.fetcher.bounds, isPost: fetch.isPost)
    super.init(descriptor: descriptor, loop: fetch.loop)
    canWrite = false
  }

  package override func ready(_ readiness: Readiness) {
    note(readiness)
    if !isConnected {
      guard readiness.contains(.writable), noteConnected() else { return }
    }
    if !isReady {
      guard goOnWithHandshake() else { return }
      appendOutput(fetch.message)
      fetch.proceeded(to: .answer)
    }
    // A server may answer before it has taken all, and go: what it said counts.
    _ = flush()
    receive()
  }

  /// Nobody answers at this address.
  package override func deadlineReached() { fetch.failedToConnect("no answer in time") }

  private func noteConnected() -> Bool {
    let code = System.pendingError(descriptor)
    guard code == 0 else {
      fetch.failedToConnect("\(SystemError("connect", code))")
      return false
    }
    isConnected = true
    clearDeadline()
    guard fetch.address.isSecure else { return true }
    guard let client = fetch.fetcher.client,
      let connection = client.connection(on: descriptor, name: fetch.serverName, session: nil, output: loop.tlsOutput)
    else {
      fetch.fail(.noRoom("out of memory"))
      return false
    }
    fetch.proceeded(to: .handshake)
    beginTLS(connection)
    return true
  }

  /// True once bytes can be moved.
  private func goOnWithHandshake() -> Bool {
    if isSecure {
      switch handshake() {
      case .done: break
      case .wantsRead, .wantsWrite: return false
      case .failed(let fault):
        refuse(fault)
        return false
      }
    }
    isReady = true
    return true
  }

  private func refuse(_ fault: TLSConnection.HandshakeFault) {
    switch fault {
    case .closed: fetch.fail(.tls("the server closed the connection during the handshake", isCertificate: false))
    case .plainHTTP: fetch.fail(.tls("the server speaks without TLS", isCertificate: false))
    case .refused(let reason):
      // OpenSSL does not say which name it was to be.
      let name = reason.hasSuffix("mismatch") ? "; it is not for \(fetch.serverName)" : ""
      fetch.fail(.tls(reason + name, isCertificate: reason.hasPrefix("the certificate")))
    }
  }

  private func receive() {
    while true {
      let outcome = fill()
      if outcome == .wouldBlock { return }
      let bytes = Array(input.bytes[input.range])
      consumeInput(bytes.count)
      releaseInputIfEmpty()
      let isOver = outcome == .ended
      if !bytes.isEmpty { fetch.proceeded(to: .body) }
      if let outcome = reader.take(bytes, end: isOver ? (sawEnd && failure == 0 ? .whole : .broken) : nil) {
        switch outcome {
        case .success(let answer): fetch.finish(.success(answer))
        case .failure(let fault): fetch.fail(fault.kind)
        }
        return
      }
    }
  }
}
