/// The cookies that one thread opened last, with what came of them: a browser sends the same one with every request.
///
/// Only what has opened is kept, so strangers cannot fill it. Bounded: each slot holds the latest of the cookies that fall into it.
final class OpenedSessions {
  private final class Entry {
    let value: [UInt8]
    let context: SealContext
    let session: OpenedSession

    init(value: [UInt8], context: SealContext, session: OpenedSession) {
      self.value = value
      self.context = context
      self.session = session
    }
  }

  private static let slotCount = 1024
  private var slots = [Entry?](repeating: nil, count: slotCount)

  /// What opened from exactly this value in exactly this context.
  func session(of value: Span<UInt8>, context: SealContext) -> OpenedSession? {
    guard let entry = slots[Self.slot(value)], entry.value.count == value.count else { return nil }
    // No early end: the time must not tell a stranger how much of somebody's cookie was guessed.
    var difference: UInt8 = 0
    let known = entry.value
    for i in 0..<value.count { difference |= known[i] ^ value[i] }
    guard difference == 0, entry.context == context else { return nil }
    return entry.session
  }

  /// Keeps what has opened from `value`.
  func insert(_ session: OpenedSession, of value: Span<UInt8>, context: SealContext) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.count)
    for i in 0..<value.count { bytes.append(value[i]) }
    var slots: [Entry?] = []
    swap(&slots, &self.slots)
    slots[Self.slot(value)] = Entry(value: bytes, context: context, session: session)
    swap(&slots, &self.slots)
  }

  /// Taken from the tag at the end, which is as good as random. The last character may carry two bits only.
  private static func slot(_ value: Span<UInt8>) -> Int {
    var hash: UInt32 = 0
    for i in max(0, value.count - 7)..<max(0, value.count - 1) { hash = (hash ^ UInt32(value[i])) &* 0x0100_0193 }
    return Int(hash >> 12) & (slotCount - 1)
  }
}
