import Config
import Testing

@testable import Gateway

@Suite struct InjectNoticeTests {
  private let line = "<script src=\"/.anteroom/notice.js\" defer></script>\n"
  private let html = "Content-Type: text/html; charset=utf-8"

  /// What app and client get for a page.
  private func exchange(
    _ text: String, method: String = "GET", fields: [String] = [navigation], cookie: Bool = true, injects: Bool = true, closes: Bool = false
  ) throws -> (app: Message, client: Message) {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.session.injectsNotice = injects })
    defer { rig.stop() }
    let client = try rig.connect()
    let cookies = cookie ? ["Cookie: \(try rig.cookie())"] : []
    try client.send(request(method, "/open/page", ["Accept-Encoding: gzip, br"] + fields + cookies))
    let peer = try app.accept()
    let got = try peer.message()
    try peer.send(text)
    if closes { peer.close() }
    return (got, try client.message(hasBody: method != "HEAD"))
  }

  @Test("a page of a known length gets the line and a length that fits, and is asked for as it is")
  func length() throws {
    let (app, client) = try exchange(answer("200 OK", [html], body: "<p>page"))
    #expect(app.all("Accept-Encoding") == ["identity"])
    #expect(client.text == "<p>page" + line && client["Content-Length"] == "\(7 + line.utf8.count)")
  }

  @Test("a page in chunks gets one more, and one without an end as well")
  func chunks() throws {
    let chunked = "HTTP/1.1 200 OK\r\n\(html)\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n4\r\npage\r\n0\r\nX-Trailer: 1\r\n\r\n"
    #expect(try exchange(chunked).client.text == "<p>page" + line)
    #expect(try exchange("HTTP/1.1 200 OK\r\n\(html)\r\n\r\n<p>page", closes: true).client.text == "<p>page" + line)
  }

  @Test("a large page is not held up, and gets it at its very end")
  func large() throws {
    let body = String(repeating: "x", count: 700_000)
    #expect(try exchange(answer("200 OK", [html], body: body)).client.text == body + line)
  }

  @Test(
    "what is no whole page, or must not be changed, stays as it is",
    arguments: [
      ("404 Not Found", ["Content-Type: text/html"]), ("200 OK", ["Content-Type: text/plain"]), ("200 OK", []),
      ("200 OK", ["Content-Type: text/html", "Content-Encoding: gzip"]), ("200 OK", ["Content-Type: text/html; charset=utf-16"]),
      ("200 OK", ["Content-Type: text/html", "Cache-Control: private, No-Transform"]),
      ("206 Partial Content", ["Content-Type: text/html", "Content-Range: bytes 0-3/9"]),
      ("200 OK", ["Content-Type: text/html", "Content-Disposition: Attachment; filename=a.html"]),
    ])
  func untouched(status: String, fields: [String]) throws {
    let client = try exchange(answer(status, fields, body: "page")).client
    #expect(client.text == "page" && client["Content-Length"] == "4")
  }

  @Test("an empty page stays empty")
  func empty() throws { #expect(try exchange(answer("200 OK", [html], body: "")).client["Content-Length"] == "0") }

  @Test("nor is anything changed for others than people who go to a page and are signed in, or where it is not asked for")
  func others() throws {
    let page = answer("200 OK", [html], body: "page")
    for (app, client) in [
      try exchange(page, cookie: false), try exchange(page, fields: ["Sec-Fetch-Mode: cors"]), try exchange(page, injects: false),
      try exchange(page, fields: [navigation, "Sec-Fetch-Site: none", "X-Requested-With: x", "Sec-Fetch-Mode: cors"]),
    ] {
      #expect(client.text == "page" && app["Accept-Encoding"] == "gzip, br")
    }
    let head = try exchange("HTTP/1.1 200 OK\r\n\(html)\r\nContent-Length: 4\r\n\r\n", method: "HEAD")
    #expect(head.client["Content-Length"] == "4" && head.app["Accept-Encoding"] == "gzip, br")
  }
}
