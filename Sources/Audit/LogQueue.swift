/// What waits to be written to one sink, and what had to be refused. What the writer has taken counts until it is written; then its memory
/// serves for later lines.
struct LogQueue: Sendable {
  let limit: LogQueueLimit
  private var full: [LogBlock] = []
  /// The block that lines are added to; empty where there is none.
  private var open = LogBlock()
  private var spares: [[UInt8]] = []
  private(set) var bytes = 0
  private(set) var lines = 0
  private(set) var lost = 0
  /// All that were ever lost, told of or not.
  private(set) var lostInAll = 0
  private(set) var isClosed = false
  private var users = 1

  private static let mostSpares = 4

  init(limit: LogQueueLimit) { self.limit = limit }

  var isEmpty: Bool { open.isEmpty && full.isEmpty }

  /// Takes a copy of whole lines, behind those of the same day; false, and they count as lost, where there is no room for them.
  mutating func offer(_ text: Span<UInt8>, lines count: Int, day: Int64) -> Bool {
    guard !isClosed, bytes + text.count <= limit.bytes, lines + count <= limit.lines else {
      lose(count)
      return false
    }
    bytes += text.count
    lines += count
    if !open.hasRoom(for: text.count, day: day) { openBlock(day: day) }
    open.append(text, lines: count)
    return true
  }

  private mutating func openBlock(day: Int64) {
    if !open.isEmpty { full.append(open) }
    open = LogBlock(in: spares.popLast() ?? [], day: day)
  }

  /// Everything that is queued, in order. `taken` is empty; its memory serves for what comes next.
  mutating func takeAll(into taken: inout [LogBlock]) {
    if !open.isEmpty {
      full.append(open)
      open = LogBlock()
    }
    swap(&full, &taken)
  }

  /// What was taken is on its way out of the process. Leaves the block empty.
  mutating func wrote(_ block: inout LogBlock) {
    discount(block)
    if let memory = block.releaseMemory(), spares.count < Self.mostSpares { spares.append(memory) }
  }

  /// Drops whatever is queued, and blocks that were taken.
  mutating func drop(_ taken: [LogBlock], lostLines: Int) {
    for block in taken { discount(block) }
    var queued: [LogBlock] = []
    takeAll(into: &queued)
    for block in queued {
      discount(block)
      lose(block.lines)
    }
    lose(lostLines)
  }

  private mutating func lose(_ count: Int) {
    lost += count
    lostInAll += count
  }

  private mutating func discount(_ block: LogBlock) {
    bytes -= block.bytes.count
    lines -= block.lines
  }

  /// The count of lost lines, once, when at least half of the room is free again: 0 until then.
  mutating func takeLost() -> Int {
    guard lost > 0, bytes <= limit.bytes / 2, lines <= limit.lines / 2 else { return 0 }
    defer { lost = 0 }
    return lost
  }

  /// One more user of an open sink; false when it has been closed.
  mutating func retain() -> Bool {
    guard !isClosed else { return false }
    users += 1
    return true
  }

  mutating func release() {
    users -= 1
    if users <= 0 { isClosed = true }
  }

  /// Takes nothing more, whoever still uses it.
  mutating func shut() { isClosed = true }

  /// Ends a queue with nothing in it, so that no later offer is taken that nobody would write.
  mutating func closeIfEmpty() -> Bool {
    guard isEmpty else { return false }
    isClosed = true
    return true
  }
}
