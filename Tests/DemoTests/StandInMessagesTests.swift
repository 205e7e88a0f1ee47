import HTTP
import Testing

@testable import Demo

@Suite struct StandInMessagesTests {
  private func request(_ text: String) -> StandInRequest {
    let bytes = [UInt8](text.utf8)
    var parser = RequestParser(maxHeadBytes: 4096, maxFields: 20)
    var head = RequestHead()
    #expect(parser.parse(bytes.span, into: &head) == .complete)
    return StandInRequest(head, in: bytes.span)
  }

  @Test("path and query are apart, as sent")
  func target() {
    let plain = request("GET /a%20b?x=%2F&y HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(plain.path == "/a%20b" && plain.query == "x=%2F&y" && plain.method == "GET")
    #expect(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").query == nil)
    #expect(request("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").path == "/")
  }

  @Test("an answer is written with its length, and says when the connection ends")
  func write() {
    var bytes: [UInt8] = []
    StandInAnswer.text(404, "no").append(to: &bytes, isHead: false, minorVersion: 1, keepAlive: false, now: 0)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "HTTP/1.1 404 Not Found\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 3\r\nConnection: close\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\n\r\nno\n")
  }
}
