import Testing

@testable import Gateway

@Suite struct OwnAddressesTests {
  @Test(
    "what is not there is 404, and another method 405, and none of it reaches the app",
    arguments: [
      ("GET", "/.anteroom/", 404), ("GET", "/.anteroom/callback", 404), ("GET", "/.anteroom/x?y", 404), ("PUT", "/.anteroom/login", 405),
      ("DELETE", "/.anteroom/logout", 405), ("POST", "/.anteroom/session", 403), ("PUT", "/.anteroom/session", 405),
      ("POST", "/.anteroom/notice.js", 405), ("OPTIONS", "/.anteroom/login", 405),
    ])
  func methods(method: String, target: String, status: Int) throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request(method, target, ["Cookie: \(try rig.cookie())"]))
    #expect(try client.message().status == status)
    #expect(try !app.isAskedFor())
  }

  @Test("health is told on any host, everything else only on a site's")
  func hosts() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/healthz", host: "x") + request("GET", "/.anteroom/login", host: "x"))
    #expect(try client.message().status == 200)
    #expect(try client.message().status == 421)
  }

  @Test(
    "a form of another kind, without a kind or with two is refused before it is read",
    arguments: [[], ["text/plain"], ["application/json"]])
  func contentTypes(types: [String]) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/.anteroom/login", types.map { "Content-Type: \($0)" }, body: "a=b"))
    #expect(try client.message().status == 415)
    let type = "Content-Type: application/x-www-form-urlencoded"
    try client.send(request("POST", "/.anteroom/login", [type, type], body: "a=b"))
    #expect(try client.message().status == 415)
  }

  @Test("a form that is too long is refused by its length, or when it gets there; the connection goes on", arguments: [true, false])
  func tooLong(isChunked: Bool) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let type = "Content-Type: application/x-www-form-urlencoded"
    let body = String(repeating: "a", count: 100_000)
    if isChunked {
      try client.send(request("POST", "/.anteroom/login", [type, "Transfer-Encoding: chunked"]) + "186a0\r\n" + body + "\r\n0\r\n\r\n")
      #expect(try client.message().status == 413)
    } else {
      try client.send(request("POST", "/.anteroom/login", [type, "Content-Length: 100000"]))
      #expect(try client.message().status == 413, "before any of it has come")
      try client.send(body)
    }
    try client.send(request("GET", "/.anteroom/healthz"))
    #expect(try client.message().text == "ok\n")
  }

  @Test("a form whose framing breaks is 400 and ends the connection")
  func malformed() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let fields = ["Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked"]
    try client.send(request("POST", "/.anteroom/login", fields) + "x\r\n" + request("GET", "/.anteroom/healthz"))
    #expect(try client.message().status == 400)
    #expect(try client.toEnd().isEmpty)
  }

  @Test("a form from elsewhere, from nowhere or from several places is refused")
  func origins() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let type = "Content-Type: application/x-www-form-urlencoded"
    let own = "Origin: http://app.test"
    for fields in [
      [], ["Origin: null"], ["Origin: https://app.test"], [own, "Origin: http://evil.test"], [own, own],
      [own, "Sec-Fetch-Site: cross-site"],
      ["Sec-Fetch-Site: same-site"],
    ] {
      try client.send(request("POST", "/.anteroom/login", [type] + fields, body: "a=b"))
      let answer = try client.message()
      #expect(answer.status == 403 && !answer.text.contains("<form"), "\(fields)")
    }
  }

  @Test("a client that waits for 100 before it sends its form gets it")
  func expectation() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let parts = try visit.login().split(separator: "\r\n\r\n").map(String.init)
    try client.send(parts[0] + "\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.message().status == 100)
    try client.send(parts[1])
    #expect(try client.message().status == 303)
    try client.send(request("GET", "/.anteroom/healthz"))
    #expect(try client.message().text == "ok\n")
  }

  @Test("the session's page says who, and until when; nobody's says so; neither is activity")
  func session() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/session") + request("GET", "/.anteroom/session", ["Cookie: \(try rig.cookie())"]))
    #expect(try client.message().text == "{\"signed_in\":false}\n")
    let known = try client.message()
    #expect(known["Content-Type"] == "application/json" && known.setCookies.isEmpty)
    #expect(known.text.hasPrefix("{\"signed_in\":true,\"user\":\"ann\",\"name\":\"Ann Example\",\"ends_at\":"))
  }

  @Test("a browser keeps the binding that it has; one without gets a new one at the page that needs it")
  func bindings() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/login", ["Cookie: \(visit.bindingCookie)"]) + request("GET", "/.anteroom/login"))
    #expect(try client.message().setCookies.isEmpty)
    let fresh = try client.message().setCookies
    #expect(fresh.count == 1 && fresh[0].hasPrefix("anteroom-b-") && !fresh[0].hasPrefix("anteroom-b-AAAAAAAA="))
  }
}
