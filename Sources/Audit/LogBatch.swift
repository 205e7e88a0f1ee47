/// Lines that go out in one write where the kernel takes them at once, and how far they have come where it does not.
struct LogBatch {
  let bytes: [UInt8]
  let lines: Int
  let day: Int64
  private(set) var written = 0

  private static let newline = UInt8(ascii: "\n")

  init(bytes: [UInt8], lines: Int, day: Int64) {
    self.bytes = bytes
    self.lines = lines
    self.day = day
  }

  /// Joins items of one day from `start` on, up to `size` bytes but at least one item, and moves `start` behind them.
  init(joining items: [LogItem], from start: inout Int, size: Int) {
    let first = items[start]
    var end = start + 1
    var total = first.bytes.count
    while end < items.count, items[end].day == first.day, total + items[end].bytes.count <= size {
      total += items[end].bytes.count
      end += 1
    }
    if end == start + 1 {
      self.init(bytes: first.bytes, lines: first.lines, day: first.day)
    } else {
      var joined: [UInt8] = []
      joined.reserveCapacity(total)
      var count = 0
      for item in items[start..<end] {
        joined.append(contentsOf: item.bytes)
        count += item.lines
      }
      self.init(bytes: joined, lines: count, day: first.day)
    }
    start = end
  }

  var isFinished: Bool { written == bytes.count }

  var rest: Range<Int> { written..<bytes.count }

  mutating func wrote(_ count: Int) { written += count }

  /// What was written ends in the middle of a line.
  var endsInsideLine: Bool { written > 0 && bytes[written - 1] != Self.newline }

  /// Lines that have not reached the file whole.
  var unwrittenLines: Int {
    var count = 0
    for index in rest where bytes[index] == Self.newline { count += 1 }
    return count
  }

  /// Another file takes over: a line that was cut short is written again whole.
  mutating func rewindToLineStart() {
    while endsInsideLine { written -= 1 }
  }

  /// Nothing of it is sure to have reached the disk: all is written again.
  mutating func rewind() { written = 0 }
}
