import Testing

@testable import anteroom

@Suite("demo: the command line and the words") struct DemoCommandTests {
  @Test(
    "the port is 8080, or the one that is named",
    arguments: [
      ([], 8080), (["--port", "0"], 0), (["--port=9000"], 9000), (["-p", "65535"], 65535), (["--port"], nil), (["--port", ""], nil),
      (["--port", "65536"], nil), (["--port", "-1"], nil), (["--port", "+1"], nil), (["--port=x"], nil), (["8080"], nil),
      (["a", "b", "c"], nil),
    ] as [([String], UInt16?)])
  func port(options: [String], expected: UInt16?) { #expect(DemoCommand.port(options) == expected) }

  @Test("the first address that is printed is the one to open")
  func words() throws {
    let words = DemoCommand.words(clinic: "http://127.0.0.1:1/", gateway: "http://localhost:2", app: "http://127.0.0.1:3/", folder: "/f")
    let first = try #require(words.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http://") })
    #expect(first == "http://127.0.0.1:1/")
    #expect(words.contains("anna    calm-harbour-tide   (Anna Gruber)") && words.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}
