import Testing

@testable import TLS

@Suite struct ServerNameTests {
  /// The extension as a client sends it.
  private func list(_ name: String, kind: UInt8 = 0) -> [UInt8] {
    let bytes = [UInt8](name.utf8)
    let entry = [kind, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    return [UInt8(entry.count >> 8), UInt8(entry.count & 0xFF)] + entry
  }

  private func parse(_ bytes: [UInt8]) -> String? { ServerName.parse(bytes.span).map { String(decoding: $0, as: UTF8.self) } }

  @Test("a name is read without regard to case and a final dot")
  func good() {
    #expect(parse(list("app.example.com")) == "app.example.com")
    #expect(parse(list("APP.Example.COM.")) == "app.example.com")
  }

  @Test("what is no name is none, and reads nothing beyond its end")
  func bad() {
    #expect(parse([]) == nil)
    #expect(parse(list("")) == nil)
    #expect(parse(list(".")) == nil)
    #expect(parse(list("a b")) == nil)
    #expect(parse(list("a\0b")) == nil)
    #expect(parse(list("é.test")) == nil)
    #expect(parse(list("app.test", kind: 1)) == nil)
    #expect(parse(list(String(repeating: "a", count: 254))) == nil)
    let whole = list("app.test")
    for count in 0..<whole.count { #expect(parse(Array(whole[..<count])) == nil) }
    #expect(parse([0, 6, 0, 0xFF, 0xFF, 97, 98, 99]) == nil)
  }

  @Test("of the protocols that a client offers http/1.1 is found, and of a broken list nothing")
  func protocols() {
    let h1: [UInt8] = [8] + Array("http/1.1".utf8)
    let h2: [UInt8] = [2] + Array("h2".utf8)
    #expect(Protocols.find(in: h1.span) == 1..<9)
    #expect(Protocols.find(in: (h2 + h1).span) == 4..<12)
    #expect(Protocols.find(in: h2.span) == nil)
    #expect(Protocols.find(in: [UInt8]().span) == nil)
    #expect(Protocols.find(in: ([0] + h1).span) == nil)
    #expect(Protocols.find(in: ([200] + h1).span) == nil)
    #expect(Protocols.find(in: Array(h1.dropLast()).span) == nil)
  }
}
