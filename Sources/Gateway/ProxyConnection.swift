import EventLoop

/// The beginning of a connection to a listener with `proxy_protocol`.
extension ClientConnection {
  /// Reads what a balancer says of its client. Only the header's own bytes are taken from the socket, so that TLS, or the first request, finds
  /// all that is its own. True when that was done.
  func readProxyHeader() -> Bool {
    while true {
      var outcome = ProxyHeader.Outcome.incomplete
      let filled = fill { arrived in
        outcome = ProxyHeader.read(arrived)
        // What belongs to a header that is not complete is all there is.
        if case .complete(_, let byteCount) = outcome { return byteCount }
        return arrived.count
      }
      switch (filled, outcome) {
      case (.received, .complete(let header, _)):
        consumeInput(inputCount)
        releaseInputIfEmpty()
        return take(header)
      case (.received, .malformed(let reason)):
        refuseProxy(reason)
        return false
      case (.received, .incomplete): continue
      case (.wouldBlock, _): return false
      case (.full, _), (.ended, _):
        // A balancer that looks whether the port is open says nothing.
        if inputIsEmpty { end() } else { refuseProxy("cut off") }
        return false
      }
    }
  }

  /// The connection is its client's from now on; false when that one has too many.
  private func take(_ header: ProxyHeader) -> Bool {
    var client: SocketAddress?
    if case .client(let address, let port) = header { client = SocketAddress(bytes: address.bytes, port: port) }
    proxyHeaderIsOver(client)
    if worker.countAddress(of: self) { return true }
    end(reset: true)
    return false
  }

  /// No header that may be believed has come.
  func refuseProxy(_ reason: String) {
    worker.services.proxyWarning.warn(["listener": listener.name, "from": peer.host, "reason": reason])
    end()
  }
}
