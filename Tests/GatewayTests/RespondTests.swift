import Testing

@testable import Gateway

@Suite struct RespondTests {
  @Test("a failure is a page for a person and problem details for a program, never kept and never framed")
  func failures() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/nothing", [navigation]) + request("GET", "/.anteroom/nothing"))
    let page = try client.message()
    let problem = try client.message()
    #expect(page.status == 404 && page["Content-Type"] == "text/html; charset=utf-8")
    #expect(page["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
    #expect(page["X-Frame-Options"] == "DENY")
    #expect(problem.status == 404 && problem["Content-Type"] == "application/problem+json")
    for answer in [page, problem] {
      #expect(answer["Cache-Control"] == "no-store")
      #expect(answer["Referrer-Policy"] == "same-origin")
      #expect(answer["X-Content-Type-Options"] == "nosniff")
      #expect(answer["Date"] != nil)
      let id = try #require(answer["X-Request-Id"])
      #expect(answer.text.contains(id))
    }
    #expect(page["X-Request-Id"] != problem["X-Request-Id"])
  }

  @Test("HEAD has the length that a GET would have, and nothing after the head", arguments: ["/.anteroom/healthz", "/.anteroom/nothing"])
  func head(target: String) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("HEAD", target) + request("GET", target))
    let head = try client.message(hasBody: false)
    let whole = try client.message()
    #expect(head.status == whole.status && head["Content-Length"] == whole["Content-Length"])
    #expect(!whole.body.isEmpty)
  }

  @Test("a missing login is a challenge, and an app that is down says when to come back")
  func extraFields() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/app") + request("GET", "/open/x"))
    let challenge = try client.message()
    #expect(challenge.status == 401 && challenge["WWW-Authenticate"] == "Cookie realm=\"anteroom\"" && challenge.all("Set-Cookie").isEmpty)
    let down = try client.message()
    #expect(down.status == 503 && down["Retry-After"] == "1")
  }

  @Test("a client of HTTP/1.0 is kept if it asks for that, and told; else the connection ends after the answer")
  func oldClient() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send("GET /.anteroom/healthz HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n")
    let kept = try client.message()
    #expect(kept["Connection"] == "keep-alive" && kept.text == "ok\n")
    try client.send("GET /.anteroom/healthz HTTP/1.0\r\nHost: app.test\r\n\r\n")
    #expect(try client.message()["Connection"] == "close")
    #expect(try client.toEnd().isEmpty)
  }

  @Test("an unread head is answered and ends the connection, and what follows it is not read as a request")
  func unreadable() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send("GET / HTTP/1.1\r\nHost : app.test\r\n\r\n" + request("GET", "/.anteroom/healthz"))
    let answer = try client.message()
    #expect(answer.status == 400 && answer["Connection"] == "close")
    #expect(answer.text.contains(try #require(answer["X-Request-Id"])))
    #expect(try client.toEnd().isEmpty)
  }

  @Test("what is no request is answered in full, whatever was asked before it on the connection")
  func unreadableAfterHead() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("HEAD", "/.anteroom/healthz") + "GET / HTTP/1.1\r\nHost : app.test\r\n\r\n")
    #expect(try client.message(hasBody: false).status == 200)
    let answer = try client.message()
    #expect(answer.status == 400 && answer.text.contains("\"status\":400"))
    #expect(try client.toEnd().isEmpty)
  }

  @Test("a client that waits for 100 gets the answer alone, and the connection ends: nobody can know whether its body comes")
  func expectation() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Content-Length: 40", "Expect: 100-continue"]))
    let answer = try client.message()
    #expect(answer.status == 401 && answer["Connection"] == "close")
    client.halfClose()
    #expect(try client.toEnd().isEmpty)
  }

  @Test("every status that the gateway answers with has its reason")
  func reasons() {
    for status in [200, 302, 303, 400, 401, 403, 404, 405, 408, 413, 414, 415, 421, 429, 431, 500, 502, 503, 504] {
      #expect(!reasonPhrase(status).hasPrefix("Status"))
    }
    #expect(reasonPhrase(599) == "Status 599")
  }
}
