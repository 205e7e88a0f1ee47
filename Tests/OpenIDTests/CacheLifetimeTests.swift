import Testing

@testable import OpenID

@Suite struct CacheLifetimeTests {
  private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

  @Test(
    "what the fields say counts, within bounds",
    arguments: [
      ([:], 600), (["cache-control": "public"], 600), (["cache-control": "public, Max-Age=3600"], 3600),
      (["cache-control": "max-age=3600", "age": "600"], 3000), (["cache-control": "max-age=\"90\""], 90),
      (["cache-control": "max-age=5"], 60), (["cache-control": "max-age=99999999999999999999999"], 86_400),
      (["cache-control": "max-age=-1"], 60), (["cache-control": "max-age=x"], 60), (["cache-control": "no-store, max-age=3600"], 60),
      (["cache-control": "no-cache"], 60), (["cache-control": "max-age=1000", "expires": "0"], 1000), (["expires": "0"], 60),
      (["expires": "Sun, 06 Nov 1994 09:49:37 GMT", "date": date], 3600), (["expires": "Sun, 06 Nov 1994 09:49:37 GMT"], 3500),
      (["expires": date, "date": "Sun, 06 Nov 1994 09:49:37 GMT"], 60),
    ] as [([String: String], Int64)])
  func seconds(_ fields: [String: String], _ expected: Int64) { #expect(CacheLifetime.seconds(fields, now: 784_111_777 + 100) == expected) }
}
