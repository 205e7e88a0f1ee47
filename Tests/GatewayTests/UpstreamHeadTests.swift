import Config
import HTTP
import Policy
import Testing

@testable import Gateway

@Suite struct UpstreamHeadTests {
  /// What the app gets for a request.
  private func exchange(_ text: String, session: Bool = false, change: (inout Site) -> Void = { _ in }) throws -> Message {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: change)
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = session ? "Cookie: \(try rig.cookie())\r\n" : ""
    try client.send(text.replacing("\r\n\r\n", with: "\r\n\(cookie)\r\n"))
    return try app.accept().message()
  }

  @Test("fields that are decided once for each site: known ones pass, those of one hop, the gateway's and the owned do not")
  func forwardedFields() {
    let site = Fixtures.site(users: "", upstreams: [])
    let plain = ForwardedFields(owned: OwnedFields(site: site, allSites: [site]))
    for known in [KnownField.accept, .contentType] { #expect(plain.passes(known)) }
    for known in KnownField.allCases where known.isHopByHop { #expect(!plain.passes(known), "\(known)") }
    for known in [KnownField.host, .contentLength, .cookie, .referer, .expect, .xForwardedFor, .forwarded, .xRequestID, .other] {
      #expect(!plain.passes(known), "\(known)")
    }
    var owning = site
    owning.request.drop = ["Accept"]
    #expect(!ForwardedFields(owned: OwnedFields(site: owning, allSites: [owning])).passes(.accept))
    owning.request.drop = ["Cookie", "Referer"]
    let strict = ForwardedFields(owned: OwnedFields(site: owning, allSites: [owning]))
    #expect(strict.ownsCookie && strict.ownsReferer && !plain.ownsCookie && !plain.ownsReferer)
  }

  @Test("a Cookie or a Referer that a directive has taken, or that Connection names, does not go up")
  func takenAway() throws {
    let fields = ["Cookie: a=b", "Referer: http://app.test/app", "X-Kept: 1"]
    let dropped = try exchange(request("GET", "/open/x", fields), change: { $0.request.drop = ["Cookie", "Referer"] })
    #expect(dropped.all("Cookie").isEmpty && dropped.all("Referer").isEmpty && dropped["X-Kept"] == "1")
    let nominated = try exchange(request("GET", "/open/x", fields + ["Connection: cookie, X-Kept", "Cookie: c=d"]))
    #expect(nominated.all("Cookie").isEmpty && nominated.all("X-Kept").isEmpty && nominated["Referer"] == "http://app.test/app")
    let other = try exchange(request("GET", "/open/x", fields + ["Connection: X-Kept", "Cookie: c=d; anteroom=x"]))
    #expect(other.all("Cookie") == ["a=b", "c=d"] && other.all("X-Kept").isEmpty)
  }

  @Test("there is room for the longest head that there can be")
  func longest() throws {
    let cookies = "Cookie:" + (0..<500).map { "\($0)" }.joined(separator: ";") + ";anteroom"
    let fields = (0..<40).map { "X-\($0):\(String(repeating: "y", count: $0))" } + [cookies, cookies.replacing("anteroom", with: "z")]
    let host = "staging-au1.clinic.test"
    let text = request("PROPPATCH", "http://\(host)?patient_id=9223372036854775807", fields, host: host)
    let got = try exchange(text.replacing("HTTP/1.1", with: "HTTP/1.0")) {
      $0.open = [PathPattern("/*")]
      $0.request = RequestFields(set: [.init(name: "X-Set", value: String(repeating: "v", count: 3000))], drop: [])
    }
    #expect(got.start == "PROPPATCH /?patient_id=9223372036854775807 HTTP/1.1")
    #expect(got.all("Cookie").map(\.utf8.count) == [2388, 1891] && got["X-39"] == String(repeating: "y", count: 39))
    #expect(got["X-Set"]?.utf8.count == 3000 && got["X-Anteroom-Site"] == "staging-au1" && got["Via"] == "1.0 anteroom")
  }

  @Test("the target goes up byte for byte; an absolute form without its host, an empty path as a slash")
  func target() throws {
    let target = "/patients?patient_id=9007199254740993&return=https://x/y;z&a=%2F+b&b&=c&%zz&&"
    #expect(try exchange(request("GET", target), session: true).start == "GET \(target) HTTP/1.1")
    #expect(try exchange(request("GET", "http://app.test/open//x/./?y"), session: true).start == "GET /open//x/./?y HTTP/1.1")
    #expect(try exchange(request("GET", "http://app.test"), session: true).start == "GET / HTTP/1.1")
    #expect(try exchange(request("GET", "http://app.test?a=b"), session: true).start == "GET /?a=b HTTP/1.1")
  }

  @Test("a signed-in user's request carries exactly one of each of our fields, whatever the client sent")
  func ownFields() throws {
    let got = try exchange(
      request(
        "GET", "/patients?patient_id=9223372036854775807",
        [
          "X-Cliniko-Patient-Id: 9", "X_Cliniko_Patient_Id: 9", "X-Auth-User: eve", "x-auth-USER: eve", "X-Auth-Groups: root",
          "X-Anteroom-Site: x",
          "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil.test", "Forwarded: for=6.6.6.6", "X-Request-Id: mine", "X-Kept: 1",
          "X-Set: client",
          "Connection: X-Cliniko-Patient-Id, X-Auth-User, X-Set, X-Gone", "X-Gone: 1",
        ]), session: true,
      change: {
        $0.identity = IdentityFields(user: "X-Auth-User", name: "X-Auth-Name", email: "X-Auth-Email", groups: "X-Auth-Groups")
        $0.request = RequestFields(set: [.init(name: "X-Set", value: "ours")], drop: [])
      })
    #expect(got.all("X-Cliniko-Patient-Id") == ["9223372036854775807"] && got.all("X_Cliniko_Patient_Id").isEmpty)
    #expect(got.all("X-Auth-User") == ["ann"] && got.all("X-Auth-Name") == ["Ann Example"])
    #expect(got.all("X-Auth-Email") == ["ann@example.test"] && got.all("X-Auth-Groups") == ["staff,admins"])
    #expect(got.all("X-Anteroom-Site").isEmpty && got.all("X-Set") == ["ours"])
    #expect(got.all("X-Forwarded-For") == ["127.0.0.1"] && got.all("X-Forwarded-Host") == ["app.test"])
    #expect(got.all("X-Forwarded-Proto") == ["http"] && got.all("Forwarded") == ["for=127.0.0.1;host=\"app.test\";proto=http"])
    #expect(got["X-Request-Id"]?.utf8.count == 16 && got["Via"] == "1.1 anteroom" && got["X-Kept"] == "1")
    #expect(got.all("Connection").isEmpty && got.all("X-Gone").isEmpty && got.all("Cookie").isEmpty)
  }

  @Test("an anonymous request names no user and no patient")
  func anonymous() throws {
    let got = try exchange(request("GET", "/open/x?patient_id=5", ["X-Auth-User: eve", "X-Cliniko-Patient-Id: 5"]))
    #expect(got.all("X-Auth-User").isEmpty && got.all("X-Cliniko-Patient-Id").isEmpty)
  }

  @Test("of the cookies only the app's own go up, and of the Referer nothing that is a page of ours")
  func cookiesAndReferer() throws {
    let got = try exchange(
      request(
        "GET", "/open/x",
        [
          "Cookie: a=b; anteroom-b-AAAAAAAA=x; c=\"d\"; __Host-anteroom=y", "Cookie: anteroom-device=z", "Cookie: e=f",
          "Referer: http://app.test/.anteroom/login?return=secret",
        ]))
    #expect(got.all("Cookie") == ["a=b; c=\"d\"", "e=f"])
    #expect(got.all("Referer").isEmpty)
    #expect(try exchange(request("GET", "/open/x", ["Referer: http://app.test/app?x"]))["Referer"] == "http://app.test/app?x")
    #expect(try exchange(request("GET", "/open/x", ["Referer: http://app.test"]))["Referer"] == "http://app.test")
  }

  @Test("a wildcard's label goes along, in lower case", arguments: ["staging-au1.clinic.test", "Staging-AU1.Clinic.TEST"])
  func label(host: String) throws {
    #expect(try exchange(request("GET", "/open/x", host: host))["X-Anteroom-Site"] == "staging-au1")
  }

  @Test("an upgrade goes up only for somebody who is signed in, and only to websocket")
  func upgrade() throws {
    let fields = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    let anonymous = try exchange(request("GET", "/open/x", fields))
    #expect(anonymous.all("Upgrade").isEmpty && anonymous.all("Connection").isEmpty)
    let known = try exchange(request("GET", "/app", fields), session: true)
    #expect(known["Upgrade"] == "websocket" && known["Connection"] == "Upgrade")
  }
}
