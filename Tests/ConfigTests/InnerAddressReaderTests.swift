import Testing

@testable import Config

@Suite struct InnerAddressReaderTests {
  private func upstream(_ block: String) -> LoadedConfiguration {
    load("listen 127.0.0.1:8080\nsite a.example.com {\nupstream http://app {\n\(block)\n}\nlogin password { users users.passwd }\n}")
  }

  private func inner(_ url: String) -> InnerAddress? {
    let loaded = upstream("inner \(url)")
    #expect(loaded.diagnostics.isEmpty, "\(loaded.diagnostics)")
    return loaded.configuration?.sites.first?.upstreamSettings.inner.first
  }

  private func address(_ host: String, _ port: UInt16, isSecure: Bool = false) -> UpstreamAddress {
    UpstreamAddress(host: host, port: port, isSecure: isSecure)
  }

  @Test("an inner address has a scheme, a host, perhaps a port, and perhaps a path")
  func forms() {
    #expect(inner("http://app.internal") == InnerAddress(address: address("app.internal", 80)))
    #expect(inner("HTTPS://App_1.Internal/") == InnerAddress(address: address("app_1.internal", 443, isSecure: true)))
    #expect(inner("http://10.0.0.1:8080/clinic/") == InnerAddress(address: address("10.0.0.1", 8080), prefix: "/clinic"))
    #expect(inner("http://[FD00::1]:9000/a%20b/.c") == InnerAddress(address: address("fd00::1", 9000), prefix: "/a%20b/.c"))
    #expect(inner("http://old.example.com") == InnerAddress(address: address("old.example.com", 80)))
  }

  @Test("several may be named, and rewriting is on unless it is turned off")
  func several() {
    let settings = upstream("inner http://a; inner http://a/b; inner https://a; inner http://a:81").configuration?.sites.first?
      .upstreamSettings
    #expect(settings?.inner.count == 4 && settings?.rewrites == true)
    #expect(upstream("rewrite off").configuration?.sites.first?.upstreamSettings.rewrites == false)
    #expect(upstream("rewrite on; inner http://a").configuration?.sites.first?.upstreamSettings.rewrites == true)
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("inner app.internal", "such as http://app.internal:8080/"), ("inner ftp://app.internal", "is not an inner address"),
      ("inner //app.internal", "is not an inner address"), ("inner http:///x", "no usable host and port"),
      ("inner http://app:0", "no usable host and port"), ("inner http://app:70000", "no usable host and port"),
      ("inner http://app:", "no usable host and port"), ("inner http://user@app", "no usable host and port"),
      ("inner http://fd00::1", "no usable host and port"), ("inner http://[10.0.0.1]", "no usable host and port"),
      ("inner http://-a", "no usable host and port"), ("inner http://app?x", "no usable host and port"),
      ("inner \"http://app\\\\x\"", "no usable host and port"), ("inner http://app/a?x", "no usable path"),
      ("inner \"http://app/a b\"", "no usable path"), ("inner \"http://app/a#b\"", "no usable path"),
      ("inner http://app/a//b", "no usable path"),
      ("inner http://app//", "no usable path"), ("inner http://app/a/../b", "no usable path"), ("inner http://app/é", "no usable path"),
      ("inner \"http://app/a\\\\b\"", "no usable path"), ("inner http://app/" + String(repeating: "a", count: 2048), "no usable path"),
      ("inner http://app/x; inner HTTP://APP:80/x/", "is named twice"), ("rewrite maybe", "write `on` or `off`"),
      ("rewrite off; inner http://app", "take one of them out"),
      ((0...100).map { "inner http://a\($0)" }.joined(separator: "; "), "more than 100 inner addresses"),
    ])
  func bad(_ block: String, _ mend: String) {
    let found = messages(upstream(block))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:4:") == true && found.first?.contains(": error: ") == true, "\(found)")
    #expect(found.first?.contains(mend) == true, "\(found)")
  }
}
