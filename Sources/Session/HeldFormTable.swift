/// Whose a held form is: of one site, one account.
package struct HeldFormOwner: Sendable, Hashable {
  /// `Site.name`.
  package let site: String
  /// The account's key: accounts of one name at two logins are two people.
  package let key: String

  package init(site: String, key: String) {
    self.site = site
    self.key = key
  }
}

/// What has become of a form that was held.
package enum HeldFormFate: Sendable, Equatable, CaseIterable {
  /// It went to the app, or a part of it did.
  case sent
  /// Its sender has thrown it away.
  case discarded
  /// Somebody else has signed in.
  case otherUser
  /// It came up in another browser than the one that it was sent from.
  case otherBrowser
  case loggedOut
  /// A later one of the same sender took its place.
  case madeRoom
  /// Nobody has come for it in time.
  case expired
}

/// The forms that wait until their senders have signed in again: sealed, and without their keys.
///
/// Every one has its place before it is read, so that memory is bounded while many are under way. An owner has a few; the oldest of its own
/// makes room. No owner's forms make room for another's.
struct HeldFormTable {
  enum State: Equatable {
    case held(sealed: [UInt8])
    /// It goes to the app right now.
    case underWay
    case gone(HeldFormFate)
  }

  /// One that nobody has come for.
  struct Lost: Equatable {
    let owner: HeldFormOwner
    let user: String
  }

  private enum Place { case held, underWay, gone(HeldFormFate) }

  private struct Entry {
    let owner: HeldFormOwner
    let user: String
    var sealed: [UInt8]
    let expires: Int64
    var place: Place
  }

  /// How long a form is held, in seconds, and how long is known what became of it.
  static let lifetime: Int64 = 30 * 60
  /// The most that one owner may have.
  static let share = 4
  /// Of how many that are gone an owner's table says what became of them.
  static let remembered = 16

  private var limit: Int
  /// Bytes of what is held, under way, or still being read.
  private(set) var bytes = 0
  private var entries: [[UInt8]: Entry] = [:]
  /// What each owner has, oldest first; those that are gone among them.
  private var owned: [HeldFormOwner: [[UInt8]]] = [:]
  /// How many of each owner are still being read.
  private var reading: [HeldFormOwner: Int] = [:]
  private var nextEnd = Int64.max

  init(limit: Int) { self.limit = limit }

  /// Sets another limit; what is held already stays.
  mutating func setLimit(_ limit: Int) { self.limit = max(0, limit) }

  /// How many are held or under way.
  var count: Int { entries.values.count { if case .gone = $0.place { false } else { true } } }

  // MARK: Coming

  /// Has a place kept for a form that is about to be read.
  /// - Parameter count: the most bytes that it may have.
  /// - Returns: what had to make room for it, or `nil` where there is none.
  mutating func reserve(_ count: Int, for owner: HeldFormOwner) -> [Lost]? {
    let under = reading[owner] ?? 0
    guard under < Self.share, count <= limit else { return nil }
    let own = held(owner)
    let freeable = own.reduce(0) { $0 + (entries[$1]?.sealed.count ?? 0) }
    guard bytes - freeable + count <= limit else { return nil }
    var lost: [Lost] = []
    var rest = own[...]
    while let oldest = rest.first, bytes + count > limit || rest.count + under >= Self.share {
      rest.removeFirst()
      if let one = drop(oldest, .madeRoom) { lost.append(one) }
    }
    bytes += count
    reading[owner] = under + 1
    return lost
  }

  /// A form that had a place is not to be held after all, or is from now on.
  mutating func release(_ count: Int, of owner: HeldFormOwner) {
    bytes -= count
    let under = (reading[owner] ?? 1) - 1
    reading[owner] = under > 0 ? under : nil
  }

  /// Holds a form, in the place that was kept for it.
  /// - Parameters:
  ///   - user: as the audit trail names its owner.
  ///   - reserved: what `reserve` was told.
  ///   - now: seconds since 1970 UTC.
  mutating func hold(_ sealed: [UInt8], id: [UInt8], for owner: HeldFormOwner, user: String, reserved: Int, now: Int64) {
    release(reserved, of: owner)
    bytes += sealed.count
    let expires = now + Self.lifetime
    entries[id] = Entry(owner: owner, user: user, sealed: sealed, expires: expires, place: .held)
    owned[owner, default: []].append(id)
    nextEnd = min(nextEnd, expires)
    let gone = (owned[owner] ?? []).filter { if case .gone = entries[$0]?.place { true } else { false } }
    for id in gone.dropLast(Self.remembered) { forget(id) }
  }

  // MARK: Going

  /// What is known of a form; `nil` for nothing: it never was, or was too long ago, or before a restart.
  mutating func look(_ id: [UInt8], now: Int64) -> State? {
    guard let entry = entries[id] else { return nil }
    switch entry.place {
    case .held where now >= entry.expires: return .gone(.expired)
    case .held: return .held(sealed: entry.sealed)
    case .underWay: return .underWay
    case .gone(let fate): return .gone(fate)
    }
  }

  /// Takes a form for whoever sends it on: true once, whoever else asks for the same.
  mutating func take(_ id: [UInt8], now: Int64) -> Bool {
    guard let entry = entries[id], case .held = entry.place, now < entry.expires else { return false }
    entries[id]?.place = .underWay
    return true
  }

  /// Nothing of a form that was taken has been sent: it is held as before.
  mutating func putBack(_ id: [UInt8]) {
    if case .underWay = entries[id]?.place { entries[id]?.place = .held }
  }

  /// A form is gone; false where it was gone already, or, unless it was sent, is under way.
  mutating func drop(_ id: [UInt8], _ fate: HeldFormFate) -> Lost? {
    guard let entry = entries[id] else { return nil }
    switch entry.place {
    case .gone: return nil
    case .underWay where fate != .sent: return nil
    case .held, .underWay: break
    }
    bytes -= entry.sealed.count
    entries[id]?.sealed = []
    entries[id]?.place = .gone(fate)
    return Lost(owner: entry.owner, user: entry.user)
  }

  /// Drops all that an owner has.
  mutating func dropAll(of owner: HeldFormOwner, _ fate: HeldFormFate) -> [Lost] {
    (owned[owner] ?? []).compactMap { drop($0, fate) }
  }

  /// Forgets what is over by `now`, and tells those that nobody has come for.
  mutating func expire(now: Int64) -> [Lost] {
    guard nextEnd <= now else { return [] }
    var lost: [Lost] = []
    for (id, entry) in entries where entry.expires <= now {
      if case .underWay = entry.place { continue }
      if let one = drop(id, .expired) { lost.append(one) }
      // What became of it is known for as long again.
      if entry.expires + Self.lifetime <= now { forget(id) }
    }
    nextEnd = entries.values.reduce(Int64.max) { least, entry in
      if case .gone = entry.place { min(least, entry.expires + Self.lifetime) } else { min(least, max(entry.expires, now + 1)) }
    }
    return lost
  }

  private func held(_ owner: HeldFormOwner) -> [[UInt8]] {
    (owned[owner] ?? []).filter { if case .held = entries[$0]?.place { true } else { false } }
  }

  private mutating func forget(_ id: [UInt8]) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    bytes -= entry.sealed.count
    owned[entry.owner]?.removeAll { $0 == id }
    if owned[entry.owner]?.isEmpty ?? false { owned[entry.owner] = nil }
  }
}
