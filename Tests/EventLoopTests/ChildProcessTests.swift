import Glibc
import Testing

@testable import EventLoop

@Suite struct ChildProcessTests {
  /// Runs a shell's script that writes to a channel; what it wrote.
  private func output(_ script: String, variables: [String: String] = [:], without: Set<String> = []) throws -> (
    text: String, child: ChildProcess
  ) {
    let (ours, theirs) = try MessageChannel.pair()
    let child = try withExtendedLifetime(theirs) {
      try ChildProcess(
        ["sh", "-c", script], variables: variables.merging(["OUT": "\(theirs.descriptor)"]) { $1 }, without: without,
        keeping: [theirs.descriptor])
    }
    guard case .message(let bytes) = ours.receive(milliseconds: 10_000) else { return ("", child) }
    return (String(decoding: bytes, as: UTF8.self), child)
  }

  @Test("it has the descriptors that it was given under their numbers, the variables, and no others")
  func inheritance() throws {
    // Unlike all of ours, a copy stays open on exec.
    let secret = dup(STDERR_FILENO)
    defer { close(secret) }
    // A socket cannot be opened by its name: a copy of the descriptor is written to.
    let (text, child) = try output(
      """
      test -e /proc/self/fd/\(secret) && leak=leaked
      echo "$FIRST $HOME $PATH $leak" | python3 -c 'import os, sys; os.write(int(os.environ["OUT"]), sys.stdin.buffer.read())'
      """,
      variables: ["FIRST": "one"], without: ["HOME"])
    child.kill()
    #expect(text.hasPrefix("one  /") && !text.contains("leaked"))
  }

  @Test("no signal is blocked or ignored there, and it is ended at once when it has to be")
  func signals() throws {
    _ = signal(SIGPIPE, SIG_IGN)
    var (set, before) = (sigset_t(), sigset_t())
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &set, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let tell = "python3 -c 'import os,sys; os.write(int(os.environ[\"OUT\"]), sys.stdin.buffer.read())'"
    let (text, child) = try output("grep -E 'Sig(Blk|Ign)' /proc/self/status | \(tell); sleep 60")
    let masks = text.split(separator: "\n").compactMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) }
    // The C library keeps 32 and 33 for itself.
    #expect(masks.count == 2 && masks.allSatisfy { $0 & ~(0b11 << 31) == 0 }, "\(text)")
    child.kill()
    #expect(kill(child.id, 0) != 0)
  }

  @Test("a program that is not there is a fault here and not there")
  func missing() throws {
    #expect(throws: SystemError.self) { try ChildProcess(["/nowhere/anteroom"], variables: [:], without: [], keeping: []) }
    #expect(throws: SystemError.self) { try ChildProcess([], variables: [:], without: [], keeping: []) }
  }
}
