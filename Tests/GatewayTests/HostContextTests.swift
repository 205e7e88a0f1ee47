import Config
import HTTP
import Session
import Testing

@testable import Gateway

@Suite struct HostContextTests {
  private let settings = Settings(
    Configuration(
      file: "gateway.conf", workers: 1, listeners: [], keys: "keys", state: "state", log: EventLog(path: "log"), accessLog: .off,
      audit: "audit", limits: Limits(), sites: [Fixtures.site(users: "users.passwd", upstreams: [])], shutdownTimeout: .seconds(1)))

  private func context(_ contexts: HostContexts, _ host: String, isSecure: Bool = false) -> HostContext? {
    let bytes = [UInt8](host.utf8)
    return contexts.context(of: bytes.span, isSecure: isSecure)
  }

  @Test("where sessions belong follows host and scheme, whatever was asked for before")
  func contexts() {
    let contexts = HostContexts(settings)
    let asked = [
      ("app.test", false), ("app.test", false), ("app.test", true), ("au.clinic.test", true), ("uk.clinic.test", true),
      ("au.clinic.test", false), ("app.test", false), ("app.test:80", false), ("APP.test", false), ("app.test", true),
    ]
    for _ in 0..<2 {
      for (host, isSecure) in asked {
        let found = context(contexts, host, isSecure: isSecure)
        #expect(found?.sealContext == SealContext(site: Fixtures.host, host: [UInt8](host.utf8).span, isSecure: isSecure))
        #expect(found?.site == 0 && found?.isSecure == isSecure)
      }
      #expect(context(contexts, "app.tes") == nil && context(contexts, "") == nil && context(contexts, "a.b.clinic.test") == nil)
    }
  }

  @Test("sealed values are for the origin that the browser knows the host by, and this site")
  func audiences() {
    let contexts = HostContexts(settings)
    let asked = [
      ("app.test", false, "http://app.test"), ("app.test", true, "https://app.test"), ("APP.test.:443", true, "https://app.test"),
      ("au.clinic.test:8443", true, "https://au.clinic.test:8443"), ("au.clinic.test", false, "http://au.clinic.test"),
    ]
    for _ in 0..<2 {
      for (host, isSecure, origin) in asked {
        let found = context(contexts, host, isSecure: isSecure)?.audience
        #expect(found?.origin.description == origin && found?.site == Fixtures.host)
      }
    }
  }

  @Test("what goes to the app names the host as sent, and a wildcard's label in small letters")
  func lines() throws {
    let found = try #require(context(HostContexts(settings), "Staging-AU1.Clinic.test:8443", isSecure: true))
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    #expect(text(found.requestLineEnd) == " HTTP/1.1\r\nHost: Staging-AU1.Clinic.test:8443\r\n")
    #expect(text(found.labelLine) == "X-Anteroom-Site: staging-au1\r\n")
    let forwarding = "X-Forwarded-For: 1.2.3.4" + text(found.forwardingMiddle) + "1.2.3.4" + text(found.forwardingEnd)
    #expect(
      forwarding
        == "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: Staging-AU1.Clinic.test:8443\r\n"
        + "Forwarded: for=1.2.3.4;host=\"Staging-AU1.Clinic.test:8443\";proto=https\r\nVia: ")
    #expect(context(HostContexts(settings), "app.test")?.labelLine == [])
  }

  @Test("more hosts than there is room for are told apart all the same")
  func many() {
    let contexts = HostContexts(settings)
    for round in 0..<2 {
      for number in 0..<1000 {
        let found = context(contexts, "h\(number).clinic.test")
        #expect(found.map { String(decoding: $0.host, as: UTF8.self) } == "h\(number).clinic.test", "\(round)")
      }
    }
  }
}
