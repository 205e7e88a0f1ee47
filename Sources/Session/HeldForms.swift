import Crypto
import Synchronization

/// The forms that wait for their senders, for all loops: in memory only, so that a restart loses them.
package final class HeldForms: Sendable {
  /// What is known of a form.
  package enum State: Sendable, Equatable {
    /// It waits, sealed.
    case held(sealed: [UInt8])
    /// It goes to the app right now.
    case underWay
    case gone(HeldFormFate)
  }

  /// A form that is gone, for the audit trail.
  package struct Lost: Sendable, Equatable {
    package let site: String
    package let user: String
  }

  /// A place for one form while it is read; given back when it is let go of.
  package final class Room: Sendable {
    fileprivate let forms: HeldForms
    package let owner: HeldFormOwner
    fileprivate let count: Int
    fileprivate let isUsed = Atomic<Bool>(false)
    /// How many forms of the same owner had to make room.
    package let displaced: Int

    fileprivate init(_ forms: HeldForms, _ owner: HeldFormOwner, count: Int, displaced: Int) {
      self.forms = forms
      self.owner = owner
      self.count = count
      self.displaced = displaced
    }

    deinit {
      if !isUsed.load(ordering: .relaxed) { forms.table.withLock { $0.release(count, of: owner) } }
    }
  }

  /// Bytes of an id.
  package static let idCount = 16
  /// How long a form is held, in seconds.
  package static let lifetime = HeldFormTable.lifetime

  private let table: Mutex<HeldFormTable>

  /// - Parameter limit: bytes in all.
  package init(limit: Int) { table = Mutex(HeldFormTable(limit: limit)) }

  /// Sets how many bytes there may be from now on.
  package func setLimit(_ limit: Int) { table.withLock { $0.setLimit(limit) } }

  /// How many are held or under way, and their bytes, those still being read included.
  package var usage: (count: Int, bytes: Int) { table.withLock { ($0.count, $0.bytes) } }

  /// A place for a form of at most `count` bytes; `nil` where there is none.
  package func room(for owner: HeldFormOwner, count: Int) -> Room? {
    guard let lost = table.withLock({ $0.reserve(count, for: owner) }) else { return nil }
    return Room(self, owner, count: count, displaced: lost.count)
  }

  /// Holds a form in the place that was kept for it, under `id` (16 bytes).
  /// - Parameters:
  ///   - user: as the audit trail names its owner.
  ///   - now: seconds since 1970 UTC.
  package func hold(_ sealed: [UInt8], id: [UInt8], in room: Room, user: String, now: Int64) {
    guard !room.isUsed.exchange(true, ordering: .relaxed) else { return }
    table.withLock { $0.hold(sealed, id: id, for: room.owner, user: user, reserved: room.count, now: now) }
  }

  /// What is known of a form; `nil` for nothing: it never was, or was too long ago, or before a restart.
  package func look(_ id: [UInt8], now: Int64) -> State? {
    switch table.withLock({ $0.look(id, now: now) }) {
    case .held(let sealed): .held(sealed: sealed)
    case .underWay: .underWay
    case .gone(let fate): .gone(fate)
    case nil: nil
    }
  }

  /// Takes a form to send it on: true for one alone of all who ask, until it is put back.
  package func take(_ id: [UInt8], now: Int64) -> Bool { table.withLock { $0.take(id, now: now) } }

  /// Nothing of a form that was taken has been sent.
  package func putBack(_ id: [UInt8]) { table.withLock { $0.putBack(id) } }

  /// A form that was taken has been sent, or a part of it.
  package func wasSent(_ id: [UInt8]) { table.withLock { _ = $0.drop(id, .sent) } }

  /// Destroys a form; whose it was, or `nil` where there was none to be destroyed.
  package func destroy(_ id: [UInt8], _ fate: HeldFormFate) -> Lost? { table.withLock { $0.drop(id, fate) }.map(Self.lost) }

  /// Destroys all that an owner has.
  package func destroyAll(of owner: HeldFormOwner, _ fate: HeldFormFate) -> [Lost] {
    table.withLock { $0.dropAll(of: owner, fate) }.map(Self.lost)
  }

  /// Destroys what nobody has come for by `now`.
  package func expire(now: Int64) -> [Lost] { table.withLock { $0.expire(now: now) }.map(Self.lost) }

  private static func lost(_ lost: HeldFormTable.Lost) -> Lost { Lost(site: lost.owner.site, user: lost.user) }
}
