import Testing

@testable import Audit

@Suite struct LogBatchTests {
  private func block(_ text: String) -> LogBlock {
    var block = LogBlock()
    block.append(bytes(text).span, lines: text.utf8.count { $0 == UInt8(ascii: "\n") })
    return block
  }

  @Test("Without a block there is nothing to write")
  func nothing() {
    let batch = LogBatch()
    #expect(batch.isEmpty && batch.isFinished && !batch.endsInsideLine && batch.unwrittenLines == 0)
  }

  @Test("What has been written makes room in the sink's queue")
  func finishing() throws {
    let sink = try sink(.standardError, .drop, LogQueueLimit(bytes: 4, lines: 9))
    #expect(sink.offer(bytes("a\n")) && sink.offer(bytes("b\n")) && !sink.offer(bytes("c\n")))
    var batch = LogBatch(try #require(sink.takeAll().first))
    batch.wrote(4)
    #expect(batch.isFinished && sink.isFull && !sink.offer(bytes("c\n")))
    batch.finish(sink)
    #expect(batch.isEmpty && !sink.isFull && sink.offer(bytes("c\n")))
  }

  @Test("A part that was written is not written again")
  func partialWrites() {
    var batch = LogBatch(block("one\ntwo\n"))
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
    var batch = LogBatch(block("one\ntwo\n"))
    batch.wrote(6)
    batch.rewindToLineStart()
    #expect(batch.rest == 4..<8)
    batch.rewindToLineStart()
    #expect(batch.rest == 4..<8)
    batch.rewind()
    #expect(batch.rest == 0..<8)
  }
}
