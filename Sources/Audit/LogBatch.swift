/// A block that goes out in one write where the kernel takes it at once, and how far it has come where it does not.
struct LogBatch {
  private(set) var block: LogBlock
  private(set) var written = 0

  private static let newline = UInt8(ascii: "\n")

  /// Nothing to write, unless a block is given.
  init(_ block: LogBlock = LogBlock()) { self.block = block }

  var isEmpty: Bool { block.isEmpty }

  var bytes: [UInt8] { block.bytes }

  var isFinished: Bool { written == block.bytes.count }

  var rest: Range<Int> { written..<block.bytes.count }

  mutating func wrote(_ count: Int) { written += count }

  /// What was written ends in the middle of a line.
  var endsInsideLine: Bool { written > 0 && block.bytes[written - 1] != Self.newline }

  /// Lines that have not reached the file whole.
  var unwrittenLines: Int {
    var count = 0
    for index in rest where block.bytes[index] == Self.newline { count += 1 }
    return count
  }

  /// Another file takes over: a line that was cut short is written again whole.
  mutating func rewindToLineStart() {
    while endsInsideLine { written -= 1 }
  }

  /// Nothing of it is sure to have reached the disk: all is written again.
  mutating func rewind() { written = 0 }

  /// Ends it, and tells the sink that its lines are written.
  mutating func finish(_ sink: LogSink) {
    sink.wrote(&block)
    written = 0
  }
}
