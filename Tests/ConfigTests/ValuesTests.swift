import Testing

@testable import Config

@Suite struct ValuesTests {
  @Test(
    "durations have a number and a unit",
    arguments: [
      ("250ms", Duration.milliseconds(250)), ("15s", .seconds(15)), ("10m", .seconds(600)), ("8h", .seconds(28800)),
      ("7d", .seconds(604_800)),
      ("2w", .seconds(1_209_600)), ("1y", .seconds(31_536_000)), ("0s", .zero),
    ])
  func durations(_ text: String, _ expected: Duration) { #expect(ValueText.parseDuration(text) == expected) }

  @Test(
    "nothing else is a duration",
    arguments: ["", "15", "s", "-1s", "+1s", "1.5h", "1h30m", "1 s", "1S", "1e3s", "９s", "9999999999999999s", "999999999999999y"])
  func noDurations(_ text: String) { #expect(ValueText.parseDuration(text) == nil) }

  @Test(
    "sizes are bytes, or have a unit of 1024",
    arguments: [("512", 512), ("64k", 65536), ("10m", 10_485_760), ("1g", 1 << 30), ("1G", 1 << 30)])
  func sizes(_ text: String, _ expected: Int) { #expect(ValueText.parseSize(text) == expected) }

  @Test("nothing else is a size", arguments: ["", "k", "-1", "+1", "1.5k", "1kb", "1t", "0x10", "9999999999999999", "999999999999999g"])
  func noSizes(_ text: String) { #expect(ValueText.parseSize(text) == nil) }

  @Test("bounds are written as gateway.conf writes them")
  func texts() {
    #expect(ValueText.duration(.milliseconds(10)) == "10ms")
    #expect(ValueText.duration(.seconds(600)) == "10m")
    #expect(ValueText.duration(.seconds(7200)) == "2h")
    #expect(ValueText.duration(.seconds(365 * 86400)) == "1y")
    #expect(ValueText.duration(.zero) == "0s")
    #expect(ValueText.size(1 << 40) == "1024g")
    #expect(ValueText.size(1000) == "1000")
  }
}
