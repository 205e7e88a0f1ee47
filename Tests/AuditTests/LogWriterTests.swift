import Glibc
import Testing

@testable import Audit

@Suite struct LogWriterTests {
  private let directory: TemporaryDirectory
  private let writer: LogWriter

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter(retryPause: .milliseconds(5))
  }

  @Test("Draining writes every line of every sink, in order, and takes no more")
  func drain() throws {
    let one = try writer.open(.init(path: directory.file("one")))
    let two = try writer.open(.init(path: directory.file("two")))
    for number in 0..<5000 {
      #expect(one.offer(bytes("\(number)\n")))
      #expect(two.offer(bytes("\(-number)\n")))
    }
    #expect(writer.drain(within: .seconds(10)))
    #expect(directory.text("one") == (0..<5000).map { "\($0)\n" }.joined())
    #expect(directory.text("two") == (0..<5000).map { "\(-$0)\n" }.joined())
    #expect(!one.offer(bytes("late\n")))
    #expect(writer.drain(within: .seconds(10)))
    #expect(try !writer.open(.init(path: directory.file("three"))).offer(bytes("late\n")))
  }

  @Test("Many threads at once lose nothing and tear no line")
  func manyThreads() async throws {
    let sink = try writer.open(.init(path: directory.file("log")), limit: LogQueueLimit(bytes: 64 << 20, lines: 1 << 20))
    let accepted = await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask { (0..<2000).count { sink.offer(bytes("task \(task) line \($0)\n")) } }
      }
      return await group.reduce(0, +)
    }
    #expect(accepted == 16_000)
    #expect(writer.drain(within: .seconds(10)))
    let lines = try #require(directory.text("log")).split(separator: "\n")
    #expect(lines.count == 16_000 && Set(lines).count == 16_000)
    #expect(lines.allSatisfy { $0.wholeMatch(of: /task \d line \d+/) != nil })
  }

  @Test("After a rename, reopening goes on in a new file; without it, in the old one")
  func reopen() throws {
    let sink = try writer.open(.init(path: directory.file("log")))
    #expect(sink.offer(bytes("one\n")) && writer.flush(within: .seconds(10)))
    rename(directory.file("log"), directory.file("log.1"))
    #expect(sink.offer(bytes("two\n")) && writer.flush(within: .seconds(10)))
    writer.reopen()
    #expect(sink.offer(bytes("three\n")) && writer.drain(within: .seconds(10)))
    #expect(directory.text("log.1") == "one\ntwo\n")
    #expect(directory.text("log") == "three\n")
  }

  @Test("Existing content is kept, and others get no access to a new log")
  func appending() throws {
    directory.write("old", "before\n")
    #expect(try writer.open(.init(path: directory.file("old"))).offer(bytes("after\n")))
    #expect(try writer.open(.init(path: directory.file("new"))).offer(bytes("x\n")))
    #expect(writer.drain(within: .seconds(10)))
    #expect(directory.text("old") == "before\nafter\n")
    #expect(mode(directory.file("new")).map { $0 & 0o137 } == 0)
  }

  @Test("A place named twice is one sink, so that lines of both do not mix; it closes with its last user")
  func sharedSink() throws {
    let log = try writer.open(.init(path: directory.file("log")))
    let access = try writer.open(.init(path: directory.file("log"), format: .json))
    #expect(log === access)
    #expect(writer.standardError() === writer.standardError())
    log.close()
    #expect(access.offer(bytes("one\n")))
    access.close()
    #expect(!access.offer(bytes("two\n")))
    let again = try writer.open(.init(path: directory.file("log")))
    #expect(again !== access)
    #expect(again.offer(bytes("three\n")))
    #expect(writer.drain(within: .seconds(10)))
    #expect(Set(try #require(directory.text("log")).split(separator: "\n")) == ["one", "three"])
  }

  @Test("A file that cannot be opened is an error with the mend")
  func unusable() throws {
    let expected = LogFileError(operation: "open the log file", path: directory.file("no/log"), code: ENOENT)
    #expect(throws: expected) { try writer.open(.init(path: directory.file("no/log"))) }
    #expect(
      expected.description
        == "cannot open the log file \(directory.file("no/log")): No such file or directory (make its parent directory first)")
    #expect(writer.drain(within: .seconds(10)))
  }

  @Test("Draining gives up at its deadline when lines cannot be written, and says so")
  func drainDeadline() throws {
    let sink = writer.sink(.file("/dev/full"), .keep, LogQueueLimit())
    #expect(sink.offer(bytes("one\n")))
    let began = SystemCalls.monotonicMilliseconds()
    #expect(!writer.drain(within: .milliseconds(50)))
    #expect(SystemCalls.monotonicMilliseconds() - began < 5000)
    #expect(!sink.offer(bytes("two\n")))
    #expect(!writer.drain(within: .milliseconds(50)))
  }

  @Test("A drain that finds the thread already at its end hears how it ended")
  func drainRace() throws {
    for _ in 0..<200 { #expect(try LogWriter().drain(within: .seconds(10))) }
  }

  @Test("What was offered before a drain or a flush is written before either ends, however early it comes", arguments: [true, false])
  func offerRace(isFlush: Bool) throws {
    var expected = ""
    for round in 0..<200 {
      let writer = try LogWriter()
      let sink = try writer.open(.init(path: directory.file("log")))
      #expect(sink.offer(bytes("\(round)\n")))
      expected += "\(round)\n"
      if isFlush { #expect(writer.flush(within: .seconds(10))) } else { #expect(writer.drain(within: .seconds(10))) }
      #expect(directory.text("log") == expected)
      #expect(writer.drain(within: .seconds(10)))
    }
  }

  @Test("A sink whose reader stands still holds up no other, and the queue's end refuses")
  func stuckReader() throws {
    let pipe = try NamedPipe(directory.file("pipe"))
    let notices = try Notices(writer)
    let stuck = try writer.open(.init(path: pipe.path), limit: LogQueueLimit(bytes: 256 << 10, lines: 1000))
    let other = writer.sink(.daily(directory: directory.file("audit")), .keep, LogQueueLimit())
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1023) + bytes("\n")
    var accepted = 0
    while stuck.offer(line) { accepted += 1 }
    #expect(other.offer(bytes("{}\n")))
    let path = directory.file("audit/audit-1970-01-01.jsonl")
    let deadline = SystemCalls.monotonicMilliseconds() + 10_000
    while directory.text("audit/audit-1970-01-01.jsonl") != "{}\n", SystemCalls.monotonicMilliseconds() < deadline { sched_yield() }
    #expect(mode(path) == 0o600)
    #expect(directory.text("audit/audit-1970-01-01.jsonl") == "{}\n")
    #expect(stuck.lostLines > 0)
    #expect(pipe.read(count: accepted * 1024).count == accepted * 1024)
    guard case .lost(pipe.path, let lines)? = notices.next() else { Issue.record("no notice of lost lines"); return }
    #expect(lines >= 1)
    #expect(writer.drain(within: .seconds(10)))
  }
}
