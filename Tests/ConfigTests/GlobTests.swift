import Testing

@testable import Config

@Suite struct GlobTests {
  @Test(
    "patterns of names",
    arguments: [
      ("a.conf", "*.conf", true), ("a.conf", "a.conf", true), ("a.conf", "?.conf", true), ("ab.conf", "?.conf", false),
      ("a.conf", "[a-c].conf", true),
      ("d.conf", "[a-c].conf", false), ("d.conf", "[!a-c].conf", true), ("].conf", "[]].conf", true), ("[x", "[x", true),
      (".a", "*", false), (".a", ".*", true),
      ("aXbXc", "a*b*c", true), ("aXbX", "a*b*c", false), ("", "*", true), ("a", "", false),
    ])
  func names(_ name: String, _ pattern: String, _ expected: Bool) { #expect(Glob.fits(Array(name.utf8), Array(pattern.utf8)) == expected) }

  @Test("folders may be patterns too, and what fits comes in order")
  func paths() {
    let files = MemoryFiles(
      ["/e/b/x.conf": .init(""), "/e/a/y.conf": .init(""), "/e/a/x.conf": .init(""), "/e/a/.z.conf": .init(""), "/e/c.conf": .init("")],
      currentFolder: "/e")
    #expect(Glob.matches("*/*.conf", files: files.access) == ["a/x.conf", "a/y.conf", "b/x.conf"])
    #expect(Glob.matches("/e/?/x.conf", files: files.access) == ["/e/a/x.conf", "/e/b/x.conf"])
    #expect(Glob.matches("none/*", files: files.access) == [])
  }

  @Test("many stars take no more than time in the product of the lengths")
  func hostile() {
    let name = [UInt8](repeating: 0x61, count: 2000)
    #expect(!Glob.fits(name, Array(String(repeating: "a*", count: 500).utf8) + [0x62]))
  }
}
