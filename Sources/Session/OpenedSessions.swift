/// The cookies that one thread opened last, with what came of them: a browser sends the same one with every request.
///
/// Only what has opened is kept, so strangers cannot fill it. Bounded: each set holds the latest two of the cookies that fall into it, and what
/// is not used any more is forgotten.
final class OpenedSessions {
  private final class Entry {
    let hash: UInt32
    let value: [UInt8]
    let context: SealContext
    let session: OpenedSession
    var isUsed = true

    init(hash: UInt32, value: [UInt8], context: SealContext, session: OpenedSession) {
      self.hash = hash
      self.value = value
      self.context = context
      self.session = session
    }
  }

  // A few hundred bytes each once they are filled.
  private static let setCount = 4096
  /// Those of a set are side by side, the later one first.
  private var slots = [Entry?](repeating: nil, count: 2 * setCount)

  /// What opened from exactly this value in exactly this context.
  func session(of value: Span<UInt8>, context: SealContext) -> OpenedSession? {
    let hash = Self.hash(value)
    let first = Self.firstSlot(hash)
    if let session = Self.session(slots[first], hash, value, context) { return session }
    return Self.session(slots[first + 1], hash, value, context)
  }

  private static func session(_ entry: Entry?, _ hash: UInt32, _ value: Span<UInt8>, _ context: SealContext) -> OpenedSession? {
    guard let entry, entry.hash == hash, entry.value.count == value.count else { return nil }
    // No early end: the time must not tell a stranger how much of somebody's cookie was guessed.
    var difference: UInt8 = 0
    let known = entry.value
    for i in 0..<value.count { difference |= known[i] ^ value[i] }
    guard difference == 0, entry.context == context else { return nil }
    entry.isUsed = true
    return entry.session
  }

  /// Keeps what has opened from `value`.
  func insert(_ session: OpenedSession, of value: Span<UInt8>, context: SealContext) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.count)
    for i in 0..<value.count { bytes.append(value[i]) }
    let hash = Self.hash(value)
    let first = Self.firstSlot(hash)
    var slots: [Entry?] = []
    swap(&slots, &self.slots)
    // The same cookie under another context takes its own place.
    if slots[first].map({ $0.value != bytes }) ?? false { slots.swapAt(first, first + 1) }
    slots[first] = Entry(hash: hash, value: bytes, context: context, session: session)
    swap(&slots, &self.slots)
  }

  /// Forgets what was not used since the last call.
  func forgetUnused() {
    var slots: [Entry?] = []
    swap(&slots, &self.slots)
    for index in slots.indices {
      guard let entry = slots[index] else { continue }
      if entry.isUsed { entry.isUsed = false } else { slots[index] = nil }
    }
    swap(&slots, &self.slots)
  }

  /// Of the tag at the end, which is as good as random. The last character may carry two bits only.
  private static func hash(_ value: Span<UInt8>) -> UInt32 {
    var hash: UInt32 = 0
    for i in max(0, value.count - 7)..<max(0, value.count - 1) { hash = (hash ^ UInt32(value[i])) &* 0x0100_0193 }
    return hash
  }

  private static func firstSlot(_ hash: UInt32) -> Int { 2 * (Int(hash >> 12) & (setCount - 1)) }
}
