import Testing

@testable import Upstream

@Suite struct EjectionTests {
  /// Fails so often in a row, and tells which of the failures put the server out.
  private func fail(_ ejection: inout Ejection, _ count: Int, _ failure: Ejection.Failure = .connection, at now: Int64 = 0) -> [Bool] {
    (0..<count).map { _ in ejection.failed(failure, now) }
  }

  @Test("so many failures in a row put a server out, for the pause", arguments: [Ejection.Failure.connection, .answer])
  func out(_ failure: Ejection.Failure) {
    var ejection = Ejection(failures: 3, milliseconds: 1000)
    #expect(!ejection.isOut(0))
    #expect(fail(&ejection, 3, failure) == [false, false, true])
    #expect(ejection.isOut(0) && ejection.isOut(999) && !ejection.isOut(1000))
    #expect(ejection.returnsAt == 1000)
  }

  @Test("an answer between two failures starts the count anew")
  func interrupted() {
    var ejection = Ejection(failures: 3, milliseconds: 1000)
    for _ in 0..<10 {
      #expect(fail(&ejection, 2) == [false, false])
      ejection.answered(0)
    }
    #expect(!ejection.isOut(0))
  }

  @Test("the first failure after the return doubles the pause, up to eight times")
  func doubling() {
    var ejection = Ejection(failures: 3, milliseconds: 1000)
    _ = fail(&ejection, 3)
    var now: Int64 = 1000
    for pause: Int64 in [2000, 4000, 8000, 8000, 8000] {
      #expect(fail(&ejection, 1, at: now) == [true])
      #expect(ejection.isOut(now + pause - 1) && !ejection.isOut(now + pause))
      now += pause
    }
    ejection.answered(now)
    #expect(fail(&ejection, 3, at: now) == [false, false, true], "after an answer it takes as many as before")
    #expect(!ejection.isOut(now + 1000))
  }

  @Test("failures while it is out do not make the pause longer")
  func whileOut() {
    var ejection = Ejection(failures: 2, milliseconds: 1000)
    _ = fail(&ejection, 2)
    #expect(fail(&ejection, 50, at: 500).allSatisfy { !$0 })
    #expect(!ejection.isOut(1000))
  }

  @Test("an answer to an earlier request brings it back at once")
  func earlyReturn() {
    var ejection = Ejection(failures: 2, milliseconds: 1000)
    _ = fail(&ejection, 2)
    ejection.answered(300)
    #expect(!ejection.isOut(300))
    #expect(ejection.returnsAt == 300)
  }

  @Test("it is known to be down only if connections failed and nothing else")
  func knownDown() {
    var refusing = Ejection(failures: 2, milliseconds: 1000)
    _ = fail(&refusing, 1)
    #expect(!refusing.isKnownDown(0))
    _ = fail(&refusing, 1)
    #expect(refusing.isKnownDown(0) && !refusing.isKnownDown(1000))
    refusing.connected()
    #expect(!refusing.isKnownDown(0) && refusing.isOut(0))
    for order in [[Ejection.Failure.answer, .connection], [.connection, .answer], [.answer, .answer]] {
      var mixed = Ejection(failures: 2, milliseconds: 1000)
      for failure in order { _ = mixed.failed(failure, 0) }
      #expect(mixed.isOut(0) && !mixed.isKnownDown(0))
    }
  }

  @Test("with 0 failures none is ever put out")
  func off() {
    var ejection = Ejection(failures: 0, milliseconds: 1000)
    #expect(fail(&ejection, 100).allSatisfy { !$0 })
    #expect(!ejection.isOut(0) && !ejection.isKnownDown(0))
  }

  @Test("the share of a server that is back grows evenly to its full size")
  func slowStart() {
    let shares = [0, 1, 500, 1000, 5000, 9999, 10_000, 50_000].map { SlowStart.share(since: 100_000, now: 100_000 + $0, duration: 10_000) }
    #expect(shares == [1, 1, 1, 1, 8, 15, 16, 16])
    #expect(SlowStart.share(since: 100_000, now: 90_000, duration: 10_000) == 1)
  }

  @Test("a server that never was away, or starts at once, has its full share", arguments: [Int64.min, 0, 1000])
  func noSlowStart(_ since: Int64) {
    #expect(SlowStart.share(since: .min, now: since, duration: 10_000) == ServerView.fullShare)
    #expect(SlowStart.share(since: since, now: 1000, duration: 0) == ServerView.fullShare)
    #expect(SlowStart.share(since: .max, now: since, duration: 10_000) == ServerView.fullShare)
  }
}
