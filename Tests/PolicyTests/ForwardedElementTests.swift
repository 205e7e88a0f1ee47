import Testing

@testable import Policy

@Suite struct ForwardedElementTests {
  private func read(_ text: String) -> (client: String?, proto: String?, host: String?)? {
    let bytes = Array(text.utf8)
    func part(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
    guard let element = ForwardedElement(bytes.span, 0..<bytes.count) else { return nil }
    return (part(element.client), part(element.proto), part(element.host))
  }

  @Test("what one proxy says, in any order and case, without the quotes")
  func parts() throws {
    let all = try #require(read(" For=\"[2001:db8::1]:4711\";PROTO=https; by=203.0.113.43 ;host=\"a.test:8443\";x=\"a,b;c\""))
    #expect(all.client == "[2001:db8::1]:4711" && all.proto == "https" && all.host == "a.test:8443")
    let empty = try #require(read(""))
    #expect(empty == (nil, nil, nil))
    #expect(try #require(read(";for=1.2.3.4;")).client == "1.2.3.4")
  }

  @Test(
    "what is no element is none",
    arguments: [
      "for", "for=", "=x", "for =1.2.3.4", "for= 1.2.3.4", "for=1.2.3.4 proto=http", "for=1.2.3.4;for=5.6.7.8", "FOR=a;for=a",
      "for=\"1.2.3.4",
      "for=2001:db8::1", "for=\"a\"b", "for=a\"b\"", "for=\"a\\\"",
    ])
  func faults(text: String) { #expect(read(text) == nil) }

  @Test("a value with a backslash is not used")
  func escapes() throws { #expect(try #require(read("for=\"1.2.3\\.4\";proto=http")) == ("", "http", nil)) }

  @Test(
    "elements are told apart from the end, whatever stands before them",
    arguments: [
      ("for=a, for=b", ["for=a", " for=b"]), ("for=\"a,b\",for=c", ["for=\"a,b\"", "for=c"]), ("for=\"a, for=b", ["for=\"a", " for=b"]),
      ("for=\"a, for=\"[::1]\"", ["for=\"a", " for=\"[::1]\""]), ("x=\"a\\\",b\",c", ["x=\"a\\\",b\"", "c"]), ("", [""]), (",", ["", ""]),
    ])
  func split(text: String, expected: [String]) {
    let bytes = Array(text.utf8)
    #expect(ForwardedElement.ranges(bytes.span, 0..<bytes.count).map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
  }
}
