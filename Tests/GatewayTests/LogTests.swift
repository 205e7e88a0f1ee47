import EventLoop
import Testing

@testable import Gateway

@Suite struct LogTests {
  @Test("every exchange has one line, whoever answered it and however it ended")
  func oneLine() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/healthz") + request("GET", "/app") + request("GET", "/x", host: "other.test"))
    for status in [200, 401, 421] { #expect(try client.message().status == status) }
    try client.send(request("GET", "/open/ok", ["Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer())
    _ = try client.message()
    try client.send(request("GET", "/open/bad"))
    _ = try peer.message()
    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
    #expect(try client.message().status == 502)
    try client.send(request("GET", "/open/half"))
    let half = try app.accept()
    _ = try half.message()
    try half.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    half.close()
    // A 502 if nothing of the half answer had been sent by then, else a cut.
    _ = try? client.message()
    let broken = try rig.connect()
    try broken.send("GET /broken\r\n\r\n")
    #expect(try broken.message().status == 400)
    let cut = try rig.connect()
    try cut.send(request("GET", "/open/cut"))
    let last = try app.accept()
    _ = try last.message()
    rig.stop()
    let ends = rig.accessLines.map { line -> String in
      let parts = line.split(separator: "\" ")
      let what = parts[0].split(separator: "\"").last.map(String.init) ?? ""
      let status = parts[1].split(separator: " ").first.map(String.init) ?? ""
      let end = line.split(separator: " ").last.map(String.init) ?? ""
      return "\(what) \(status) \(end)"
    }
    let halfLine =
      "GET /open/half HTTP/1.1 \(ends.contains { $0.hasSuffix("/half HTTP/1.1 502 upstream-closed") } ? 502 : 200) upstream-closed"
    #expect(
      ends == [
        "GET /.anteroom/healthz HTTP/1.1 200 ok", "GET /app HTTP/1.1 401 ok", "GET /x HTTP/1.1 421 ok", "GET /open/ok HTTP/1.1 200 ok",
        "GET /open/bad HTTP/1.1 502 upstream-malformed", halfLine, "- - - 400 client-malformed",
        "GET /open/cut HTTP/1.1 - shutdown",
      ])
    let users = rig.accessLines.map { $0.split(separator: " ")[4] }
    #expect(users == ["-", "-", "-", "ann", "-", "-", "-", "-"], "nobody's name stays behind in the next line")
    let sites = rig.accessLines.map { $0.split(separator: " ")[3] }
    #expect(sites == ["app.test", "app.test", "-", "app.test", "app.test", "app.test", "-", "app.test"])
    #expect(Set(rig.accessLines.map { $0.split(separator: " ")[1] }).count == 8)
  }

  @Test("a line counts the bytes of its own answer, head and body")
  func bytes() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let sent = request("POST", "/open/x", body: String(repeating: "x", count: 5000))
    try client.send(sent)
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer(body: String(repeating: "y", count: 7000)))
    let received = try client.message()
    let lines = [received.start] + received.fields.map { "\($0.name): \($0.value)" }
    let count = lines.reduce(2) { $0 + $1.utf8.count + 2 } + received.body.count
    rig.stop()
    let numbers = rig.accessLines[0].split(separator: "\" ")[1].split(separator: " ")
    #expect(numbers[1] == "\(count)" && numbers[2] == "\(sent.utf8.count)")
  }

  @Test("the audit trail says what became of each patient request")
  func patients() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = "Cookie: \(try rig.cookie())"
    try client.send(request("GET", "/patients?patient_id=1", [navigation]) + request("GET", "/patients?patient_id=2"))
    #expect(try client.message().status == 302)
    #expect(try client.message().status == 401)
    try client.send(request("GET", "/patients?patient_id=03", [cookie]) + request("GET", "/patients?patient_id=4&patient.id=5", [cookie]))
    for _ in 0..<2 { #expect(try client.message().status == 400) }
    try client.send(request("GET", "/patients?patient_id=6", [cookie]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer("404 Not Found"))
    #expect(try client.message().status == 404)
    try client.send(request("GET", "/patients?patient_id=7", [cookie]))
    _ = try peer.message()
    try peer.send("nonsense\r\n\r\n")
    #expect(try client.message().status == 502)
    try client.send(request("GET", "/patients?patient_id=8", [cookie]))
    let half = try app.accept()
    _ = try half.message()
    try half.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    half.close()
    _ = try? client.message()
    let plain = try rig.connect()
    try plain.send(request("GET", "/app", [cookie]))
    let other = try app.accept()
    _ = try other.message()
    try other.send(answer())
    _ = try plain.message()
    rig.stop()
    let seen = rig.auditLines.map { line in
      ["patient", "status", "outcome", "user"].map { name in
        String(line.split(separator: "\"\(name)\":").last?.prefix { $0 != "," && $0 != "}" } ?? "")
      }.joined(separator: " ").replacing("\"", with: "")
    }
    #expect(["8 502 failed ann", "8 200 shown ann"].contains(seen.last ?? ""), "shown to whom a part of it was sent")
    #expect(
      seen.dropLast() == [
        "1 302 login-required null", "2 401 login-required null", "null 400 refused ann", "null 400 refused ann", "6 404 shown ann",
        "7 502 failed ann",
      ])
    #expect(rig.auditLines.allSatisfy { $0.contains("\"event\":\"patient-request\"") && $0.contains("\"rule\":\"/patients\"") })
    #expect(!(rig.accessLines + rig.eventLines).contains { $0.contains("patient_id") })
  }

  @Test("a refusal is one record: a request without login, a foreign host")
  func refusals() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/app") + request("GET", "/", host: "other.test") + request("GET", "/.anteroom/nothing"))
    for _ in 0..<3 { _ = try client.message() }
    rig.stop()
    #expect(rig.auditLines.count == 2 && rig.auditLines.allSatisfy { $0.contains("\"event\":\"refusal\"") })
  }

  @Test("no access log, no lines, and nothing else changes")
  func off() throws {
    let rig = try Rig(apps: [], change: { $0.accessLog = .off })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/healthz"))
    #expect(try client.message().status == 200)
    rig.stop()
    #expect(rig.accessLines.isEmpty)
  }
}
