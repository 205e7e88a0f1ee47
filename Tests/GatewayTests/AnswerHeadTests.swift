import Config
import Testing

@testable import Gateway

@Suite struct AnswerHeadTests {
  /// What the client gets when the app answers so.
  private func exchange(
    _ text: String, _ request: String = request("GET", "/open/1"), change: (inout Site) -> Void = { _ in }, cookie: Bool = false
  ) throws -> Message {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: change)
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = cookie ? ["Cookie: \(try rig.cookie())\r\n"] : []
    try client.send(request.replacing("\r\n\r\n", with: "\r\n\(cookie.first ?? "")\r\n"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(text)
    peer.halfClose()
    return try client.message(hasBody: !request.hasPrefix("HEAD"))
  }

  @Test("status, reason and fields pass as they came and in their order")
  func passes() throws {
    let got = try exchange(answer("299 Quite  Fine", ["X-One:  1", "Set-Cookie: a=b", "x-two: 2", "Set-Cookie: c=d", "Date: then"]))
    #expect(got.start == "HTTP/1.1 299 Quite  Fine")
    #expect(got.fields.prefix(5).map(\.name) == ["X-One", "Set-Cookie", "x-two", "Set-Cookie", "Date"])
    #expect(got["Date"] == "then" && got.text == "fine")
  }

  @Test("what is for one hop ends here, nominated names too; ours are not touched by a nomination")
  func hopByHop() throws {
    let got = try exchange(
      answer(
        "200 OK", ["Connection: X-Hop, Cache-Control, Content-Length", "X-Hop: 1", "Keep-Alive: 5", "Proxy-Connection: x", "X-Stays: 1"]))
    for name in ["X-Hop", "Keep-Alive", "Proxy-Connection", "Connection"] { #expect(got.all(name).isEmpty, "\(name)") }
    #expect(got["X-Stays"] == "1" && got["Content-Length"] == "4")
  }

  @Test(
    "an app sets no cookie under the gateway's names",
    arguments: [
      "anteroom=x", "ANTEROOM=x", " anteroom =x", "__Host-anteroom=x", "anteroom-device=x", "anteroom-b-AAAAAAAA=x", "=anteroom=x",
      "anteroom",
    ])
  func ownCookies(value: String) throws {
    let got = try exchange(answer("200 OK", ["Set-Cookie: a=b", "Set-Cookie: \(value)", "Set-Cookie: anteroom2=y"]))
    #expect(got.setCookies == ["a=b", "anteroom2=y"])
  }

  @Test("an answer about a patient is not kept, whatever the app says; others are the app's own business")
  func noStore() throws {
    let fields = ["Cache-Control: public, max-age=100", "Expires: later", "Pragma: x", "Age: 5"]
    let patient = try exchange(answer("200 OK", fields), request("GET", "/patients?patient_id=5"), cookie: true)
    #expect(patient.all("Cache-Control") == ["no-store"])
    for name in ["Expires", "Pragma", "Age"] { #expect(patient.all(name).isEmpty) }
    let other = try exchange(answer("200 OK", fields), request("GET", "/app"), cookie: true)
    #expect(other["Cache-Control"] == "public, max-age=100" && other["Expires"] == "later")
    let allowed = try exchange(
      answer("200 OK", fields), request("GET", "/patients?patient_id=5"), change: { $0.patients[0].appCaches = true }, cookie: true)
    #expect(allowed.all("Cache-Control") == ["public, max-age=100"])
  }

  @Test("a patient path without the parameter is no less private")
  func noStoreWithoutParameter() throws {
    let got = try exchange(answer("200 OK", ["Cache-Control: public"]), request("GET", "/patients"), cookie: true)
    #expect(got.all("Cache-Control") == ["no-store"])
  }

  @Test("an answer without a length is framed for a client that knows chunks, and ends with the connection for one that does not")
  func framing() throws {
    let new = try exchange("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
    #expect(new["Transfer-Encoding"] == "chunked" && new.text == "all of it" && new["Content-Length"] == nil)
    let old = try exchange(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nall of\r\n3\r\n it\r\n0\r\n\r\n",
      "GET /open/1 HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n")
    #expect(old["Transfer-Encoding"] == nil && old.text == "all of it" && old["Connection"] == "close")
  }

  @Test("HEAD and 304 keep the length that they tell of; 204 has none")
  func lengths() throws {
    #expect(try exchange("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", request("HEAD", "/open/1"))["Content-Length"] == "7")
    #expect(try exchange("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")["Content-Length"] == "7")
    #expect(try exchange("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")["Content-Length"] == nil)
    #expect(try exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")["Content-Length"] == "0")
  }

  @Test("hsts is said over https only, once, in place of what the app says of it", arguments: [nil, Listener.Scheme.https])
  func strictTransport(_ scheme: Listener.Scheme?) throws {
    let app = try App()
    let rig = try Rig(
      apps: [app.address], changeSite: { $0.strictTransport = StrictTransport(duration: .seconds(3600)) },
      change: { $0.listeners[0].scheme = scheme })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer("200 OK", ["Strict-Transport-Security: max-age=1", "strict-transport-security: max-age=2"]))
    let isSecure = scheme == .https
    #expect(try client.message().all("Strict-Transport-Security") == (isSecure ? ["max-age=3600"] : ["max-age=1", "max-age=2"]))
    try client.send(request("GET", "/app"))
    #expect(try client.message().all("Strict-Transport-Security") == (isSecure ? ["max-age=3600"] : []))
  }

  @Test("a date is added where the app gave none")
  func date() throws { #expect(try exchange(answer())["Date"] != nil) }
}
