import HTTP
import Session
import Testing

@testable import Gateway

@Suite struct RequestCookiesTests {
  private let cookies = RequestCookies()

  /// Reads a head with these Cookie lines: what stands in the session's cookie, and what the app gets.
  private func read(_ lines: [String], _ names: CookieNames = .plain) throws -> (session: String?, forwarded: String) {
    let text = (["GET / HTTP/1.1", "Host: app.test"] + lines.map { "Cookie: \($0)" }).joined(separator: "\r\n") + "\r\n\r\n"
    let bytes = [UInt8](text.utf8)
    var parser = RequestParser(maxHeadBytes: 16384, maxFields: 100)
    var head = RequestHead()
    #expect(parser.parse(bytes.span, into: &head) == .complete)
    cookies.reset()
    for _ in 0..<2 { cookies.read(head.fields, in: bytes.span, names) }
    var output: [UInt8] = []
    // Room as the head for the app has it: for what came, and for what changes.
    output.append(addingCapacity: bytes.count + cookies.byteCount) { output in
      var index = 0
      for field in head.fields where field.known == .cookie {
        cookies.append(line: index, value: bytes.span.extracting(field.value.range), to: &output)
        index += 1
      }
    }
    let session = cookies.sessionValue.map { String(decoding: bytes[$0], as: UTF8.self) }
    return (session, String(decoding: output, as: UTF8.self))
  }

  @Test(
    "A Cookie line goes on without the gateway's own cookies, and byte for byte where it has none",
    arguments: [
      ("a=b;  c=d;", "a=b;  c=d;"), ("anteroom=x; a=b", "a=b"), ("a=b; anteroom=x", "a=b"), ("a=b;anteroom=x;c=d", "a=b; c=d"),
      ("anteroom=x", ""), ("anteroom=1; anteroom=2", ""), ("", ""), (";;", ""), ("anteroom; a=b", "a=b"), (" anteroom =x; a=b", "a=b"),
      ("anterooms=x; xanteroom=y", "anterooms=x; xanteroom=y"), ("=x; anteroom=y; z", "=x; z"),
      ("__Host-anteroom=x; A-NTEROOM=y; ANTEROOM=z", "A-NTEROOM=y"), ("__Secure-anteroomx=1;a = b ;anteroom-b-x=y", "a = b"),
    ])
  func rewriting(value: String, expected: String) throws {
    #expect(try read([value]).forwarded == (expected.isEmpty ? "" : "Cookie: \(expected)\r\n"))
  }

  @Test("There is room for cookies that get longer, since they are parted by more than they were")
  func room() throws {
    let many = (0..<400).map { "\($0)" }
    let got = try read([many.joined(separator: ";") + ";anteroom=x", "a;b;anteroom"]).forwarded
    #expect(got == "Cookie: " + many.joined(separator: "; ") + "\r\nCookie: a; b\r\n")
  }

  @Test("Lines stay lines, and one without a cookie of the app's is left out")
  func lines() throws {
    #expect(try read(["a=b", "anteroom=x", "c=d; anteroom-device=y; e=f"]).forwarded == "Cookie: a=b\r\nCookie: c=d; e=f\r\n")
  }

  @Test("The session's cookie is the only one of exactly its name")
  func session() throws {
    #expect(try read(["a=b; anteroom=x; c=d"]).session == "x")
    #expect(try read(["a=b", "anteroom = x "]).session == "x")
    #expect(try read(["anteroom="]).session == "")
    for lines in [["anteroom=x; anteroom=y"], ["anteroom=x", "anteroom=x"], ["Anteroom=x"], ["__Host-anteroom=x"], ["a=anteroom=x"], []] {
      #expect(try read(lines).session == nil, "\(lines)")
    }
    #expect(try read(["__Host-anteroom=x"], .secure).session == "x")
    #expect(try read(["anteroom=x"], .secure).session == nil)
  }

  @Test("Nothing of one request is left for the next")
  func reuse() throws {
    _ = try read(["a=b; anteroom=x"])
    let next = try read(["c=d"])
    #expect(next.session == nil && next.forwarded == "Cookie: c=d\r\n")
  }
}
