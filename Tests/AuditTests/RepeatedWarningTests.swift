import Synchronization
import Testing

@testable import Audit

@Suite struct RepeatedWarningTests {
  @Test("The first occurrence is reported, then one a minute with the count of the others")
  func limit() {
    var limit = RepetitionLimit(interval: 60_000)
    #expect(limit.occurrence(at: 1000) == 0)
    #expect(limit.occurrence(at: 1000) == nil)
    #expect(limit.occurrence(at: 60_999) == nil)
    #expect(limit.occurrence(at: 61_000) == 2)
    #expect(limit.occurrence(at: 61_001) == nil)
    #expect(limit.occurrence(at: 200_000) == 1)
    #expect(limit.occurrence(at: 300_000) == 0)
  }

  @Test("A clock that is set back does not silence it")
  func clockSetBack() {
    var limit = RepetitionLimit(interval: 60_000)
    #expect(limit.occurrence(at: 1_000_000) == 0)
    #expect(limit.occurrence(at: 10) == 0)
    #expect(limit.occurrence(at: 11) == nil)
  }

  @Test("Fields are those of the occurrence that is written")
  func written() throws {
    let directory = try TemporaryDirectory()
    let writer = try LogWriter()
    let times = Times()
    let events = try Events(writer: writer, destination: .init(path: directory.file("log")), clock: { times.now })
    let warning = RepeatedWarning("upstream does not answer", events: events)
    warning.warn(["upstream": "a"])
    warning.warn(["upstream": "b"])
    times.set(60_000)
    warning.warn(["upstream": "c"])
    #expect(writer.drain(within: .seconds(10)))
    #expect(
      directory.text("log") == """
        1970-01-01T00:00:00.000Z warning upstream does not answer upstream=a
        1970-01-01T00:01:00.000Z warning upstream does not answer upstream=c more=1

        """)
  }

  private final class Times: Sendable {
    private let value = Atomic<Int64>(0)
    var now: Int64 { value.load(ordering: .relaxed) }
    func set(_ time: Int64) { value.store(time, ordering: .relaxed) }
  }
}
