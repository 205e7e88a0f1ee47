import Config
import Testing

@testable import Gateway

/// Requests of the gateway's own to an app, as a lookup has them made.
@Suite struct AppRequestTests {
  private func rig(_ app: App, body: String? = nil, timeout: Duration = .seconds(10), change: (inout Site) -> Void = { _ in }) throws -> Rig
  {
    let target = try #require(PatientTemplate("/find?n={patient_id}"))
    let to = try #require(PatientTemplate("/record#{app_id}"))
    return try Rig(
      apps: [app.address],
      changeSite: { site in
        site.patients[0].to = to
        site.patients[0].lookup = PatientLookupSettings(
          target: target, body: body.map { .init($0, type: "text/plain") }, id: .json([.member("id")]), timeout: timeout)
        change(&site)
      })
  }

  @Test("the app is asked as the user, with what it would be told of the browser, and without what is the gateway's own")
  func fields() throws {
    let app = try App()
    let rig = try rig(app) {
      $0.request.set = [.init(name: "Authorization", value: "Basic own")]
    }
    defer { rig.stop() }
    let client = try rig.connect()
    let own = try rig.cookie()
    let sent = [
      navigation, "Cookie: a=b; \(own); c=d", "Cookie: e=f", "User-Agent: Browser/1", "Accept-Language: de", "Authorization: Bearer x",
      "X-Auth-User: eve", "X-Forwarded-For: 9.9.9.9", "X-Other: y", "Referer: http://app.test/.anteroom/login", "If-None-Match: \"z\"",
      "Range: bytes=0-1",
    ]
    try client.send(request("GET", "/patients?patient_id=7", sent))
    let peer = try app.accept()
    let asked = try peer.message()
    #expect(asked.start == "GET /find?n=7 HTTP/1.1")
    #expect(asked["Host"] == Fixtures.host && asked["X-Forwarded-Host"] == Fixtures.host && asked["X-Forwarded-For"] == "127.0.0.1")
    #expect(asked["User-Agent"] == "Browser/1" && asked["Accept-Language"] == "de")
    #expect(asked["X-Auth-User"] == "ann" && asked["Authorization"] == "Basic own")
    let cookies = asked.all("Cookie").joined(separator: "; ")
    #expect(cookies.contains("a=b") && cookies.contains("c=d") && cookies.contains("e=f") && !cookies.contains("anteroom"))
    for name in ["X-Other", "Referer", "If-None-Match", "Range", "Content-Length"] { #expect(asked.all(name).isEmpty, "\(name)") }
    try peer.send(answer(body: #"{"id": "x"}"#))
    let there = try client.message()
    #expect(there.status == 302 && there["Location"] == "/record#x")
  }

  @Test("a body makes it a POST, of its own type and length")
  func post() throws {
    let app = try App()
    let rig = try rig(app, body: "n={patient_id}")
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/patients?patient_id=7", [navigation, "Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    let asked = try peer.message()
    #expect(asked.start == "POST /find?n=7 HTTP/1.1" && asked.text == "n=7")
    #expect(asked["Content-Type"] == "text/plain" && asked["Content-Length"] == "3")
  }

  @Test("a redirect of the app is an answer, and not followed")
  func redirect() throws {
    let app = try App()
    let rig = try rig(app)
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/patients?patient_id=7", [navigation, "Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer("302 Found", ["Location: /elsewhere"], body: #"{"id": "x"}"#))
    let page = try client.message()
    #expect(page.status == 502 && page["Location"] == nil)
    #expect(try !app.isAskedFor())
  }

  @Test("an app that takes no connection is left for the next one, and one that has been asked is not asked again")
  func otherServer() throws {
    let closed = try ClosedPort()
    let app = try App()
    let rig = try rig(app) { $0.upstreams.insert(UpstreamAddress(host: closed.address.host, port: closed.address.port), at: 0) }
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = "Cookie: \(try rig.cookie())"
    for _ in 1...2 {
      try client.send(request("GET", "/patients?patient_id=7", [navigation, cookie]))
      let peer = try app.accept()
      _ = try peer.message()
      try peer.send(answer(body: #"{"id": "x"}"#))
      #expect(try client.message().status == 302)
    }
    try client.send(request("GET", "/patients?patient_id=7", [navigation, cookie]))
    let peer = try app.accept()
    _ = try peer.message()
    peer.close()
    #expect(try client.message().status == 502)
    #expect(try !app.isAskedFor())
  }
}
