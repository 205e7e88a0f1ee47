import Config
import Dispatch
import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Upstream

struct BenchFault: Error { let what: String }

/// Remembers what it was told.
final class Recorder: UpstreamUser {
  var readyCount = 0
  var timeouts = 0

  func upstreamReady(_ connection: UpstreamConnection) { readyCount += 1 }
  func upstreamTimedOut(_ connection: UpstreamConnection) { timeouts += 1 }
}

/// A server on a loop of its own, and what a test keeps of its connections. The test's ends of them are blocking sockets.
final class Bench {
  /// Lives on the loop's thread.
  final class State {
    let server: UpstreamServer
    let loop: EventLoop
    let pool: BlockingPool
    let recorder = Recorder()
    var connections: [UpstreamConnection] = []
    var answers: [Bool] = []
    var outcomes: [HealthProbe.Outcome] = []
    var verdicts: [HealthVerdict.State] = []
    var probe: ConnectProbe?

    init(server: UpstreamServer, loop: EventLoop, pool: BlockingPool) {
      self.server = server
      self.pool = pool
      self.loop = loop
    }
  }

  private let thread: LoopThread
  let pool: BlockingPool
  private(set) var far: [Int32] = []

  init(
    port: UInt16 = 9, resolved: [SocketAddress] = [], maximumIdle: Int = 8, idleMilliseconds: Int64 = 60_000, inputBytes: Int = 1024,
    maximumConnections: Int = .max, slowStartMilliseconds: Int64 = 0,
    resolver: @escaping UpstreamRecord.Resolver = { SocketAddress.resolve(host: $0, port: $1) }
  ) throws {
    let pool = try BlockingPool(name: "bench-pool", threads: 1, limit: 8)
    self.pool = pool
    thread = try LoopThread(name: "bench", inputBytes: inputBytes) { loop in
      let record = UpstreamRecord(address: UpstreamAddress(host: "127.0.0.1", port: port), addresses: resolved, resolver: resolver)
      let server = UpstreamServer(
        record: record, pool: pool, loop: loop, maximumIdle: maximumIdle, idleMilliseconds: idleMilliseconds,
        maximumConnections: maximumConnections, slowStartMilliseconds: slowStartMilliseconds)
      try? loop.add(server)
      loop.context = State(server: server, loop: loop, pool: pool)
    }
  }

  deinit {
    thread.handle.post { loop in
      guard let state = loop.context as? State else { return loop.stop() }
      for connection in state.connections {
        connection.user = nil
        connection.close()
      }
      state.server.closeIdle()
      loop.stop()
    }
    thread.join()
    pool.finish()
    for descriptor in far { System.close(descriptor) }
  }

  @discardableResult
  func onLoop<Value: Sendable>(_ look: @escaping @Sendable (State) -> Value) throws -> Value {
    let result = Result()
    let value = Mutex<Value?>(nil)
    let shared = Shared(value)
    thread.handle.post { loop in
      shared.value.withLock { $0 = (loop.context as? State).map(look) }
      result.isThere.signal()
    }
    guard result.isThere.wait(timeout: .now() + 10) == .success, let value = shared.value.withLock({ $0 }) else {
      throw BenchFault(what: "the loop does not answer")
    }
    return value
  }

  private final class Result: Sendable { let isThere = DispatchSemaphore(value: 0) }

  private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value?>
    init(_ value: consuming sending Mutex<Value?>) { self.value = value }
  }

  /// Comes back when `holds` is true on the loop's thread.
  func until(_ what: String, _ holds: @escaping @Sendable (State) -> Bool) throws {
    let limit = System.monotonicMilliseconds() + 10_000
    while try !onLoop(holds) {
      guard System.monotonicMilliseconds() < limit else { throw BenchFault(what: "never: \(what)") }
    }
  }

  /// Adds a connected connection, numbered from 0, whose other end is `far` of the same number.
  func connect() throws {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw BenchFault(what: "socketpair") }
    let near = pair[0]
    far.append(pair[1])
    _ = fcntl(near, F_SETFL, O_NONBLOCK)
    let index = try onLoop { state in
      let connection = UpstreamConnection(descriptor: near, server: state.server, loop: state.loop)
      connection.user = state.recorder
      try? state.loop.add(connection, descriptor: near)
      state.connections.append(connection)
      return state.connections.count - 1
    }
    try until("connected") { $0.connections[index].isConnected }
  }

  func closeFar(_ index: Int) {
    System.close(far[index])
    far[index] = -1
  }
}

/// A port that nobody listens on, still held by `holder`.
func closedPort() throws -> (address: SocketAddress, holder: Int32) {
  let any = try #require(SocketAddress("127.0.0.1", port: 0))
  let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(holder, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
  guard result == 0, let bound = System.localAddress(holder) else { throw BenchFault(what: "bind \(any)") }
  return (bound, holder)
}
