import Testing

@testable import Pages

@Suite("HTMLText")
struct HTMLTextTests {
  @Test("what could leave text or a quoted attribute is escaped, controls and direction marks are dropped", arguments: hostile)
  func escapes(raw: String, shown: String) {
    #expect(HTMLText.escape(raw) == shown)
  }

  @Test("ordinary names pass as they are", arguments: ["Jo Whitfield", "Siobhán", "山田", "نور", "José 🩺", "a%2Fb=c;d"])
  func passes(name: String) {
    #expect(HTMLText.escape(name) == name)
  }

  @Test("what is too long is cut by scalars, before escaping, so that no escape is cut in two")
  func cuts() {
    #expect(HTMLText.escape(String(repeating: "&", count: 10), limit: 3) == "&amp;&amp;&amp;")
    #expect(HTMLText.escape("e" + String(repeating: "\u{301}", count: 5000), limit: 20).unicodeScalars.count == 20)
    #expect(HTMLText.escape("\u{0}\u{0}ab", limit: 2) == "ab")
    #expect(HTMLText.escape("a", limit: 0).isEmpty)
  }
}
