import Testing

@testable import Login

@Suite struct TabFieldTests {
  private static let name = "AbCdEfGhIjKlMnOpQrStUv"

  @Test("a query names a tab by exactly one field that may be one")
  func tab() {
    #expect(TabField.tab(in: Array("anteroom=\(Self.name)".utf8)) == Self.name)
    #expect(TabField.tab(in: Array("next=/&anteroom=\(Self.name)&x".utf8)) == Self.name)
  }

  @Test(
    "anything else names none",
    arguments: [
      "", "anteroom", "anteroom=", "anteroom=short", "anteroom=AbCdEfGhIjKlMnOpQrStU%", "Anteroom=AbCdEfGhIjKlMnOpQrStUv",
      "anteroomx=AbCdEfGhIjKlMnOpQrStUv", "anteroom=AbCdEfGhIjKlMnOpQrStUv&anteroom=AbCdEfGhIjKlMnOpQrStUw",
    ])
  func none(_ query: String) { #expect(TabField.tab(in: Array(query.utf8)) == nil) }

  @Test(
    "what is left without the field is as it was, byte for byte",
    arguments: [
      ("/login", "/login"), ("/login?", "/login?"), ("/login?anteroom=x", "/login"),
      ("/login?a=%2F&&b=+&anteroom=x&c", "/login?a=%2F&&b=+&c"),
      ("/login?anteroom=x&", "/login?"), ("/login?anteroomy=x", "/login?anteroomy=x"), ("/login?x=anteroom=y", "/login?x=anteroom=y"),
    ])
  func removed(_ target: String, _ left: String) {
    #expect(String(decoding: TabField.removed(from: Array(target.utf8)), as: UTF8.self) == left)
  }

  @Test(
    "the field goes behind the query and in front of the fragment, and takes another one's place",
    arguments: [
      ("/login", "/login?anteroom=T"), ("/login?a=b", "/login?a=b&anteroom=T"), ("/login#x?y", "/login?anteroom=T#x?y"),
      ("https://a.test/login?anteroom=old", "https://a.test/login?anteroom=T"),
    ])
  func appended(_ address: String, _ expected: String) {
    #expect(String(decoding: TabField.appended("T", to: Array(address.utf8)), as: UTF8.self) == expected)
  }
}
