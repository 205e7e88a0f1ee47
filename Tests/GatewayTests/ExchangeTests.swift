import Testing

@testable import Gateway

@Suite struct ExchangeTests {
  @Test("nothing of one request is in the next: no cookie, no user, no patient, no status, no event")
  func nothingLeaks() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.session = .init(idle: .seconds(1000), lifetime: .seconds(10_000)) })
    defer { rig.stop() }
    let client = try rig.connect()
    // A request with everything: a renewed session, a patient, a nominated field, an app logout's cleared cookies.
    let stale = try rig.cookie { $0.lastActivity -= 500 }
    try client.send(request("GET", "/patients?patient_id=77", ["Cookie: \(stale)", "Connection: X-Nominated", "X-Nominated: 1"]))
    let peer = try app.accept()
    #expect(try peer.message()["X-Cliniko-Patient-Id"] == "77")
    try peer.send(answer())
    #expect(try client.message().setCookies.count == 1)
    try client.send(request("GET", "/bye", ["Cookie: \(stale)"]))
    _ = try peer.message()
    try peer.send(answer())
    #expect(try client.message()["Clear-Site-Data"] != nil)
    // The next one, on the same connections and in the same memory.
    try client.send(request("GET", "/open/x", ["X-Nominated: 2"]))
    let plain = try peer.message()
    #expect(plain.all("X-Auth-User").isEmpty && plain.all("X-Cliniko-Patient-Id").isEmpty && plain["X-Nominated"] == "2")
    try peer.send(answer("200 OK", ["Cache-Control: public"]))
    let got = try client.message()
    #expect(got.setCookies.isEmpty && got["Clear-Site-Data"] == nil && got.all("Cache-Control") == ["public"])
    try client.send(request("GET", "/app"))
    #expect(try client.message().status == 401)
    rig.stop()
    try #require(rig.auditLines.count == 3)
    #expect(rig.auditLines[0].contains("\"77\"") && rig.auditLines[1].contains("\"event\":\"logout\""))
    #expect(rig.auditLines[2].contains("\"event\":\"refusal\"") && rig.auditLines[2].contains("\"user\":null"))
  }

  @Test("a request is logged once, however often it is told that it is over")
  func once() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    let told = try rig.onLoop { worker in
      for exchange in worker.exchanges {
        exchange.over()
        exchange.over()
      }
      return worker.exchanges.count
    }
    #expect(told == 1)
    rig.stop()
    #expect(rig.accessLines.count == 1)
  }

  @Test("a form that one client never finished is not in the next one's")
  func forms() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let first = try rig.connect()
    let text = try visit.login("bob", password: "half+of+it")
    try first.send(String(text.dropLast(10)))
    try rig.until("collecting") { $0.stages == [.collecting] }
    first.close()
    try rig.until("gone") { $0.services.admission.all.count == 0 }
    let second = try rig.connect()
    try second.send(try visit.login())
    let answer = try second.message()
    #expect(answer.status == 303 && answer.setCookies.count == 2)
  }

  @Test("an exchange that failed leaves the next one its chances: its retry, its timeouts, its 100")
  func chances() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    for round in 0..<3 {
      let peer = try client.keptConnection(to: app)
      try client.send(request("GET", "/open/\(round)"))
      _ = try peer.message()
      peer.close()
      let again = try app.accept()
      _ = try again.message()
      try again.send(answer("200 OK", ["Connection: close"]))
      #expect(try client.message().status == 200)
      try client.send(request("POST", "/open/\(round)", ["Content-Length: 1", "Expect: 100-continue"]))
      let post = try app.accept()
      #expect(try client.message().status == 100)
      try client.send("x")
      #expect(try post.message().text == "x")
      try post.send(answer("200 OK", ["Connection: close"]))
      #expect(try client.message().status == 200)
    }
  }

  @Test("an answer to HEAD does not make the next one's body disappear, nor does 204")
  func bodies() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("HEAD", "/open/1") + request("GET", "/open/2") + request("GET", "/open/3"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    #expect(try client.message(hasBody: false)["Content-Length"] == "500")
    _ = try peer.message()
    try peer.send("HTTP/1.1 204 No Content\r\n\r\n")
    #expect(try client.message().status == 204)
    _ = try peer.message()
    try peer.send(answer())
    #expect(try client.message().text == "fine")
  }

  @Test("a client of HTTP/1.0 that keeps its connection may be followed by one of HTTP/1.1 on it")
  func versions() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send("GET /open/1 HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n")
    let peer = try app.accept()
    #expect(try peer.message()["Via"] == "1.0 anteroom")
    try peer.send(answer())
    let old = try client.message()
    #expect(old["Connection"] == "keep-alive" && old.text == "fine")
    try client.send(request("GET", "/open/2"))
    #expect(try peer.message()["Via"] == "1.1 anteroom")
    try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    let new = try client.message()
    #expect(new.all("Connection").isEmpty && new.text == "ab" && new["Transfer-Encoding"] == "chunked")
  }
}
