import Testing

@testable import Gateway

@Suite struct ProviderRefreshTests {
  @Test(
    "tokens are renewed before their end: a minute, or a quarter of a short life",
    arguments: [
      (3_600, 3_540, 3_600), (240, 180, 240), (100, 75, 100), (4, 3, 4), (1, 0, 1), (0, 0, 1), (-5, 0, 1),
    ] as [(Int64, Int64, Int64)])
  func times(_ expiresIn: Int64, _ refreshAt: Int64, _ expiresAt: Int64) {
    let times = TokenTimes(expiresIn: expiresIn, now: 1_000)
    #expect(times.refreshAt == 1_000 + refreshAt && times.expiresAt == 1_000 + expiresAt)
  }

  @Test("a provider that says nothing gets an hour; one that says too much does no harm")
  func extremes() {
    #expect(TokenTimes(expiresIn: nil, now: 0).expiresAt == 3_600)
    #expect(TokenTimes(expiresIn: .max, now: 0).expiresAt == 366 * 86_400)
  }
}
