import Config
import EventLoop
import Testing

@testable import Gateway

/// The rig's clients connect from 127.0.0.1.
@Suite struct ToldClientTests {
  static let loopback = IPAddress("127.0.0.1").flatMap { IPNetwork($0, prefix: 32) }

  /// What the app gets for a signed-in user's request, and the logs.
  private func exchange(
    _ fields: [String], host: String = Fixtures.host, isTrusted: Bool = true, scheme: Listener.Scheme? = nil, isSecure: Bool = false
  ) throws -> (request: Message, access: String, events: [String]) {
    let app = try App()
    let rig = try Rig(
      apps: [app.address],
      change: {
        $0.trustedProxies = isTrusted ? [Self.loopback].compactMap { $0 } : []
        $0.listeners[0].scheme = scheme
      })
    defer { rig.stop() }
    let client = try rig.connect()
    var cookie = try rig.cookie(isSecure: isSecure)
    if isSecure { cookie = "__Host-" + cookie }
    try client.send(request("GET", "/app", fields + ["Cookie: \(cookie)"], host: host))
    let peer = try app.accept()
    let got = try peer.message()
    try peer.send(answer())
    #expect(try client.message().status == 200)
    rig.stop()
    return (got, rig.accessLines.first ?? "", rig.eventLines)
  }

  @Test("the app gets the client's address and the proxies' after it, and the logs the client's; what the client sent along is cut off")
  func believed() throws {
    let (got, access, _) = try exchange(["X-Forwarded-For: 6.6.6.6, 203.0.113.9", "X-Forwarded-Proto: http", "X-Real-IP: 203.0.113.9"])
    #expect(got.all("X-Forwarded-For") == ["203.0.113.9, 127.0.0.1"])
    #expect(got.all("Forwarded") == ["for=203.0.113.9;host=\"app.test\";proto=http, for=127.0.0.1"])
    #expect(got["X-Forwarded-Proto"] == "http" && got["X-Forwarded-Host"] == "app.test" && got["X-Real-IP"] == "203.0.113.9")
    #expect(got["Via"] == "1.1 anteroom")
    #expect(access.contains(" 203.0.113.9 "))
  }

  @Test("IPv6 clients stand in brackets and quotes where RFC 7239 wants it")
  func ipv6() throws {
    let (got, access, _) = try exchange(["Forwarded: for=\"[2001:DB8:0::1]:99\""])
    #expect(got.all("X-Forwarded-For") == ["2001:db8::1, 127.0.0.1"])
    #expect(got.all("Forwarded") == ["for=\"[2001:db8::1]\";host=\"app.test\";proto=http, for=127.0.0.1"])
    #expect(access.contains(" 2001:db8::1 "))
  }

  @Test("from anybody else it is worth nothing")
  func untrusted() throws {
    let fields = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "Forwarded: for=6.6.6.6;proto=https", "X-Real-IP: 6.6.6.6"]
    let (got, access, _) = try exchange(fields, isTrusted: false)
    #expect(got.all("X-Forwarded-For") == ["127.0.0.1"] && got.all("Forwarded") == ["for=127.0.0.1;host=\"app.test\";proto=http"])
    #expect(got.all("X-Forwarded-Proto") == ["http"] && got.all("X-Real-IP").isEmpty)
    #expect(access.contains(" 127.0.0.1 "))
  }

  @Test("a trusted proxy's own request, and one whose address is none, are the proxy's", arguments: [[], ["X-Forwarded-For: unknown"]])
  func own(fields: [String]) throws {
    let (got, access, events) = try exchange(fields)
    #expect(got.all("X-Forwarded-For") == ["127.0.0.1"] && got.all("Forwarded") == ["for=127.0.0.1;host=\"app.test\";proto=http"])
    #expect(access.contains(" 127.0.0.1 "))
    #expect(events.contains { $0.contains("cannot be used") } == !fields.isEmpty)
  }

  @Test("a second spelling of what the gateway writes itself goes on from nobody; what proxies say beside it does")
  func spellings() throws {
    let (got, _, _) = try exchange(["X_Forwarded_For: 6.6.6.6", "x-forwarded_proto: https", "X-Forwarded-Port: 8443", "X_Request_Id: mine"])
    for name in ["X_Forwarded_For", "x-forwarded_proto", "X_Request_Id"] { #expect(got.all(name).isEmpty, "\(name)") }
    #expect(got["X-Forwarded-Port"] == "8443")
  }

  @Test("https of a trusted proxy makes the session cookie the __Host- one, and is told to the app")
  func secure() throws {
    let (got, _, _) = try exchange(["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"], isSecure: true)
    #expect(got["X-Forwarded-Proto"] == "https" && got.all("Forwarded")[0].contains(";proto=https, "))
  }

  @Test("where the listener says what browsers use, no proxy says otherwise")
  func fixedScheme() throws {
    #expect(try exchange(["X-Forwarded-Proto: https"], scheme: .http).request["X-Forwarded-Proto"] == "http")
    #expect(try exchange(["X-Forwarded-Proto: http"], scheme: .https, isSecure: true).request["X-Forwarded-Proto"] == "https")
    #expect(try exchange([], isTrusted: false, scheme: .https, isSecure: true).request["X-Forwarded-Proto"] == "https")
  }

  @Test("Host chooses the site; only where it names none does the host of which a trusted proxy tells")
  func host() throws {
    let (kept, _, _) = try exchange(["X-Forwarded-Host: x.clinic.test"])
    #expect(kept["Host"] == "app.test" && kept["X-Forwarded-Host"] == "app.test" && kept.all("X-Anteroom-Site").isEmpty)
    let (got, _, _) = try exchange(["X-Forwarded-Host: app.test"], host: "10.0.0.5:8080")
    #expect(got["Host"] == "app.test" && got["X-Forwarded-Host"] == "app.test")
  }

  private func status(_ fields: [String], host: String = Fixtures.host, isTrusted: Bool = true, target: String = "/app") throws -> Message {
    let rig = try Rig(apps: [], change: { $0.trustedProxies = isTrusted ? [Self.loopback].compactMap { $0 } : [] })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", target, fields, host: host))
    return try client.message()
  }

  @Test("a host that no site names stays one, whoever names another one in vain")
  func unknownHost() throws {
    #expect(try status(["X-Forwarded-Host: app.test"], host: "other.test", isTrusted: false).status == 421)
    #expect(try status(["X-Forwarded-Host: evil.test"], host: "other.test").status == 421)
    #expect(try status(["X-Forwarded-Host: app.test, app.test"], host: "other.test").status == 421)
  }

  @Test("fields that contradict each other are refused, but not the liveness check")
  func contradiction() throws {
    let fields = ["X-Forwarded-For: 203.0.113.9", "Forwarded: for=6.6.6.6"]
    #expect(try status(fields).status == 400)
    #expect(try status(fields, isTrusted: false).status == 401)
    #expect(try status(fields, target: "/.anteroom/healthz").status == 200)
  }

  @Test("the cookies and forms of the login follow the scheme that the proxy says, and no redirect ever leaves the site")
  func login() throws {
    let fields = [navigation, "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil.test"]
    let secure = try status(fields + ["X-Forwarded-Proto: https"])
    #expect(secure.status == 302 && secure["Location"]?.hasPrefix("/.anteroom/login?return=") == true)
    #expect(secure.setCookies.allSatisfy { $0.hasPrefix("__Host-anteroom-b-") } && secure.setCookies.count == 1)
    #expect(secure.all("Set-Cookie").allSatisfy { $0.contains("; Secure") })
    let plain = try status(fields)
    #expect(plain.status == 302 && plain.setCookies.allSatisfy { $0.hasPrefix("anteroom-b-") } && plain.setCookies.count == 1)
  }

  @Test("an exchange forgets whose the one before it was")
  func forgets() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: { $0.trustedProxies = [Self.loopback].compactMap { $0 } })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/1", ["X-Forwarded-For: 203.0.113.9"]) + request("GET", "/open/2"))
    let peer = try app.accept()
    #expect(try peer.message()["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1")
    try peer.send(answer())
    #expect(try peer.message()["X-Forwarded-For"] == "127.0.0.1")
  }
}
