import Login
import Testing

@testable import Gateway

@Suite struct AudienceCacheTests {
  private func audience(_ cache: AudienceCache, _ host: String, isSecure: Bool = false) -> String? {
    let bytes = [UInt8](host.utf8)
    return cache.audience(site: "clinic", host: bytes.span, isSecure: isSecure)?.origin.description
  }

  @Test("a host's audience is its own, whichever was asked for before")
  func hosts() {
    let cache = AudienceCache()
    for _ in 0..<2 {
      #expect(audience(cache, "au.clinic.test") == "http://au.clinic.test")
      #expect(audience(cache, "au.clinic.test") == "http://au.clinic.test")
      #expect(audience(cache, "uk.clinic.test") == "http://uk.clinic.test")
      #expect(audience(cache, "uk.clinic.test", isSecure: true) == "https://uk.clinic.test")
      #expect(audience(cache, "uk.clinic.test:8080") == "http://uk.clinic.test:8080")
      #expect(audience(cache, "UK.clinic.test") == "http://uk.clinic.test")
      #expect(audience(cache, "") == nil)
      #expect(audience(cache, "a b") == nil)
    }
  }

  @Test("the same host is not worked out again")
  func same() throws {
    let cache = AudienceCache()
    let host = [UInt8]("au.clinic.test".utf8)
    let first = cache.audience(site: "clinic", host: host.span, isSecure: false)
    let second = cache.audience(site: "clinic", host: host.span, isSecure: false)
    #expect(first != nil && first === second)
  }
}
