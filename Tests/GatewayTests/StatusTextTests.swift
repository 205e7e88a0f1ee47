import Testing

@testable import Gateway

@Suite struct StatusTextTests {
  @Test(
    "how long it runs is told in the two largest units",
    arguments: zip(
      [0, 59, 60, 3599, 3600, 86_399, 86_400, 9 * 86_400 + 7200, -5] as [Int64],
      [
        "0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "23 h 59 min", "1 d 0 h", "9 d 2 h", "0 s",
      ]))
  func duration(_ seconds: Int64, _ text: String) { #expect(StatusText.duration(seconds) == text) }

  @Test("columns are as wide as they need to be, and lines end without blanks")
  func table() {
    #expect(StatusText.table([["a", "bb", "c"], ["aaa", "b"]]) == ["a    bb  c", "aaa  b"])
    #expect(StatusText.table([]) == [])
  }

  @Test("a certificate that has expired is not told of as if it were good")
  func certificate() {
    let certificate = Status.Certificate(file: "a.pem", names: ["a.test", "b.test"], notAfter: 86_400)
    #expect(StatusText.certificate(certificate, now: 86_400) == ["a.pem", "until Fri, 02 Jan 1970 00:00:00 GMT", "a.test b.test"])
    #expect(StatusText.certificate(certificate, now: 86_401)[1] == "EXPIRED Fri, 02 Jan 1970 00:00:00 GMT")
  }
}
