import Glibc
import Testing

@testable import Audit

@Suite struct SinkFileTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    signal(SIGPIPE, SIG_IGN)
  }

  private func step(_ file: inout SinkFile, now: Int64 = 0) -> (progress: Bool, notices: [LogNotice]) {
    var notices: [LogNotice] = []
    let progress = file.step(now: now, retryPause: 1000, notices: &notices)
    return (progress, notices)
  }

  /// Steps until nothing moves.
  private func run(_ file: inout SinkFile, now: Int64 = 0) { while step(&file, now: now).progress {} }

  @Test("A full disk keeps audit lines: one notice, one try for each pause, all lines once it has room")
  func fullDiskKeeps() throws {
    symlink("/dev/full", directory.file("log"))
    let sink = try sink(.file(directory.file("log")), .keep)
    var file = SinkFile(sink)
    #expect(sink.offer(bytes("one\n")))
    let reason = SystemCalls.text(ofError: ENOSPC)
    #expect(step(&file).notices == [.failing(destination: directory.file("log"), reason: reason, kept: true)])
    #expect(file.pausedUntil == 1000 && sink.isFailing)
    #expect(sink.offer(bytes("two\n")))
    #expect(step(&file, now: 999).notices.isEmpty && file.pausedUntil == 1000)
    #expect(step(&file, now: 1000).notices.isEmpty && file.pausedUntil == 2000)
    unlink(directory.file("log"))
    file.reopen()
    let (progress, notices) = step(&file, now: 1001)
    #expect(progress && notices == [.recovered(destination: directory.file("log"))])
    run(&file, now: 1001)
    #expect(directory.text("log") == "one\ntwo\n")
    #expect(file.isIdle && !sink.isFailing && sink.lostLines == 0)
  }

  @Test("A full disk drops and counts access lines, and says how many when writing works again")
  func fullDiskDrops() throws {
    symlink("/dev/full", directory.file("log"))
    let sink = try sink(.file(directory.file("log")), .drop)
    var file = SinkFile(sink)
    #expect(sink.offer(bytes("one\ntwo\n"), lines: 2))
    #expect(sink.offer([UInt8](repeating: 65, count: 64 << 10) + bytes("\n")))
    let reason = SystemCalls.text(ofError: ENOSPC)
    #expect(step(&file).notices == [.failing(destination: directory.file("log"), reason: reason, kept: false)])
    #expect(sink.lostLines == 3 && file.isIdle)
    unlink(directory.file("log"))
    file.reopen()
    #expect(sink.offer(bytes("three\n")))
    #expect(
      step(&file, now: 1).notices == [
        .recovered(destination: directory.file("log")), .lost(destination: directory.file("log"), lines: 3),
      ])
    #expect(directory.text("log") == "three\n")
  }

  @Test("A pipe that is full is waited for, without holding the thread, and goes on where it stopped")
  func slowPipe() throws {
    let pipe = try NamedPipe(directory.file("pipe"))
    let sink = try sink(.file(pipe.path))
    var file = SinkFile(sink)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 299_999) + bytes("\n")
    #expect(sink.offer(line))
    var received: [UInt8] = []
    var waits = 0
    while !file.isIdle {
      run(&file)
      if file.awaitedDescriptor != nil { waits += 1 }
      received += pipe.readAll()
    }
    #expect(received == line)
    #expect(waits >= 4)
  }

  @Test("A line that a lost file cut short is written whole to the next one")
  func cutShort() throws {
    let pipe = try NamedPipe(directory.file("log"))
    let sink = try sink(.file(pipe.path), .keep)
    var file = SinkFile(sink)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 99_999) + bytes("\n")
    #expect(sink.offer(bytes("first\n")) && sink.offer(line))
    run(&file)
    #expect(file.awaitedDescriptor != nil)
    unlink(pipe.path)
    file.reopen()
    run(&file)
    #expect(directory.text("log").map { Array($0.utf8) } == line)
    #expect(Array(pipe.readAll().prefix(6)) == bytes("first\n"))
  }

  @Test("A reader that goes away is an error, not the end of the process")
  func brokenPipe() throws {
    let sink = try sink(.file(directory.file("pipe")))
    var file = SinkFile(sink)
    do {
      let pipe = try NamedPipe(directory.file("pipe"))
      #expect(sink.offer(bytes("one\n")))
      #expect(step(&file).progress)
      #expect(pipe.readAll() == bytes("one\n"))
    }
    #expect(sink.offer(bytes("two\n")))
    let reason = SystemCalls.text(ofError: EPIPE)
    #expect(step(&file).notices == [.failing(destination: directory.file("pipe"), reason: reason, kept: false)])
    #expect(sink.lostLines == 1)
  }

  @Test(
    "A file that ends within a line gets a newline first; one that does not, none", arguments: [("torn", "torn\nx\n"), ("ok\n", "ok\nx\n")])
  func tail(before: String, after: String) throws {
    directory.write("log", before)
    let sink = try sink(.file(directory.file("log")))
    var file = SinkFile(sink)
    #expect(sink.offer(bytes("x\n")))
    run(&file)
    #expect(directory.text("log") == after)
  }

  @Test("a stream that takes no more has got whole lines only, so that another process's fit in between")
  func wholeLines() throws {
    let path = directory.file("stream")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    let sink = try sink(.file(path), .drop)
    var file = SinkFile(sink)
    let line = String(repeating: "x", count: 40) + "\n"
    #expect(sink.offer(bytes(String(repeating: line, count: 4000)), lines: 4000))
    run(&file)
    #expect(file.awaitedDescriptor != nil)
    var got: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(reader, &piece, piece.count), count > 0 { got += piece[..<count] }
    #expect(got.count > 16_384 && got.last == UInt8(ascii: "\n"))
    run(&file)
    #expect(!got.isEmpty && sink.lostLines == 0)
  }
}
