import Testing

@testable import Login

struct RefererAddressTests {
  private func address(_ referer: String, origin: String = "https://app.example.test") throws -> String? {
    let origin = try #require(WebOrigin(serialized: origin.bytes))
    return RefererAddress.sameOrigin(referer: referer.bytes.span, origin: origin).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("path and query of our own page come back byte for byte")
  func own() throws {
    #expect(try address("https://app.example.test/patients?patient_id=1&a=%2F+b;c") == "/patients?patient_id=1&a=%2F+b;c")
    #expect(try address("HTTPS://App.Example.Test:443/x") == "/x")
    #expect(try address("https://app.example.test") == "/")
    #expect(try address("https://app.example.test?a") == "/?a")
    #expect(try address("https://app.example.test/x#part") == "/x")
    #expect(try address("http://localhost:8080/x", origin: "http://localhost:8080") == "/x")
  }

  @Test(
    "other sites, hostile addresses and our own forms give none",
    arguments: [
      "", "/x", "about:blank", "https://evil.test/x", "http://app.example.test/x", "https://app.example.test:8443/x",
      "https://app.example.test@evil.test/",
      "https://user@app.example.test/x", "https://app.example.test\\@evil.test/", "https://app.example.test//evil.test",
      "https://app.example.test/\\evil.test",
      "https://app.example.test/.anteroom/login", "https://app.example.test/a b", "https://app.example.test.evil.test/x",
    ])
  func others(_ referer: String) throws {
    #expect(try address(referer) == nil)
  }

  @Test("an endless referer gives none")
  func long() throws {
    #expect(try address("https://app.example.test/" + String(repeating: "a", count: 70_000)) == nil)
  }
}
