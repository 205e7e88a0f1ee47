/// One offer: whole lines, each with its final newline.
struct LogItem: Sendable, Equatable {
  var bytes: [UInt8]
  var lines: Int
  /// The UTC day whose file they belong to; 0 where files are not by day.
  var day: Int64
}

/// What waits to be written to one sink, and what had to be refused. What the writer has taken counts until it is written.
struct LogQueue: Sendable {
  let limit: LogQueueLimit
  private var items: [LogItem] = []
  private(set) var bytes = 0
  private(set) var lines = 0
  private(set) var lost = 0
  private(set) var isClosed = false
  private var users = 1

  init(limit: LogQueueLimit) { self.limit = limit }

  var isEmpty: Bool { items.isEmpty }

  mutating func offer(_ item: LogItem) -> Bool {
    guard !isClosed, bytes + item.bytes.count <= limit.bytes, lines + item.lines <= limit.lines else {
      lost += item.lines
      return false
    }
    bytes += item.bytes.count
    lines += item.lines
    items.append(item)
    return true
  }

  mutating func takeAll() -> [LogItem] {
    var taken: [LogItem] = []
    swap(&taken, &items)
    return taken
  }

  /// Taken lines are on their way out of the process.
  mutating func wrote(bytes: Int, lines: Int) {
    self.bytes -= bytes
    self.lines -= lines
  }

  /// Drops whatever is queued or taken. `lines`: how many of them never reached the file whole.
  mutating func drop(bytes: Int, lines: Int, lostLines: Int) {
    wrote(bytes: bytes, lines: lines)
    lost += lostLines
    for item in takeAll() {
      wrote(bytes: item.bytes.count, lines: item.lines)
      lost += item.lines
    }
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
