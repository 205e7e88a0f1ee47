import Session
import Testing

@testable import Gateway

@Suite struct ProgramsTests {
  private func known(_ until: Int64) -> Programs.Known {
    let content = SessionContent(
      id: .random(), user: "ann", stamp: [UInt8](repeating: 0, count: 16), authenticatedAt: 0, lastActivity: 0, notAfter: 1_000)
    return Programs.Known(session: OpenedSession(content), forwards: false, until: until)
  }

  @Test("a token is known until its time is over, and by all of its bytes alone")
  func time() {
    let programs = Programs()
    programs.remember(known(60), token: [1, 2, 3])
    #expect(programs.program(with: [1, 2, 3], now: 59) != nil)
    #expect(programs.program(with: [1, 2, 3], now: 60) == nil)
    #expect(programs.program(with: [1, 2, 4], now: 0) == nil && programs.program(with: [1, 2], now: 0) == nil)
  }

  @Test("no more than a bound are remembered")
  func bound() {
    let programs = Programs()
    programs.remember(known(60), token: [0])
    for number in 0..<1024 { programs.remember(known(60), token: [1, UInt8(number >> 8), UInt8(number & 255)]) }
    #expect(programs.program(with: [0], now: 0) == nil)
    #expect(programs.program(with: [1, 3, 255], now: 0) != nil)
  }
}
