import Testing

@testable import Audit

@Suite struct LogSinkTests {
  @Test("Wake-ups that nobody has taken yet cost no further byte, and none is missed")
  func waking() throws {
    let waker = try Waker()
    let sink = LogSink(.standardError, retention: .drop, limit: LogQueueLimit(), waker: waker)
    for _ in 0..<1000 { #expect(sink.offer(bytes("x\n"))) }
    #expect(SystemCalls.readSome(waker.descriptor) == 1)
    waker.clear()
    #expect(sink.offer(bytes("x\n")))
    #expect(SystemCalls.readSome(waker.descriptor) == 1)
  }

  @Test("A refused offer wakes nobody and is counted by its lines")
  func refusal() throws {
    let waker = try Waker()
    let sink = LogSink(.standardError, retention: .drop, limit: LogQueueLimit(bytes: 3, lines: 9), waker: waker)
    #expect(!sink.offer(bytes("x\ny\n"), lines: 2))
    #expect(sink.lostLines == 2)
    #expect(SystemCalls.readSome(waker.descriptor) < 1)
  }

  @Test("Nothing to write is no line")
  func empty() throws {
    let sink = try sink(.standardError, .drop, LogQueueLimit(bytes: 0, lines: 0))
    #expect(sink.offer([]))
    #expect(sink.isEmpty && sink.lostLines == 0)
  }
}
