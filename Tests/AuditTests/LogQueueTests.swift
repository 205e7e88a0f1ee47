import Testing

@testable import Audit

@Suite struct LogQueueTests {
  @Test("Lines of one day lie together in blocks, in the order of their coming")
  func order() {
    var queue = LogQueue(limit: LogQueueLimit())
    for (text, day) in [("a\n", 1), ("b\n", 1), ("c\n", 2), ("d\n", 1)] as [(String, Int64)] {
      #expect(queue.offer(bytes(text).span, lines: 1, day: day) == true)
    }
    let taken = queue.takeAll()
    #expect(taken.map(\.bytes) == [bytes("a\nb\n"), bytes("c\n"), bytes("d\n")])
    #expect(taken.map(\.day) == [1, 2, 1] && taken.map(\.lines) == [2, 1, 1])
  }

  @Test("A block that is full is followed by another, and a text larger than a block has one of its own")
  func blocks() {
    var queue = LogQueue(limit: LogQueueLimit())
    let half = LogBlock.size / 2
    for size in [half, half, 1, 3 * LogBlock.size, 2] { #expect(queue.offer(size) == true) }
    #expect(queue.takeAll().map(\.bytes.count) == [LogBlock.size, 1, 3 * LogBlock.size, 2])
  }

  @Test("A block's memory serves again once it is written")
  func memory() {
    var queue = LogQueue(limit: LogQueueLimit())
    #expect(queue.offer(1000) == true)
    var block = queue.takeAll()[0]
    queue.wrote(&block)
    #expect(block.isEmpty && queue.bytes == 0 && queue.lines == 0)
    #expect(queue.offer(1) == true)
    let next = queue.takeAll()[0]
    #expect(next.bytes == [65] && next.memory >= 1000)
  }

  @Test("A few blocks' memory is kept for later, not that of all")
  func spares() {
    var queue = LogQueue(limit: LogQueueLimit())
    for day in Int64(0)..<20 { #expect(queue.offer([UInt8](repeating: 65, count: 1000).span, lines: 1, day: day) == true) }
    var taken = queue.takeAll()
    for index in taken.indices { queue.wrote(&taken[index]) }
    for day in Int64(0)..<20 { #expect(queue.offer(bytes("a").span, lines: 1, day: day) == true) }
    #expect(queue.takeAll().count { $0.memory >= 1000 } == 4)
  }

  @Test("Bytes are bounded, and what was taken counts until it is written")
  func bytesLimit() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.offer(6) == true)
    #expect(queue.offer(5) == false)
    #expect(queue.offer(4) == true)
    var taken = queue.takeAll()
    #expect(taken.count == 1)
    #expect(queue.offer(1) == false)
    queue.wrote(&taken[0])
    #expect(queue.offer(10) == true)
    #expect(queue.lost == 2)
  }

  @Test("Lines are bounded")
  func linesLimit() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 1000, lines: 3))
    #expect(queue.offer(1, lines: 2) == true)
    #expect(queue.offer(1, lines: 2) == false)
    #expect(queue.offer(1, lines: 1) == true)
    #expect(queue.lost == 2)
  }

  @Test("The count of lost lines is told once, when half of the room is free")
  func lostCount() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.takeLost() == 0)
    #expect(queue.offer(5) == true)
    #expect(queue.offer(5) == true)
    #expect(queue.offer(1, lines: 3) == false)
    #expect(queue.takeLost() == 0)
    var taken = queue.takeAll()
    #expect(queue.takeLost() == 0)
    queue.wrote(&taken[0])
    #expect(queue.takeLost() == 3)
    #expect(queue.takeLost() == 0)
  }

  @Test("Dropping frees the room and counts every line that did not reach the file whole")
  func dropping() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.offer(4, lines: 4) == true)
    let taken = queue.takeAll()
    #expect(queue.offer(6, lines: 2) == true)
    queue.drop(taken, lostLines: 3)
    #expect(queue.lost == 5 && queue.bytes == 0 && queue.lines == 0 && queue.isEmpty)
  }

  @Test("A sink closes with its last user")
  func users() {
    var queue = LogQueue(limit: LogQueueLimit())
    #expect(queue.retain() == true)
    queue.release()
    #expect(queue.offer(1) == true)
    queue.release()
    #expect(queue.offer(1) == false)
    #expect(queue.retain() == false)
  }

  @Test("A queue closes for good only when nothing is left in it")
  func closing() {
    var queue = LogQueue(limit: LogQueueLimit())
    #expect(queue.offer(1) == true)
    #expect(queue.closeIfEmpty() == false)
    #expect(queue.offer(1) == true)
    _ = queue.takeAll()
    #expect(queue.closeIfEmpty() == true)
    #expect(queue.offer(1) == false)
  }

  @Test("all lost lines are counted for good, told of or not")
  func lostInAll() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 4, lines: 10))
    let line: [UInt8] = [1, 2, 3, 10]
    #expect(queue.offer(line.span, lines: 1, day: 0) && !queue.offer(line.span, lines: 1, day: 0))
    queue.drop([], lostLines: 3)
    #expect(queue.takeLost() == 5)
    #expect(queue.lost == 0 && queue.lostInAll == 5)
  }
}

extension LogQueue {
  /// Offers so many bytes.
  fileprivate mutating func offer(_ size: Int, lines: Int = 1) -> Bool {
    offer([UInt8](repeating: 65, count: size).span, lines: lines, day: 0)
  }

  fileprivate mutating func takeAll() -> [LogBlock] {
    var taken: [LogBlock] = []
    takeAll(into: &taken)
    return taken
  }
}
