import Testing

@testable import Audit

@Suite struct LogBatchTests {
  private func item(_ text: String, day: Int64 = 0) -> LogItem {
    LogItem(bytes: bytes(text), lines: text.utf8.count { $0 == UInt8(ascii: "\n") }, day: day)
  }

  @Test("Items of one day are joined up to a size, in order")
  func joining() {
    let items = [item("a\n"), item("b\nc\n"), item("d\n"), item("e\n", day: 1), item("f\n", day: 1)]
    var start = 0
    let first = LogBatch(joining: items, from: &start, size: 6)
    #expect(first.bytes == bytes("a\nb\nc\n") && first.lines == 3 && start == 2)
    let second = LogBatch(joining: items, from: &start, size: 6)
    #expect(second.bytes == bytes("d\n") && second.day == 0 && start == 3)
    let third = LogBatch(joining: items, from: &start, size: 1)
    #expect(third.bytes == bytes("e\n") && third.day == 1 && start == 4)
  }

  @Test("A part that was written is not written again")
  func partialWrites() {
    var batch = LogBatch(bytes: bytes("one\ntwo\n"), lines: 2, day: 0)
    #expect(batch.unwrittenLines == 2 && !batch.endsInsideLine)
    batch.wrote(2)
    #expect(batch.rest == 2..<8 && batch.endsInsideLine && batch.unwrittenLines == 2)
    batch.wrote(2)
    #expect(!batch.endsInsideLine && batch.unwrittenLines == 1)
    batch.wrote(4)
    #expect(batch.isFinished && batch.unwrittenLines == 0)
  }

  @Test("For another file, a line that was cut short begins anew; whole lines do not")
  func rewinding() {
    var batch = LogBatch(bytes: bytes("one\ntwo\n"), lines: 2, day: 0)
    batch.wrote(6)
    batch.rewindToLineStart()
    #expect(batch.rest == 4..<8)
    batch.rewindToLineStart()
    #expect(batch.rest == 4..<8)
    batch.rewind()
    #expect(batch.rest == 0..<8)
  }
}
