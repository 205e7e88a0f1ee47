import Testing

@testable import Config

@Suite struct NearestNameTests {
  @Test(
    "letters left out, added, changed or exchanged count one each",
    arguments: [
      ("", "", 0), ("abc", "abc", 0), ("abc", "ab", 1), ("abc", "abcd", 1), ("abc", "axc", 1), ("abc", "acb", 1), ("", "abc", 3),
      ("kitten", "sitting", 3),
    ])
  func distance(_ a: String, _ b: String, _ expected: Int) { #expect(NearestName.distance(Array(a.utf8), Array(b.utf8)) == expected) }

  @Test("the nearest name is found when few letters are wrong, and none otherwise")
  func nearest() {
    let names = DirectiveTable.directives(in: .site).map(\.name)
    #expect(NearestName.of("upstrem", among: names) == "upstream")
    #expect(NearestName.of("Patients", among: names) == "patient")
    #expect(NearestName.of("applogout", among: names) == "app_logout")
    #expect(NearestName.of("location", among: names) == nil)
    #expect(NearestName.of(String(repeating: "x", count: 100_000), among: names) == nil)
    #expect(NearestName.of("", among: names) == nil)
  }
}
