import Testing

@testable import Config

@Suite struct HeaderFieldsReaderTests {
  @Test("without an identity block the user alone is sent; with one, what it names")
  func identity() {
    #expect(site("")?.identity == IdentityFields())
    #expect(
      site("identity { user X-U; name X-N; email X-E; groups X-G }")?.identity
        == IdentityFields(user: "X-U", name: "X-N", email: "X-E", groups: "X-G"))
    #expect(site("identity { email X-E }")?.identity == IdentityFields(user: nil, email: "X-E"))
    #expect(site("identity {}")?.identity == IdentityFields(user: nil))
  }

  @Test("request sets and drops fields; values may come from a file or the environment")
  func request() {
    let files = MemoryFiles(["/etc/anteroom/basic.secret": .init("Basic abc\r\nmore\n")])
    let fields = site(
      "request { set Authorization file:basic.secret; set X-A env:A; set X-B \"b c\"; drop X-C X-D; drop X-E }", files,
      environment: ["A": "ä"])?.request
    #expect(
      fields?.set == [.init(name: "Authorization", value: "Basic abc"), .init(name: "X-A", value: "ä"), .init(name: "X-B", value: "b c")])
    #expect(fields?.drop == ["X-C", "X-D", "X-E"])
  }

  @Test(
    "a value that no header can carry is an error that does not show it",
    arguments: [
      ("\"sec\\nret\"", "control character"), ("\"\"", "is empty"), ("\" secret\"", "begins or ends with a blank"),
      ("\"secret \"", "begins or ends with a blank"),
      ("\"sec\tret\"", "control character"), (String(repeating: "secret", count: 1400), "longer than 8 KB"),
      ("env:TABBED", "control character"),
    ])
  func values(_ value: String, _ message: String) {
    let found = messages(load(minimal(site: "request { set X-A \(value) }"), environment: ["TABBED": "secret\r\nX: y"]))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:5:19: error: ") == true && found.first?.contains(message) == true, "\(found)")
    #expect(found.first?.contains("ret") == false)
  }
}
