import Testing

@testable import Gateway

@Suite struct RenewalsUnderWayTests {
  @Test("while it is paused none begins, and what has begun is waited for; writes are never refused")
  func pause() {
    let renewals = RenewalsUnderWay()
    #expect(renewals.isIdle && renewals.begin() && !renewals.isIdle)
    renewals.pause()
    #expect(!renewals.begin() && !renewals.isIdle)
    renewals.enter()
    renewals.end()
    #expect(!renewals.isIdle)
    renewals.end()
    #expect(renewals.isIdle)
    renewals.resume()
    #expect(renewals.begin())
  }
}
