import Testing

@testable import Config

@Suite struct ListenReaderTests {
  private func listen(_ lines: String) -> LoadedConfiguration {
    load("\(lines)\nsite a.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd } }")
  }

  @Test(
    "numeric addresses with a port",
    arguments: [
      ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:8080", "::1", 8080), ("10.0.0.1:0", "10.0.0.1", 0), ("0.0.0.0:80", "0.0.0.0", 80),
      ("[::]:65535", "::", 65535),
    ])
  func good(_ text: String, _ address: String, _ port: UInt16) {
    #expect(listen("listen \(text)").configuration?.listeners == [Listener(address: address, port: port)])
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("8080", "127.0.0.1:8080"), (":8080", "127.0.0.1:8080"), ("127.0.0.1", "add a port"), ("::1:8080", "[::1]:8080"),
      ("[::1]", "[::1]:8080"),
      ("localhost:8080", "not a name"), ("*:8080", "not a name"), ("127.0.0.1:65536", "from 0 to 65535"), ("127.0.0.1:", "from 0 to 65535"),
      ("127.0.0.1:http", "from 0 to 65535"), ("http://127.0.0.1:80", "without http://"), ("unix:/run/x", "Unix sockets"),
      ("[fe80::1%eth0]:80", "without a zone"),
      ("[127.0.0.1]:80", "numeric address"), ("256.0.0.1:80", "numeric address"),
    ])
  func bad(_ text: String, _ mend: String) {
    let found = messages(listen("listen \(text)"))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:1:8: error: `\(text)` is not an address to listen on (") == true, "\(found)")
    #expect(found.first?.contains(mend) == true, "\(found)")
  }

  @Test("the same listener twice is an error, however it is written; port 0 may come twice")
  func twice() {
    #expect(
      messages(listen("listen [::1]:80\nlisten [0:0::1]:80")).first?.contains(
        "gateway.conf:2:8: error: `[0:0::1]:80` is listened on twice (the first is at line 1") == true)
    #expect(listen("listen 127.0.0.1:0\nlisten 127.0.0.1:0\nlisten 127.0.0.1:80\nlisten 127.0.0.1:81").diagnostics.isEmpty)
  }

  @Test(
    "plain HTTP is warned of where it could be read on the way",
    arguments: ["0.0.0.0:80", "[::]:80", "8.8.8.8:80", "[2001:db8::1]:80", "[::ffff:8.8.8.8]:80"])
  func publicAddress(_ text: String) {
    let loaded = listen("listen \(text)")
    #expect(loaded.configuration != nil)
    #expect(loaded.diagnostics.map(\.severity) == [.warning])
    #expect(
      loaded.diagnostics.first?.message.hasPrefix(
        "plain HTTP on a public address (`\(text)`): patient addresses and passwords travel in the clear (add `tls") == true)
  }

  @Test(
    "loopback and private addresses are not warned of",
    arguments: ["127.0.0.1:80", "[::1]:80", "10.1.1.1:80", "192.168.0.1:80", "[fd00::1]:80"])
  func privateAddress(_ text: String) { #expect(listen("listen \(text)").diagnostics.isEmpty) }

  @Test("a listener's own limit of connections", arguments: [("off", nil), ("1", 1), ("1000000", 1_000_000)] as [(String, Int?)])
  func connections(_ text: String, _ expected: Int?) throws {
    let loaded = listen("listen 127.0.0.1:80 { connections \(text) }")
    #expect(loaded.diagnostics.isEmpty)
    #expect(try #require(loaded.configuration?.listeners.first).connections == expected)
  }

  @Test("it has bounds", arguments: ["0", "1000001", "many"])
  func connectionBounds(_ text: String) {
    let loaded = listen("listen 127.0.0.1:80 { connections \(text) }")
    #expect(messages(loaded).count == 1)
    #expect(loaded.configuration == nil)
  }

  @Test("what browsers use, and who sends a PROXY header")
  func inFront() throws {
    let listeners = listen(
      "listen 127.0.0.1:80 { scheme https; proxy_protocol 10.0.0.0/8 fd00::1; proxy_protocol 10.0.0.7 }\nlisten 127.0.0.1:81"
    )
    .configuration?.listeners
    let first = try #require(listeners?.first)
    #expect(first.scheme == .https && first.proxies?.map(\.text) == ["10.0.0.0/8", "fd00:0:0:0:0:0:0:1/128", "10.0.0.7/32"])
    #expect(listeners?.last?.scheme == nil && listeners?.last?.proxies == nil)
    #expect(messages(listen("listen 127.0.0.1:80 { scheme ftp }")).first?.contains("write `http` or `https`") == true)
  }

  @Test("a network that cannot be read is an error, and never no network; one that is everybody is warned of")
  func proxyNetworks() {
    let bad = listen("listen 127.0.0.1:80 { proxy_protocol balancer }")
    #expect(bad.configuration == nil && messages(bad).count == 1)
    let all = listen("listen 127.0.0.1:80 { proxy_protocol 0.0.0.0/0 }")
    #expect(all.configuration != nil && messages(all).first?.contains("warning: `0.0.0.0/0` is every address") == true)
  }

  @Test("a scheme that gainsays what the listener does is an error")
  func contradiction() {
    #expect(messages(listen("listen 127.0.0.1:80 { redirect https; scheme https }")).first?.contains("go round in circles") == true)
    #expect(messages(tls("tls a.pem a.key; scheme http")).first?.contains("browsers use https here") == true)
    #expect(tls("tls a.pem a.key; scheme https; proxy_protocol 10.0.0.1").diagnostics.isEmpty)
  }

  @Test("where TLS ends in front, a public address is not warned of")
  func publicBehindTLS() {
    #expect(listen("listen 0.0.0.0:80 { scheme https }").diagnostics.isEmpty)
    #expect(listen("listen 0.0.0.0:80 { scheme http }").diagnostics.count == 1)
  }

  private static let pair = [
    "/etc/anteroom/a.pem": MemoryFiles.File("x", mode: 0o644), "/etc/anteroom/a.key": MemoryFiles.File("x"),
    "/etc/anteroom/ca.pem": MemoryFiles.File("x", mode: 0o644),
  ]

  private func tls(_ block: String, _ files: [String: MemoryFiles.File] = pair) -> LoadedConfiguration {
    load(
      "listen 0.0.0.0:443 { \(block) }\nsite a.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd } }",
      MemoryFiles(files))
  }

  @Test("certificates, keys and authorities are found beside the file, and a public address is no fault then")
  func certificates() throws {
    let loaded = tls("tls a.pem a.key; tls a.pem a.key; client_ca ca.pem optional")
    #expect(loaded.diagnostics.isEmpty)
    let tls = try #require(loaded.configuration?.listeners.first?.tls)
    #expect(tls.certificates.map(\.chain) == ["/etc/anteroom/a.pem", "/etc/anteroom/a.pem"])
    #expect(tls.certificates[0].key == "/etc/anteroom/a.key" && tls.certificates[0].staple == "/etc/anteroom/a.pem.ocsp")
    #expect(tls.certificates[1].position == Position(file: "gateway.conf", line: 1, column: 43))
    #expect(tls.clientAuthority?.path == "/etc/anteroom/ca.pem" && tls.clientAuthority?.isRequired == false)
    #expect(self.tls("tls a.pem a.key; client_ca ca.pem").configuration?.listeners.first?.tls?.clientAuthority?.isRequired == true)
  }

  @Test("a key that every user may read is an error", arguments: [0o604, 0o644])
  func readableKey(_ mode: UInt32) {
    var files = Self.pair
    files["/etc/anteroom/a.key"]?.mode = mode
    #expect(
      messages(tls("tls a.pem a.key", files)) == [
        "gateway.conf:1:32: error: every user of this machine may read the key a.key (chmod o-r a.key)"
      ])
  }

  @Test(
    "files that are not there, and what makes no sense together, are errors",
    arguments: [
      ("tls b.pem a.key", "the certificate b.pem cannot be read: it does not exist"), ("tls a.pem b.key", "the key b.key cannot be read"),
      ("tls a.pem", "takes 2 arguments"), ("tls a.pem a.key; client_ca b.pem", "the file of authorities b.pem cannot be read"),
      ("client_ca ca.pem", "`client_ca` without `tls`"), ("tls a.pem a.key; client_ca ca.pem maybe", "`optional`"),
      ("tls a.pem a.key; redirect https", "would go round in circles"), ("redirect http", "`https`"), ("redirect https 0", "out of range"),
    ])
  func faults(_ block: String, _ expected: String) {
    let loaded = tls(block)
    #expect(loaded.configuration == nil)
    #expect(messages(loaded).contains { $0.contains(expected) }, "\(messages(loaded))")
  }

  @Test("a listener that only sends browsers to https may be public", arguments: [("redirect https", 443), ("redirect https 8443", 8443)])
  func redirect(_ block: String, _ port: UInt16) {
    let loaded = tls(block)
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.configuration?.listeners.first?.redirectPort == port)
  }
}
