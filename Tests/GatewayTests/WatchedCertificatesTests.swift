import Config
import EventLoop
import Foundation
import TLS
import TestCertificates
import Testing

@testable import Gateway

@Suite struct WatchedCertificatesTests {
  let log: LogFixture
  let authority: Authority

  init() throws {
    log = try LogFixture()
    authority = try Authority()
  }

  private func issue(_ names: String, days: ClosedRange<Int> = 0...100) throws {
    let (chain, key) = try authority.issue(names, days: days)
    try write("a.pem", chain)
    try write("a.key", key)
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try log.directory.write(name, String(decoding: bytes, as: UTF8.self))
  }

  private var tls: ListenerTLS {
    let position = Position(file: "gateway.conf", line: 2, column: 7)
    return ListenerTLS(certificates: [
      CertificateFiles(chain: log.directory.file("a.pem"), key: log.directory.file("a.key"), position: position)
    ])
  }

  private func watched() throws -> WatchedCertificates { try WatchedCertificates(tls, tickets: TicketSecrets { 0 }) }

  @Test("new files are taken up, and only then, and others keep what they have")
  func changes() throws {
    try issue("DNS:a.test")
    let watched = try watched()
    let first = watched.server
    watched.refresh(events: log.events)
    #expect(watched.server === first)
    try issue("DNS:b.test")
    watched.refresh(events: log.events)
    #expect(watched.server !== first)
    #expect(watched.server.certificates.map(\.names) == [["b.test"]])
    #expect(first.certificates.map(\.names) == [["a.test"]])
    #expect(log.lines.contains { $0.contains("certificate read") && $0.contains("names=b.test") })
  }

  @Test("a pair that does not fit, or is gone, leaves the old one in force, and is told of once")
  func broken() throws {
    try issue("DNS:a.test")
    let watched = try watched()
    let first = watched.server
    let next = try authority.issue("DNS:b.test")
    try write("a.pem", next.chain)
    watched.refresh(events: log.events)
    watched.refresh(events: log.events)
    #expect(watched.server === first)
    #expect(log.lines.filter { $0.contains("the key is not this certificate's") && $0.contains("place=gateway.conf:2") }.count == 1)
    try log.directory.remove("a.key")
    watched.refresh(events: log.events)
    #expect(watched.server === first)
    try write("a.key", next.key)
    watched.refresh(events: log.events)
    #expect(watched.server.certificates.map(\.names) == [["b.test"]])
  }

  // MARK: CertificateCheck

  private func found(_ hosts: [HostPattern] = [.exact("a.test")]) throws -> [String] {
    var site = Fixtures.site(users: "", upstreams: [])
    site.hosts = hosts
    let configuration = Configuration(
      file: "gateway.conf", workers: 1, listeners: [Listener(address: "127.0.0.1", port: 0, tls: tls)], keys: "", state: "",
      log: EventLog(), accessLog: .off, audit: "", limits: Limits(), sites: [site], shutdownTimeout: .zero)
    return CertificateCheck.diagnostics(configuration).map(\.description)
  }

  @Test("a good certificate has nothing said of it, and one that has expired, or will soon, has")
  func times() throws {
    try issue("DNS:a.test")
    #expect(try found() == [])
    try issue("DNS:a.test", days: -10...(-1))
    #expect(try found().first?.hasPrefix("gateway.conf:2:7: warning: the certificate ") == true)
    #expect(try found().first?.contains("has expired") == true)
    try issue("DNS:a.test", days: 2...10)
    #expect(try found().first?.contains("is not valid yet") == true)
    try issue("DNS:a.test", days: 0...13)
    #expect(try found().first?.contains("expires in 1") == true)
  }

  @Test("hosts that no certificate is for are named, and a key of another certificate is an error")
  func hosts() throws {
    try issue("DNS:a.test,DNS:*.b.test")
    #expect(try found([.exact("a.test"), .wildcard("b.test"), .exact("x.b.test")]) == [])
    let open = try found([.exact("c.test"), .wildcard("c.test"), .exact("a.test")])
    #expect(open.count == 1 && open[0].contains("is for `c.test`, `*.c.test`:"))
    try write("a.key", try authority.issue("DNS:a.test").key)
    #expect(try found().first?.contains("gateway.conf:2:7: error: ") == true)
  }

  @Test("an OCSP answer whose time is over is told of once, and a fresh one is taken up")
  func staples() throws {
    let (chain, key) = try authority.issue("DNS:a.test")
    try write("a.pem", chain)
    try write("a.key", key)
    let file = log.directory.file("a.pem.ocsp")
    try log.directory.write("a.pem.ocsp", try authority.staple(for: chain))
    let watched = try watched()
    let now = System.wallMilliseconds() / 1000
    watched.refresh(events: log.events, now: now)
    #expect(log.lines.isEmpty)
    for _ in 0..<3 { watched.refresh(events: log.events, now: now + 3601) }
    func told(_ reason: String = "reason=") -> Int {
      log.lines.filter { $0.contains("OCSP answer is not sent") && $0.contains("file=\(file)") && $0.contains(reason) }.count
    }
    #expect(told("its time is over") == 1)
    try log.directory.write("a.pem.ocsp", try authority.staple(for: chain, until: 7200))
    for _ in 0..<3 { watched.refresh(events: log.events, now: now + 3601) }
    #expect(told() == 1 && log.lines.contains { $0.contains("certificate read") })
    watched.refresh(events: log.events, now: now + 7201)
    #expect(told("its time is over") == 2)
    // Another fault is worth another word; the certificate goes on without it.
    try log.directory.write("a.pem.ocsp", Array("nothing".utf8))
    for _ in 0..<3 { watched.refresh(events: log.events, now: now + 7201) }
    #expect(told("it is no OCSP answer") == 1 && watched.server.certificates.map(\.names) == [["a.test"]])
    try log.directory.remove("a.pem.ocsp")
    watched.refresh(events: log.events, now: now + 7201)
    #expect(told() == 3)
  }

  @Test("what was wrong with an OCSP answer from the beginning is the check's to tell, and no error")
  func stapleAtStart() throws {
    try issue("DNS:a.test")
    let other = try authority.issue("DNS:a.test")
    for (staple, reason) in [
      (try authority.staple(for: other.chain), "it is for another certificate"), (Array("x".utf8), "it is no OCSP answer"),
    ] {
      try log.directory.write("a.pem.ocsp", staple)
      try watched().refresh(events: log.events)
      let found = try found()
      #expect(found.count == 1 && found[0].hasPrefix("gateway.conf:2:7: warning: the OCSP answer \(log.directory.file("a.pem.ocsp")) "))
      #expect(found[0].contains(reason))
    }
    #expect(log.lines.isEmpty)
    let (chain, key) = try authority.issue("DNS:a.test", days: 0...100)
    try write("a.pem", chain)
    try write("a.key", key)
    try log.directory.write("a.pem.ocsp", try authority.staple(for: chain, from: -7200, until: -60))
    #expect(try found().first?.contains("its time is over") == true)
    try log.directory.write("a.pem.ocsp", try authority.staple(for: chain))
    #expect(try found().isEmpty)
  }
}
