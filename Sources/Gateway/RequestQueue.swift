import Config
import EventLoop
import Upstream

/// The requests of one site that wait, on one loop, for a connection to its app.
final class RequestQueue: Pollable {
  private var line: WaitingLine<Exchange>
  private let wait: Int64
  private unowned let loop: EventLoop
  // A server that comes back frees no connection, so that somebody has to look.
  private static let lookMilliseconds: Int64 = 250

  /// - Parameter length: how many may wait.
  init(length: Int, wait: Duration, loop: EventLoop) {
    line = WaitingLine(limit: length, wait: wait.milliseconds)
    self.wait = wait.milliseconds
    self.loop = loop
    super.init()
  }

  var isEmpty: Bool { line.isEmpty }

  /// What `Retry-After` says to those who find no place, or have waited in vain: in seconds.
  var retryAfter: Int64 { max(1, (wait + 999) / 1000) }

  /// Has a request wait; `nil` when the queue is full.
  func join(_ exchange: Exchange) -> WaitingLine<Exchange>.Ticket? {
    defer { schedule() }
    return line.join(exchange, loop.now)
  }

  func leave(_ ticket: WaitingLine<Exchange>.Ticket) { line.leave(ticket) }

  /// A connection is free: whoever waits has its turn after what goes on now.
  func slotFreed() { if !line.isEmpty { loop.requeue(self) } }

  override func ready(_ readiness: Readiness) {
    serve()
    schedule()
  }

  override func deadlineReached() {
    while let exchange = line.expire(loop.now) { exchange.waitedInVain(retryAfter: retryAfter) }
    serve()
    schedule()
  }

  /// Sends those who wait on, in order, as far as there are connections for them.
  private func serve() {
    var ticket = line.head
    while let here = ticket, let (exchange, next) = line.look(here) {
      switch exchange.chooseServer() {
      case .full: guard exchange.mayBeOvertaken else { return }
      case let choice:
        line.leave(here)
        exchange.goOn(choice)
      }
      ticket = next
    }
  }

  private func schedule() {
    guard let deadline = line.deadline else { return loop.setDeadline(self, at: .max) }
    loop.setDeadline(self, at: min(deadline, loop.now + Self.lookMilliseconds))
  }
}

extension Exchange {
  /// The server for the next attempt.
  func chooseServer() -> Balancer.Choice {
    guard let state = siteState else { return .none }
    return state.choose(excluding: attempt == 0 ? nil : serverIndex, affinity: session?.id.affinity, worker.loop.now)
  }

  /// A request that waits for a server of its own does not hold up the others.
  var mayBeOvertaken: Bool { siteState?.settings.site.upstreamSettings.isSticky ?? false }

  /// Waits for a connection, or is told that too many do.
  func waitForServer(_ queue: RequestQueue?) {
    guard let queue, let connection, let ticket = queue.join(self) else {
      end = .overload
      return fail(.unavailable, retryAfter: queue?.retryAfter)
    }
    queueTicket = ticket
    stage = .queued
    connection.releaseInputIfEmpty()
    connection.releaseOutputIfEmpty()
    // Its end may have been announced with the request, and has no event of its own.
    noticeEndOfClient()
  }

  /// The queue has let the request out.
  func goOn(_ choice: Balancer.Choice) {
    queueTicket = nil
    stage = .forwarding
    guard case .server(let index) = choice, let state = siteState else { return noServer() }
    send(to: index, state)
  }

  func waitedInVain(retryAfter: Int64) {
    queueTicket = nil
    end = .overload
    fail(.unavailable, retryAfter: retryAfter)
  }

  /// All of the site's servers are known to be down.
  func noServer() {
    end = .upstreamUnreachable
    fail(.unavailable, retryAfter: siteState?.retryAfter(worker.loop.now))
  }

  /// A client that goes leaves the queue; what it sends meanwhile waits with it.
  func noticeEndOfClient() {
    guard let connection else { return }
    while true {
      switch connection.fill() {
      case .received: continue
      case .wouldBlock, .full: return
      case .ended: return connection.abort()
      }
    }
  }

  func leaveQueue() {
    guard let queueTicket else { return }
    self.queueTicket = nil
    siteState?.queue?.leave(queueTicket)
  }
}
