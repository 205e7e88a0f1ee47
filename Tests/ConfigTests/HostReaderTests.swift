import Testing

@testable import Config

@Suite struct HostReaderTests {
  private func hosts(_ text: String) -> LoadedConfiguration {
    load("listen 127.0.0.1:80\nsite \(text) { upstream http://127.0.0.1:9000; login password { users users.passwd } }")
  }

  @Test(
    "names, wildcards of one label and IPv4 addresses, in lower case and without the final dot",
    arguments: [
      ("app.example.com", HostPattern.exact("app.example.com")), ("APP.Example.COM.", .exact("app.example.com")),
      ("*.example.com", .wildcard("example.com")),
      ("*.Example.com.", .wildcard("example.com")), ("localhost", .exact("localhost")), ("*.localhost", .wildcard("localhost")),
      ("127.0.0.1", .exact("127.0.0.1")),
      ("xn--grsse-nva.example", .exact("xn--grsse-nva.example")), ("a-1.b2", .exact("a-1.b2")),
    ])
  func good(_ text: String, _ expected: HostPattern) {
    let loaded = hosts(text)
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.configuration?.sites.first?.hosts == [expected])
    #expect(loaded.configuration?.sites.first?.name == expected.text)
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("größe.example", "xn--"), ("https://a.example", "without http://"), ("a.example/x", "without a path"),
      ("a.example:8080", "leave the port out"), ("[::1]", "IPv4"),
      ("::1", "IPv4"), ("*", "421"), ("a*.example.com", "whole first label"), ("*a.example.com", "whole first label"),
      ("a.*.example.com", "whole first label"),
      ("*.*.example.com", "whole first label"), ("a_b.example.com", "underscore"), ("*.127.0.0.1", "no wildcard"), ("1.2.3", "labels"),
      ("300.1.1.1", "labels"),
      ("-a.example", "labels"), ("a-.example", "labels"), ("a..example", "labels"), (".example", "labels"), ("*.", "whole first label"),
      (".", "labels"), ("a!b.example", "labels"),
      ("\(String(repeating: "a", count: 64)).example", "labels"), (String(repeating: "a.", count: 127) + "example", "labels"),
    ])
  func bad(_ text: String, _ mend: String) {
    let found = messages(hosts(text))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:2:6: error: `\(text)` is not a host (") == true, "\(found)")
    #expect(found.first?.contains(mend) == true, "\(found)")
  }

  @Test(
    "a host belongs to one site, and is named once",
    arguments: [
      "a.example.com A.example.com.",
      "a.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd } }\nsite A.EXAMPLE.com",
      "*.example.com *.EXAMPLE.com",
    ])
  func twice(_ text: String) {
    let found = messages(hosts(text))
    #expect(found.count == 1)
    #expect(found.first?.contains("is named twice (the first is at line 2; a host belongs to one site)") == true, "\(found)")
  }

  @Test("an exact host may stand beside the wildcard that takes it in")
  func exactAndWildcard() { #expect(hosts("*.example.com app.example.com").diagnostics.isEmpty) }
}
