import Config
import EventLoop
import Synchronization

/// What all loops know together about one address of an app: where its name leads, and what the health checks say.
package final class UpstreamRecord: Sendable {
  package typealias Resolver = @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress]

  package let address: UpstreamAddress
  package let settings: UpstreamSettings
  /// For an `https://` address.
  package let secure: SecureUpstream?
  /// `Host` of health checks.
  package let healthHost: String
  /// `host:port`, for logs.
  package let name: String

  // Since when it has been up, in milliseconds of the monotonic clock, with two values that are none.
  private let upSince = Atomic<Int64>(neverDown)
  private let hasVerdict = Atomic<Bool>(false)
  private let addresses: Mutex<[SocketAddress]>
  private let addressVersion = Atomic<Int>(0)
  private let isResolving = Atomic<Bool>(false)
  private let resolvedAt = Atomic<Int64>(.min)
  private let resolver: Resolver

  private static let neverDown = Int64.min
  private static let down = Int64.max

  /// - Parameters:
  ///   - addresses: where the name leads now.
  ///   - resolver: looks a name up; called on the blocking pool.
  package init(
    address: UpstreamAddress, settings: UpstreamSettings = UpstreamSettings(), healthHost: String? = nil, addresses: [SocketAddress],
    resolver: @escaping Resolver = { SocketAddress.resolve(host: $0, port: $1) }
  ) {
    self.address = address
    secure = address.isSecure ? SecureUpstream(address, settings.tls) : nil
    self.settings = settings
    self.addresses = Mutex(addresses)
    self.resolver = resolver
    name = address.host.contains(":") ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
    self.healthHost = healthHost ?? name
  }

  // MARK: Health

  /// The checks say that it is down.
  package var isDown: Bool { upSince.load(ordering: .relaxed) == Self.down }

  /// What the checks have said so far; `unknown` also where there are none.
  package var verdict: HealthVerdict.State {
    guard hasVerdict.load(ordering: .relaxed) else { return .unknown }
    return isDown ? .down : .up
  }

  /// When it came back after it was down, in milliseconds of the monotonic clock; `Int64.min` if it never was down.
  package var returnedAt: Int64 { upSince.load(ordering: .relaxed) }

  /// Tells all loops what the checks say from now on.
  /// - Parameter now: milliseconds of the monotonic clock.
  package func note(_ state: HealthVerdict.State, _ now: Int64) {
    switch state {
    case .unknown: return
    case .down: upSince.store(Self.down, ordering: .relaxed)
    case .up: if isDown { upSince.store(now, ordering: .relaxed) }
    }
    hasVerdict.store(true, ordering: .relaxed)
  }

  // MARK: Addresses

  /// Changes whenever the addresses do.
  package var version: Int { addressVersion.load(ordering: .acquiring) }

  /// Where the name leads; empty while it could not be looked up.
  package var resolved: [SocketAddress] { addresses.withLock { $0 } }

  /// Whether there is anything to look up.
  package var isNumeric: Bool { SocketAddress(address.host, port: address.port) != nil }

  /// Has the name looked up on the pool, unless that is under way or was begun less than `pause` milliseconds ago.
  package func resolve(on pool: BlockingPool, now: Int64, pause: Int64) {
    let last = resolvedAt.load(ordering: .relaxed)
    guard last == .min || now >= last + pause, !isResolving.exchange(true, ordering: .acquiring) else { return }
    resolvedAt.store(now, ordering: .relaxed)
    let accepted = pool.offer { [self] in
      take(resolver(address.host, address.port))
      isResolving.store(false, ordering: .releasing)
    }
    if !accepted { isResolving.store(false, ordering: .releasing) }
  }

  /// What a look-up found. Nothing found, and the same in another order, changes nothing.
  func take(_ found: [SocketAddress]) {
    let isChanged = addresses.withLock { addresses in
      guard !found.isEmpty, Set(found) != Set(addresses) else { return false }
      addresses = found
      return true
    }
    if isChanged { addressVersion.add(1, ordering: .releasing) }
  }
}

/// Has a name looked up again and again. Belongs on one loop, and serves all.
package final class NameRefresh: Pollable {
  private let record: UpstreamRecord
  private let milliseconds: Int64
  private let pool: BlockingPool
  private unowned let loop: EventLoop

  /// Begins once `deadlineReached` is called on the loop it was added to.
  package init(_ record: UpstreamRecord, milliseconds: Int64, pool: BlockingPool, loop: EventLoop) {
    self.record = record
    self.milliseconds = milliseconds
    self.pool = pool
    self.loop = loop
  }

  package override func deadlineReached() {
    record.resolve(on: pool, now: loop.now, pause: 0)
    loop.setDeadline(self, at: loop.now + milliseconds)
  }
}
