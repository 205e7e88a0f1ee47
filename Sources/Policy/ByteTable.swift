/// An immutable hash table from byte strings, compared after folding each byte, to small integers. Looking up allocates nothing.
///
/// The keys are the operator's, so that a request cannot lengthen a probe sequence, and a plain FNV-1a does.
struct ByteTable: Sendable {
  private struct Entry {
    var hash: UInt64
    var start: Int
    var count: Int
    var value: Int
  }

  private let fold: [UInt8]
  private let entries: [Entry]
  private let bytes: [UInt8]
  /// Indices into `entries`, -1 where free; a power of two long, at most half full.
  private let slots: [Int32]
  /// By first folded byte: bit n is set if a key of n bytes begins so; bit 63 stands for 63 and more.
  private let lengths: [UInt64]

  /// The first of several equal keys stays. `fold` maps each of the 256 byte values. Empty keys are left out.
  init(_ keys: [(key: [UInt8], value: Int)], fold: [UInt8]) {
    var entries: [Entry] = []
    var bytes: [UInt8] = []
    var lengths = [UInt64](repeating: 0, count: 256)
    var capacity = 8
    while capacity < keys.count * 2 { capacity *= 2 }
    var slots = [Int32](repeating: -1, count: capacity)
    for (key, value) in keys where !key.isEmpty {
      let folded = key.map { fold[Int($0)] }
      var hash = Self.basis
      for byte in folded { hash = Self.step(hash, byte) }
      var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
      var isNew = true
      while slots[slot] >= 0 {
        let entry = entries[Int(slots[slot])]
        if entry.hash == hash, bytes[entry.start..<entry.start + entry.count].elementsEqual(folded) {
          isNew = false
          break
        }
        slot = (slot + 1) & (capacity - 1)
      }
      guard isNew else { continue }
      slots[slot] = Int32(entries.count)
      entries.append(Entry(hash: hash, start: bytes.count, count: folded.count, value: value))
      bytes += folded
      lengths[Int(folded[0])] |= 1 << UInt64(min(folded.count, 63))
    }
    self.fold = fold
    self.entries = entries
    self.bytes = bytes
    self.slots = slots
    self.lengths = lengths
  }

  /// The value of the key that `text[range]` folds to.
  func value(of text: Span<UInt8>, in range: Range<Int>) -> Int? {
    guard !range.isEmpty else { return nil }
    let first = fold[Int(text[range.lowerBound])]
    guard lengths[Int(first)] & (1 << UInt64(min(range.count, 63))) != 0 else { return nil }
    var hash = Self.basis
    for index in range { hash = Self.step(hash, fold[Int(text[index])]) }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if entry.hash == hash, entry.count == range.count, equals(text, range, entry) { return entry.value }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func equals(_ text: Span<UInt8>, _ range: Range<Int>, _ entry: Entry) -> Bool {
    for offset in 0..<entry.count where bytes[entry.start + offset] != fold[Int(text[range.lowerBound + offset])] { return false }
    return true
  }

  private static var basis: UInt64 { 0xcbf2_9ce4_8422_2325 }

  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    // The shift brings the high bits, where FNV mixes well, down to those that choose the slot.
    let mixed = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    return mixed ^ mixed >> 47
  }
}
