import Testing

@testable import Upstream

@Suite struct PassiveHealthTests {
  @Test("a server that was never tried is up")
  func fresh() { #expect(PassiveHealth().isUp(.min) && PassiveHealth().isUp(0)) }

  @Test("each further failure keeps it down for longer, 8 s at most")
  func pauses() {
    var health = PassiveHealth()
    var now: Int64 = 50_000
    for pause: Int64 in [1000, 2000, 4000, 8000, 8000, 8000] {
      health.failed(now)
      #expect(!health.isUp(now))
      #expect(!health.isUp(now + pause - 1))
      #expect(health.isUp(now + pause))
      now += pause
    }
  }

  @Test("a success brings it up at once, and the next failure counts as the first")
  func success() {
    var health = PassiveHealth()
    for _ in 0..<5 { health.failed(0) }
    health.succeeded()
    #expect(health.isUp(0))
    health.failed(0)
    #expect(!health.isUp(999) && health.isUp(1000))
  }
}
