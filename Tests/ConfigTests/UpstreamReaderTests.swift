import Testing

@testable import Config

@Suite struct UpstreamReaderTests {
  private func upstream(_ text: String, listen: String = "127.0.0.1:8080") -> LoadedConfiguration {
    load("listen \(listen)\nsite a.example.com {\nupstream \(text)\nlogin password { users users.passwd }\n}")
  }

  @Test(
    "http addresses, with port 80 where none is given",
    arguments: [
      ("http://127.0.0.1:9000", "127.0.0.1", 9000), ("http://app", "app", 80), ("HTTP://App.Internal:81/", "app.internal", 81),
      ("http://[::1]:9000", "::1", 9000),
      ("http://[fd00::1]", "fd00::1", 80), ("http://my_app:3000", "my_app", 3000),
    ])
  func good(_ text: String, _ host: String, _ port: UInt16) {
    let loaded = upstream(text)
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.configuration?.sites.first?.upstreams == [UpstreamAddress(host: host, port: port)])
  }

  @Test("several upstreams, and round robin")
  func several() {
    let loaded = upstream("http://127.0.0.1:9000 http://127.0.0.1:9001 { balance round_robin }")
    #expect(loaded.configuration?.sites.first?.upstreams.map(\.port) == [9000, 9001])
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("127.0.0.1:9000", "write it as http://HOST:PORT"), ("ftp://app", "write it as http://HOST:PORT"),
      ("http://app/path", "requests keep their own path"),
      ("http://app?x", "requests keep their own path"), ("http://u:p@app", "requests keep their own path"),
      ("http://app:0", "from 1 to 65535"),
      ("http://app:65536", "from 1 to 65535"), ("http://app:", "from 1 to 65535"), ("http://", "no usable host"),
      ("http://::1", "brackets"), ("http://[app]", "brackets"),
      ("http://-app", "no usable host"), ("http://1.2.3", "no usable host"), ("http://0.0.0.0:9000", "127.0.0.1:9000"),
      ("http://[::]:9000", "127.0.0.1:9000"),
      ("https://app https://app:443", "named twice"), ("https://app/path", "requests keep their own path"),
      ("http://app http://APP:80", "named twice"),
      ("http://größe", "no usable host"),
    ])
  func bad(_ text: String, _ mend: String) {
    let found = messages(upstream(text))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:3:") == true && found.first?.contains(": error: ") == true, "\(found)")
    #expect(found.first?.contains(mend) == true, "\(found)")
  }

  @Test("an upstream on a public address is warned of", arguments: ["http://8.8.8.8", "http://[2001:db8::1]:80"])
  func publicAddress(_ text: String) {
    let loaded = upstream(text)
    #expect(loaded.configuration != nil)
    #expect(loaded.diagnostics.map(\.severity) == [.warning])
    #expect(loaded.diagnostics.first?.message.contains("people could reach it directly") == true)
  }

  @Test(
    "an upstream that is this gateway's own listener is an error",
    arguments: [
      ("http://127.0.0.1:8080", "127.0.0.1:8080"), ("http://localhost:8080/", "127.0.0.1:8080"),
      ("http://127.0.0.1:8080", "10.0.0.1:8080\nlisten 0.0.0.0:8080"),
      ("http://[::1]:8080", "[::1]:8080"), ("http://127.0.0.1", "127.0.0.1:80"),
    ])
  func loop(_ text: String, _ listen: String) {
    #expect(upstream(text, listen: listen).errors.map(\.message).filter { $0.contains("is this gateway itself") }.count == 1)
    #expect(upstream("http://127.0.0.1:8081", listen: listen).errors.isEmpty)
  }
}
