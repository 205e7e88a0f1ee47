import Testing

@testable import HTTP

@Suite struct MethodTests {
  private func method(_ name: String) -> Method {
    let bytes = [UInt8](name.utf8)
    return Method(bytes.span, 0..<bytes.count)
  }

  @Test(
    "Methods are recognised as written, with what may be asked of them",
    arguments: [
      ("GET", Method.get, true, true), ("HEAD", .head, true, true), ("POST", .post, false, false), ("PUT", .put, false, true),
      ("DELETE", .delete, false, true),
      ("CONNECT", .connect, false, false), ("OPTIONS", .options, true, true), ("TRACE", .trace, true, true),
      ("PATCH", .patch, false, false),
      ("get", .other, false, false), ("GETX", .other, false, false), ("PROPFIND", .other, false, false), ("GE", .other, false, false),
      ("M-SEARCHING", .other, false, false),
    ])
  func names(name: String, expected: Method, isSafe: Bool, isIdempotent: Bool) {
    #expect(method(name) == expected)
    #expect(expected.isSafe == isSafe)
    #expect(expected.isIdempotent == isIdempotent)
  }
}
