import TLS

/// What was received and not yet used: `bytes[start..<end]` of an array that is lent by the loop only while there is data.
package struct InputBuffer {
  /// Empty while nothing is lent.
  package internal(set) var bytes: [UInt8] = []
  package internal(set) var start = 0
  package internal(set) var end = 0

  package var count: Int { end - start }
  package var isEmpty: Bool { start == end }
  package var range: Range<Int> { start..<end }
  /// Whether not even compaction would make room for another byte.
  package var isFull: Bool { !bytes.isEmpty && end - start == bytes.count }

  /// Passes over the first `count` bytes.
  package mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= end - start)
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// The memory, for the loop to take back.
  consuming func takeBytes() -> [UInt8] { bytes }

  mutating func makeRoom() {
    guard end == bytes.count, start > 0 else { return }
    for index in start..<end { bytes[index - start] = bytes[index] }
    end -= start
    start = 0
  }

  mutating func receive(_ descriptor: Int32) -> Transfer {
    let result = System.receive(descriptor, into: &bytes, from: end)
    if case .moved(let count) = result { end += count }
    return result
  }

  mutating func receive(_ connection: TLSConnection) -> TLSConnection.Received {
    let result = connection.receive(into: &bytes, from: end)
    if case .moved(let count, _) = result { end += count }
    return result
  }

  /// Receives those of the bytes that have arrived which `claim` wants, given everything up to the last of them: it tells how many that is, from
  /// the buffer's first byte on. The others stay with the kernel.
  mutating func receive(_ descriptor: Int32, claim: (Span<UInt8>) -> Int) -> Transfer {
    let outcome = System.peek(descriptor, into: &bytes, from: end)
    guard case .moved(let arrived) = outcome else { return outcome }
    let wanted = min(claim(bytes.span.extracting(start..<end + arrived)) - count, arrived)
    guard wanted > 0 else { return .wouldBlock }
    let result = System.receive(descriptor, into: &bytes, from: end, count: wanted)
    if case .moved(let count) = result { end += count }
    return result
  }
}
