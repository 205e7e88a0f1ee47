import Config
import Testing

@testable import Policy

@Suite struct ForwardedClientTests {
  enum Kind { case xFor, xProto, xHost, forwarded }

  /// Proxies in 10.0.0.0/8 and fd00::/8 are trusted.
  private func read(_ lines: [(Kind, String)]) -> (reading: ForwardedClient.Reading, bytes: [UInt8]) {
    var bytes: [UInt8] = []
    var all = ForwardingLines()
    for (kind, text) in lines {
      let range = bytes.count..<bytes.count + text.utf8.count
      bytes += Array(text.utf8)
      switch kind {
      case .xFor: all.xForwardedFor.append(range)
      case .xProto: all.xForwardedProto.append(range)
      case .xHost: all.xForwardedHost.append(range)
      case .forwarded: all.forwarded.append(range)
      }
    }
    return (ForwardedClient.read(bytes.span, all) { $0.bytes[0] == 10 || $0.bytes[0] == 0xFD }, bytes)
  }

  private func path(_ lines: [(Kind, String)]) -> [IPAddress]? {
    guard case .client(let client) = read(lines).reading else { return nil }
    return client.path
  }

  private func addresses(_ texts: [String]) throws -> [IPAddress] { try texts.map { try #require(IPAddress($0)) } }

  @Test(
    "the last address that is not a trusted proxy's is the client; what stands before it counts for nothing",
    arguments: [
      ("203.0.113.9", ["203.0.113.9"]), ("1.1.1.1, 203.0.113.9", ["203.0.113.9"]), ("203.0.113.9, 10.0.0.1", ["203.0.113.9", "10.0.0.1"]),
      ("6.6.6.6, 203.0.113.9 ,10.0.0.1,\t10.0.0.2", ["203.0.113.9", "10.0.0.1", "10.0.0.2"]), ("garbage, 203.0.113.9", ["203.0.113.9"]),
      ("10.0.0.1, 10.0.0.2", ["10.0.0.1", "10.0.0.2"]), ("2001:db8::1", ["2001:db8::1"]), ("[2001:db8::1]", ["2001:db8::1"]),
      ("[2001:db8::1]:443", ["2001:db8::1"]), ("203.0.113.9:4711", ["203.0.113.9"]), ("::ffff:203.0.113.9", ["203.0.113.9"]),
      (",203.0.113.9,,", ["203.0.113.9"]), ("203.0.113.9, fd00::1", ["203.0.113.9", "fd00::1"]),
    ])
  func client(text: String, expected: [String]) throws { #expect(path([(.xFor, text)]) == (try addresses(expected))) }

  @Test("several lines are one list")
  func lines() throws {
    #expect(path([(.xFor, "6.6.6.6"), (.xFor, "203.0.113.9"), (.xFor, "10.0.0.1")]) == (try addresses(["203.0.113.9", "10.0.0.1"])))
    #expect(
      path([(.forwarded, "for=6.6.6.6"), (.forwarded, "for=203.0.113.9, for=10.0.0.1")]) == (try addresses(["203.0.113.9", "10.0.0.1"])))
  }

  @Test(
    "an address that is to be looked at, and is none, is a fault",
    arguments: [
      "unknown", "203.0.113.9, unknown", "203.0.113.9, garbage, 10.0.0.1", "203.0.113", "203.0.113.009", "203.0.113.9:", "203.0.113.9:x",
      "[203.0.113.9]",
      "[::1", "::1]", "fe80::1%eth0", "203.0.113.9 10.0.0.1", "http://203.0.113.9", "203.0.113.9:123456",
    ])
  func malformed(text: String) { #expect(read([(.xFor, text)]).reading == .malformed) }

  @Test(
    "an element of Forwarded without an address is a fault, unless the client is found before it",
    arguments: [
      ("for=203.0.113.9", true), ("for=\"203.0.113.9:80\"", true), ("for=\"[2001:db8::1]:80\"", true), ("for=_hidden", false),
      ("for=unknown", false), ("proto=https", false), ("for=x\"y, for=203.0.113.9", true), ("for=\", for=203.0.113.9;proto=https", true),
      ("for=203.0.113.9, for=10.0.0.1;for=10.0.0.1", false), ("for=[2001:db8::1]", false), ("for=\"203.0.113.9", false),
    ])
  func forwarded(text: String, isGood: Bool) {
    let reading = read([(.forwarded, text)]).reading
    if isGood { #expect(path([(.forwarded, text)])?.count == 1) } else { #expect(reading == .malformed) }
  }

  @Test("no field, and fields that are empty, say nothing")
  func nothing() {
    #expect(read([]).reading == .nothing)
    #expect(read([(.xFor, ""), (.xProto, " "), (.xHost, ","), (.forwarded, " , ")]).reading == .nothing)
  }

  private func isSecure(_ lines: [(Kind, String)]) -> Bool? {
    guard case .client(let client) = read(lines).reading else { return nil }
    return client.isSecure
  }

  @Test("the scheme is the one that goes with the client")
  func scheme() {
    #expect(isSecure([(.xFor, "203.0.113.9"), (.xProto, "HTTPS")]) == true)
    #expect(isSecure([(.xProto, "https")]) == true)
    #expect(isSecure([(.xFor, "203.0.113.9, 10.0.0.1"), (.xProto, "https")]) == true)
    #expect(isSecure([(.xFor, "203.0.113.9, 10.0.0.1"), (.xProto, "https, http")]) == true)
    // A client that sends `https` along to a proxy that appends.
    #expect(isSecure([(.xFor, "6.6.6.6, 203.0.113.9"), (.xProto, "https, http")]) == false)
    #expect(isSecure([(.xFor, "203.0.113.9"), (.xProto, "https, http")]) == nil)
    #expect(isSecure([(.xFor, "203.0.113.9"), (.xProto, "https"), (.xProto, "http")]) == nil)
    #expect(isSecure([(.xFor, "203.0.113.9"), (.xProto, "wss")]) == nil)
    #expect(isSecure([(.forwarded, "for=6.6.6.6;proto=https, for=203.0.113.9;proto=http, for=10.0.0.1;proto=https")]) == false)
  }

  @Test("the host is the one that goes with the client")
  func host() {
    func host(_ lines: [(Kind, String)]) -> String? {
      let (reading, bytes) = read(lines)
      guard case .client(let client) = reading else { return nil }
      return client.host.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
    #expect(host([(.xFor, "203.0.113.9"), (.xHost, " a.test:8443 ")]) == "a.test:8443")
    #expect(host([(.xFor, "203.0.113.9"), (.xHost, "evil.test, a.test")]) == nil)
    #expect(host([(.forwarded, "for=6.6.6.6;host=evil.test, for=203.0.113.9;host=\"a.test\", for=10.0.0.1;host=inner")]) == "a.test")
  }

  @Test(
    "where Forwarded and X-Forwarded fields do not say the same, neither is believed",
    arguments: [
      [(Kind.xFor, "203.0.113.9"), (.forwarded, "for=6.6.6.6")], [(.xFor, "203.0.113.9"), (.forwarded, "for=unknown")],
      [(.xFor, "unknown"), (.forwarded, "for=203.0.113.9")],
      [(.xFor, "203.0.113.9"), (.xProto, "http"), (.forwarded, "for=203.0.113.9;proto=https")],
      [(.xHost, "a.test"), (.forwarded, "for=203.0.113.9;host=b.test")], [(.xFor, "203.0.113.9"), (.forwarded, "proto=https")],
      [(.xFor, "203.0.113.9"), (.forwarded, "nonsense")],
    ])
  func contradiction(lines: [(Kind, String)]) { #expect(read(lines).reading == .contradiction) }

  @Test("where they say the same, or about different things, they complete each other")
  func agreement() {
    #expect(isSecure([(.xFor, "203.0.113.9"), (.forwarded, "for=203.0.113.9;proto=https")]) == true)
    #expect(isSecure([(.xProto, "https"), (.forwarded, "for=203.0.113.9")]) == true)
    #expect(path([(.xProto, "https"), (.forwarded, "for=203.0.113.9")])?.count == 1)
    #expect(path([(.xHost, "A.test"), (.forwarded, "for=203.0.113.9;host=a.TEST")])?.count == 1)
    #expect(read([(.xFor, "unknown"), (.forwarded, "for=unknown")]).reading == .malformed)
  }
}
