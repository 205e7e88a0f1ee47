import Testing

@testable import OpenID

@Suite struct HTTPDateReadingTests {
  @Test(
    "a date of today's form is read",
    arguments: [
      "Sun, 06 Nov 1994 08:49:37 GMT": 784_111_777, "Thu, 01 Jan 1970 00:00:00 GMT": 0, "Thu, 29 Feb 2024 23:59:59 GMT": 1_709_251_199,
      "Sun, 22 Nov 2026 23:20:34 GMT": 1_795_389_634,
    ] as [String: Int64])
  func read(_ text: String, _ seconds: Int64) { #expect(HTTPDateReading.seconds(text) == seconds) }

  @Test(
    "anything else is no date",
    arguments: [
      "", "0", "-1", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
    ])
  func refused(_ text: String) { #expect(HTTPDateReading.seconds(text) == nil) }
}
