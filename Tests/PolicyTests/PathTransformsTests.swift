import Testing

@testable import Policy

struct PathTransformsTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(
    "dot segments go as RFC 3986 says",
    arguments: [
      ("/a/b/c/./../../g", "/a/g"), ("/a/.", "/a/"), ("/a/..", "/"), ("/..", "/"), ("/../../a", "/a"), ("/a//../b", "/a/b"), ("/.", "/"),
      ("/...", "/..."), ("/.a/..b", "/.a/..b"), ("/a/../", "/"), ("x/../y", "/y"),
    ])
  func dotSegments(path: String, expected: String) {
    #expect(text(PathTransforms.withoutDotSegments(Array(path.utf8))) == expected)
  }

  @Test("each step does its one thing")
  func steps() {
    #expect(text(PathTransforms.decoded(Array("/%41%2f%5C%zz%4".utf8))) == "/A/\\%zz%4")
    #expect(text(PathTransforms.decoded(Array("/%41%2f%5C".utf8), keepingSeparators: true)) == "/A%2f%5C")
    #expect(text(PathTransforms.withBackslashesAsSlashes(Array("\\a\\".utf8))) == "/a/")
    #expect(text(PathTransforms.withoutParameters(Array("/a;x=1;y/b;/;c".utf8))) == "/a/b/")
    #expect(text(PathTransforms.withSlashesMerged(Array("//a///b/".utf8))) == "/a/b/")
    #expect(text(PathTransforms.cut(Array("/a?b#c".utf8))) == "/a")
    #expect(text(PathTransforms.cut(Array("/a\u{0}b".utf8))) == "/a")
    #expect(text(PathTransforms.cut(Array("/a\nb".utf8))) == "/a")
  }

  @Test(
    "characters that pass for ASCII become it",
    arguments: [
      ([0xC0, 0xAE], "."), ([0xC0, 0xAF], "/"), ([0xE0, 0x80, 0xAF], "/"), ([0xEF, 0xBC, 0x8F], "/"), ([0xEF, 0xBC, 0x8E], "."),
      ([0xEF, 0xBD, 0x90], "p"), ([0xEF, 0xBC, 0xB0], "P"), ([0xC5, 0xBF], "s"), ([0xE2, 0x84, 0xAA], "k"), ([0xC4, 0xB1], "i"),
      ([0xC4, 0xB0], "i"),
    ] as [([UInt8], String)])
  func lookAlikes(bytes: [UInt8], expected: String) {
    #expect(text(PathTransforms.withoutLookAlikes(bytes)) == expected)
    #expect(text(PathTransforms.withoutLookAlikes([0x78] + bytes + [0x79])) == "x\(expected)y")
  }

  @Test(
    "other characters, and pieces of them, stay", arguments: [[0xC3, 0xA9], [0xC0], [0xEF, 0xBC], [0xEF, 0xBD, 0xA1], [0xE2, 0x84]])
  func others(bytes: [UInt8]) {
    #expect(PathTransforms.withoutLookAlikes(bytes) == bytes)
  }
}
