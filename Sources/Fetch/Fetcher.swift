import EventLoop
import TLS

/// A small client for the gateway's own requests: one connection for each, one answer, no redirects followed, and bounds for all of it. Any thread may
/// hold it.
package struct Fetcher: Sendable {
  /// The addresses of a name; may block.
  package typealias Resolver = @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress]

  let pool: BlockingPool
  let client: TLSClient?
  let bounds: FetchBounds
  let resolver: Resolver

  /// - Parameters:
  ///   - pool: where names are looked up.
  ///   - client: what `https` addresses are verified by; `nil` where there are none.
  package init(
    pool: BlockingPool, client: TLSClient?, bounds: FetchBounds = FetchBounds(),
    resolver: @escaping Resolver = { SocketAddress.resolve(host: $0, port: $1) }
  ) {
    self.pool = pool
    self.client = client
    self.bounds = bounds
    self.resolver = resolver
  }

  /// Sends a request from the loop of `handle`, and comes back with its whole answer, whatever its status.
  package func fetch(_ request: FetchRequest, on handle: LoopHandle) async throws(FetchFault) -> FetchAnswer {
    guard let bytes = request.bytes else { throw FetchFault(.unsendable, request.address) }
    let outcome = await withCheckedContinuation { continuation in
      let reply = FetchReply(continuation, request.address)
      handle.post { loop in PendingFetch.start(self, request, bytes, loop, reply) }
    }
    return try outcome.get()
  }
}
