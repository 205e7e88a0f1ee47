/// Whole lines of one day's file, each with its final newline, in one piece of memory.
struct LogBlock: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  private(set) var lines = 0
  /// The UTC day whose file they belong to; 0 where files are not by day.
  private(set) var day: Int64 = 0

  /// What one block holds, unless a single text is larger: two of an access log's pieces. Large enough to make writes rare, small enough
  /// for the sinks to take turns.
  static let size = 2 * (AccessLogBuffer.threshold + AccessLimit.line)

  init() {}

  /// A block in empty memory, such as an earlier one has left.
  init(in memory: [UInt8], day: Int64) {
    bytes = memory
    self.day = day
  }

  var isEmpty: Bool { bytes.isEmpty }

  /// Bytes of memory that it takes.
  var memory: Int { bytes.capacity }

  func hasRoom(for count: Int, day: Int64) -> Bool { !isEmpty && day == self.day && bytes.count + count <= Self.size }

  mutating func append(_ text: Span<UInt8>, lines count: Int) {
    let needed = bytes.count + text.count
    // Blocks that the writer takes early stay small: a full queue must not hold much more memory than lines.
    if memory < needed { bytes.reserveCapacity(max(needed, min(2 * memory, Self.size))) }
    // Safe: the buffer is the span's own for the call, which copies it and keeps nothing.
    unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    lines += count
  }

  /// Takes the memory out, empty, for another block; none that a large text has made unusually large.
  mutating func releaseMemory() -> [UInt8]? {
    var memory: [UInt8] = []
    swap(&memory, &bytes)
    lines = 0
    guard memory.capacity < 2 * Self.size else { return nil }
    memory.removeAll(keepingCapacity: true)
    return memory
  }
}
