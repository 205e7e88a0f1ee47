import Testing

@testable import Audit

@Suite struct LogQueueTests {
  private func item(_ size: Int, lines: Int = 1) -> LogItem { LogItem(bytes: .init(repeating: 65, count: size), lines: lines, day: 0) }

  @Test("Bytes are bounded, and what was taken counts until it is written")
  func bytesLimit() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.offer(item(6)) == true)
    #expect(queue.offer(item(5)) == false)
    #expect(queue.offer(item(4)) == true)
    #expect(queue.takeAll().count == 2)
    #expect(queue.offer(item(1)) == false)
    queue.wrote(bytes: 6, lines: 1)
    #expect(queue.offer(item(6)) == true)
    #expect(queue.lost == 2)
  }

  @Test("Lines are bounded")
  func linesLimit() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 1000, lines: 3))
    #expect(queue.offer(item(1, lines: 2)) == true)
    #expect(queue.offer(item(1, lines: 2)) == false)
    #expect(queue.offer(item(1, lines: 1)) == true)
    #expect(queue.lost == 2)
  }

  @Test("The count of lost lines is told once, when half of the room is free")
  func lostCount() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.takeLost() == 0)
    #expect(queue.offer(item(5)) == true)
    #expect(queue.offer(item(5)) == true)
    #expect(queue.offer(item(1, lines: 3)) == false)
    #expect(queue.takeLost() == 0)
    _ = queue.takeAll()
    queue.wrote(bytes: 5, lines: 1)
    #expect(queue.takeLost() == 3)
    #expect(queue.takeLost() == 0)
  }

  @Test("Dropping frees the room and counts every line that did not reach the file whole")
  func dropping() {
    var queue = LogQueue(limit: LogQueueLimit(bytes: 10, lines: 100))
    #expect(queue.offer(item(4, lines: 4)) == true)
    _ = queue.takeAll()
    #expect(queue.offer(item(6, lines: 2)) == true)
    queue.drop(bytes: 4, lines: 4, lostLines: 3)
    #expect(queue.lost == 5 && queue.bytes == 0 && queue.lines == 0 && queue.isEmpty)
  }

  @Test("A sink closes with its last user")
  func users() {
    var queue = LogQueue(limit: LogQueueLimit())
    #expect(queue.retain() == true)
    queue.release()
    #expect(queue.offer(item(1)) == true)
    queue.release()
    #expect(queue.offer(item(1)) == false)
    #expect(queue.retain() == false)
  }

  @Test("A queue closes for good only when nothing is left in it")
  func closing() {
    var queue = LogQueue(limit: LogQueueLimit())
    #expect(queue.offer(item(1)) == true)
    #expect(queue.closeIfEmpty() == false)
    #expect(queue.offer(item(1)) == true)
    _ = queue.takeAll()
    #expect(queue.closeIfEmpty() == true)
    #expect(queue.offer(item(1)) == false)
  }
}
