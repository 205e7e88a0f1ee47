import Crypto

/// One try to sign in with a user name and a password.
///
/// `begin` decides whether the password is checked and against what; the driver checks it on a thread that may block and says what came
/// of it. An unknown user, an empty password and a wrong one go the same way and take the same time.
package struct PasswordLogin: Sendable {
  /// Longest password in bytes.
  package static let maximumPassword = 1_024

  package enum Refusal: Sendable, Equatable {
    /// User name or password is wrong; never says which.
    case failed
    /// Too many failures: nothing is checked before `until`, in seconds since 1970 UTC.
    case throttled(until: Int64)
    /// Too many checks are waiting: try again in a moment. Not counted as a failure.
    case busy
  }

  package enum Action: Sendable {
    case verify(PasswordCheck)
    case refuse(Refusal)
  }

  package enum Outcome: Sendable, Equatable {
    case signedIn(SignIn)
    case refused(Refusal)
  }

  private enum State: Sendable {
    case idle
    case verifying(account: Account?, attempt: Throttle.Attempt, device: Device?, startedAt: Int64)
    case ended
  }
  private var state = State.idle

  /// The user name of the account that was tried, for the audit trail; `nil` if there is no such account: what was typed instead may be a
  /// password in the wrong field, and belongs in no record.
  package private(set) var triedUser: String?

  package init() {}

  /// Takes the form.
  /// - Parameters:
  ///   - user: user name or e-mail as typed, in UTF-8.
  ///   - devices: what the browser's device cookies opened to.
  ///   - now: seconds since 1970 UTC.
  package mutating func begin(
    user: [UInt8], password: Secret, accounts: Accounts, network: ClientNetwork, devices: [Device], throttle: inout Throttle, now: Int64
  ) -> Action {
    guard case .idle = state else { return .refuse(.failed) }
    state = .ended
    guard user.count <= UserName.maximumCount, password.count <= Self.maximumPassword else { return .refuse(.failed) }
    // A name that no account can have still takes its time and counts, all such names together.
    let name = UserName.fold(user) ?? ""
    let account = accounts.account(named: name)
    let key = account?.key ?? name
    triedUser = account?.user
    let device = devices.first { $0.bucket(for: key) != nil }
    switch throttle.begin(account: key, network: network, device: device?.bucket(for: key), now: now) {
    case .refused(let until):
      return .refuse(.throttled(until: until))
    case .allowed(let attempt):
      let hash = account?.hash ?? accounts.decoy(for: name)
      guard Self.isCheckable(password) else {
        // crypt would answer these at once: another password that cannot be right takes their place.
        state = .verifying(account: nil, attempt: attempt, device: nil, startedAt: now)
        return .verify(PasswordCheck(password: Secret([UInt8](repeating: 0x20, count: 16)), hash: hash))
      }
      state = .verifying(account: account, attempt: attempt, device: device, startedAt: now)
      return .verify(PasswordCheck(password: password, hash: hash))
    }
  }

  /// The check is done.
  package mutating func verified(_ matches: Bool, throttle: inout Throttle) -> Outcome {
    guard case .verifying(let account, let attempt, let device, let startedAt) = state else { return .refused(.failed) }
    state = .ended
    guard matches, let account else { return .refused(.failed) }
    throttle.succeeded(attempt)
    let known = device?.signedIn(account.key)
    let isFresh = known.map { startedAt - $0 < DeviceCookies.renewalAge } ?? false
    return .signedIn(SignIn(account: account, method: .password, device: device, setsDeviceCookie: !isFresh))
  }

  /// The check could not be queued.
  package mutating func overflowed(throttle: inout Throttle) -> Outcome {
    guard case .verifying(_, let attempt, _, _) = state else { return .refused(.failed) }
    state = .ended
    throttle.withdrawn(attempt)
    return .refused(.busy)
  }

  private static func isCheckable(_ password: Secret) -> Bool {
    password.withBytes { bytes in
      for i in 0..<bytes.count where bytes[i] == 0 { return false }
      return bytes.count > 0
    }
  }
}
