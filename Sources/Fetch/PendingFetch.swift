import EventLoop

/// One request on its way: its name is looked up, its addresses are tried one after the other, its time is watched. Registered with the loop for its
/// deadline; gone once it has its outcome.
final class PendingFetch: Pollable {
  let fetcher: Fetcher
  let address: FetchAddress
  let message: [UInt8]
  let isPost: Bool
  /// Whom the certificate has to be for.
  let serverName: String
  let loop: EventLoop
  private let reply: FetchReply
  private let end: Int64
  private var step = FetchFault.Step.name
  private var untried: ArraySlice<SocketAddress> = []
  private var connection: FetchConnection?

  // A name with more of them is no reason to go on for longer.
  private static let mostAddresses = 8

  private init(_ fetcher: Fetcher, _ request: FetchRequest, _ message: [UInt8], _ loop: EventLoop, _ reply: FetchReply) {
    self.fetcher = fetcher
    address = request.address
    isPost = request.isPost
    serverName = request.serverName ?? request.address.host
    self.message = message
    self.loop = loop
    self.reply = reply
    end = loop.now + fetcher.bounds.milliseconds
  }

  /// Begins, on the loop's thread.
  static func start(_ fetcher: Fetcher, _ request: FetchRequest, _ message: [UInt8], _ loop: EventLoop, _ reply: FetchReply) {
    let fetch = PendingFetch(fetcher, request, message, loop, reply)
    do throws(SystemError) { try loop.add(fetch) } catch { return reply.put(.failure(FetchFault(.noRoom("\(error)"), request.address))) }
    loop.setDeadline(fetch, at: fetch.end)
    fetch.lookUp()
  }

  // MARK: Name

  private func lookUp() {
    if let numeric = SocketAddress(address.host, port: address.port) { return connect([numeric]) }
    guard let token else { return }
    let handle = loop.handle
    let isAccepted = fetcher.pool.offer { [resolver = fetcher.resolver, address] in
      let addresses = resolver(address.host, address.port)
      // What comes too late finds that the token names nobody any more.
      handle.post { loop in (loop.pollable(token) as? PendingFetch)?.connect(addresses) }
    }
    if !isAccepted { fail(.noRoom("too many names wait to be looked up")) }
  }

  // MARK: Connection

  private func connect(_ addresses: [SocketAddress]) {
    guard !addresses.isEmpty else { return fail(.unknownName) }
    untried = addresses.prefix(Self.mostAddresses)
    connectToNext("")
  }

  /// - Parameter reason: why the attempt before came to nothing.
  private func connectToNext(_ reason: String) {
    step = .connection
    var reason = reason
    while let next = untried.popFirst() {
      do throws(SystemError) {
        let attempt = FetchConnection(descriptor: try System.connect(to: next), fetch: self)
        try loop.add(attempt, descriptor: attempt.descriptor)
        connection = attempt
        // One that nobody answers at must leave time for the others.
        if !untried.isEmpty { attempt.setDeadline(at: loop.now + max(1, (end - loop.now) / Int64(untried.count + 1))) }
        return
      } catch {
        reason = "\(error)"
      }
    }
    fail(.unreachable(reason))
  }

  /// The attempt came to nothing; nothing of the request has been sent.
  func failedToConnect(_ reason: String) {
    connection?.close()
    connection = nil
    connectToNext(reason)
  }

  func proceeded(to step: FetchFault.Step) { self.step = step }

  // MARK: End

  override func deadlineReached() { fail(.timedOut(step)) }

  func fail(_ kind: FetchFault.Kind) { finish(.failure(FetchFault(kind, address))) }

  func finish(_ outcome: FetchReply.Outcome) {
    connection?.close()
    connection = nil
    loop.remove(self)
    reply.put(outcome)
  }
}
