import Testing

@testable import EventLoop
@testable import Gateway

@Suite struct HandshakeTests {
  private func token(_ slot: UInt32) -> Pollable.Token { Pollable.Token(slot: slot, generation: 0) }

  @Test("when there are too many the oldest has to go")
  func oldest() {
    let handshakes = HandshakesUnderWay(limit: 2)
    #expect(handshakes.begin(token(1), now: 0) == nil)
    #expect(handshakes.begin(token(2), now: 1) == nil)
    #expect(handshakes.begin(token(3), now: 2) == token(1))
    handshakes.end(token(1))
    #expect(handshakes.begin(token(4), now: 3) == token(2))
    handshakes.end(token(2))
    handshakes.end(token(4))
    #expect(handshakes.begin(token(5), now: 4) == nil)
  }

  @Test("only so many go on in one round of the loop")
  func rounds() {
    let handshakes = HandshakesUnderWay(limit: 100)
    #expect((0..<20).filter { _ in handshakes.mayGoOn(now: 1) }.count == 16)
    #expect((0..<20).filter { _ in handshakes.mayGoOn(now: 2) }.count == 16)
  }
}
