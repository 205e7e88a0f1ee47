import Testing

@testable import HTTP

@Suite struct MethodTests {
  private func method(_ name: String) -> Method {
    let bytes = [UInt8](name.utf8)
    return Method(bytes.span, 0..<bytes.count)
  }

  @Test(
    "Methods are recognised as written, and the safe ones told from the rest",
    arguments: [
      ("GET", Method.get, true), ("HEAD", .head, true), ("POST", .post, false), ("PUT", .put, false),
      ("DELETE", .delete, false),
      ("CONNECT", .connect, false), ("OPTIONS", .options, true), ("TRACE", .trace, true),
      ("PATCH", .patch, false),
      ("get", .other, false), ("GETX", .other, false), ("PROPFIND", .other, false), ("GE", .other, false),
      ("M-SEARCHING", .other, false),
    ])
  func names(name: String, expected: Method, isSafe: Bool) {
    #expect(method(name) == expected)
    #expect(expected.isSafe == isSafe)
  }
}
