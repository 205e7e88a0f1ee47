import Config

/// Limits how often passwords can be guessed: for each account, each client network, and each browser that an account is known from.
///
/// An attempt counts as failed from the moment it begins, so that a hundred at once are no way around the limit; success takes that back.
/// A browser that the user has signed in from before has a bucket of its own, which replaces the account's and the network's: strangers,
/// even those behind the same address, cannot lock a clinician out. Times are seconds since 1970 UTC.
package struct Throttle: Sendable {
  /// An attempt that was let through; it stays a failure unless `succeeded` or `withdrawn` is called with it.
  package struct Attempt: Sendable {
    enum Subject: Sendable {
      case account(String, ClientNetwork)
      case device([UInt8])
    }
    let subject: Subject
    let time: Int64
  }

  package enum Decision: Sendable {
    case allowed(Attempt)
    /// Nothing is checked until then, not even the right password.
    case refused(until: Int64)
  }

  var accounts: ThrottleTable<String>
  var networks: ThrottleTable<ClientNetwork>
  var devices: ThrottleTable<[UInt8]>

  /// - Parameter entries: how many accounts, networks and devices are remembered, each.
  package init(settings: ThrottleSettings, entries: Int) {
    accounts = ThrottleTable(limit: 1, window: 1, lock: 1, capacity: entries)
    networks = ThrottleTable(limit: 1, window: 1, lock: 1, capacity: entries)
    devices = ThrottleTable(limit: 1, window: 1, lock: 1, capacity: entries)
    set(settings, entries: entries)
  }

  /// Takes other settings, and keeps what has been counted and who is locked.
  package mutating func set(_ settings: ThrottleSettings, entries: Int) {
    let lock = settings.lock.components.seconds
    let (account, address) = (settings.account, settings.address)
    accounts.set(limit: account.count, window: account.window.components.seconds, lock: lock, capacity: entries)
    networks.set(limit: address.count, window: address.window.components.seconds, lock: lock, capacity: entries)
    devices.set(limit: account.count, window: account.window.components.seconds, lock: lock, capacity: entries)
  }

  /// How many accounts, networks and devices are remembered: of the three the largest number.
  package var entries: Int { max(accounts.buckets.count, networks.buckets.count, devices.buckets.count) }

  /// Whether a password may be checked now.
  /// - Parameters:
  ///   - account: the account's key if there is such an account, else the folded name.
  ///   - device: the bucket of a browser that this account has signed in from before (`Device.bucket(for:)`), else `nil`.
  package mutating func begin(account: String, network: ClientNetwork, device: [UInt8]?, now: Int64) -> Decision {
    if let device {
      if let until = devices.lockedUntil(device, now: now) { return .refused(until: until) }
      devices.count(device, now: now)
      return .allowed(Attempt(subject: .device(device), time: now))
    }
    let locks = [accounts.lockedUntil(account, now: now), networks.lockedUntil(network, now: now)].compactMap { $0 }
    if let until = locks.max() { return .refused(until: until) }
    accounts.count(account, now: now)
    networks.count(network, now: now)
    return .allowed(Attempt(subject: .account(account, network), time: now))
  }

  /// The password was right: the account starts anew, the network loses this one failure.
  package mutating func succeeded(_ attempt: Attempt) {
    switch attempt.subject {
    case .account(let account, let network):
      accounts.clear(account)
      networks.takeBack(network, at: attempt.time)
    case .device(let device):
      devices.clear(device)
    }
  }

  /// The password was never checked (no thread was free): nothing is counted.
  package mutating func withdrawn(_ attempt: Attempt) {
    switch attempt.subject {
    case .account(let account, let network):
      accounts.takeBack(account, at: attempt.time)
      networks.takeBack(network, at: attempt.time)
    case .device(let device):
      devices.takeBack(device, at: attempt.time)
    }
  }
}
