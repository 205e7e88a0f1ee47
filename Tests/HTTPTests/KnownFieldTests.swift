import Testing

@testable import HTTP

@Suite struct KnownFieldTests {
  @Test("Every known name is found in any case, and nothing else is", arguments: KnownField.allCases.filter { $0 != .other })
  func lookUp(known: KnownField) {
    for name in [known.lowercaseName, known.lowercaseName.uppercased()] {
      let bytes = [UInt8](name.utf8)
      #expect(KnownFieldTable.shared.find(bytes.span, 0..<bytes.count) == known)
      for place in bytes.indices {
        var other = bytes
        other[place] ^= 0x40
        #expect(KnownFieldTable.shared.find(other.span, 0..<bytes.count) == .other)
      }
      #expect(KnownFieldTable.shared.find((bytes + [0x78]).span, 0..<bytes.count + 1) == .other)
      #expect(KnownFieldTable.shared.find(bytes.span, 0..<bytes.count - 1) != known)
    }
  }

  @Test("A control byte does not pass for a dash")
  func controlBytes() {
    let bytes = [UInt8]("content\rlength".utf8)
    #expect(KnownFieldTable.shared.find(bytes.span, 0..<bytes.count) == .other)
  }

  @Test("A set of known fields fits one word")
  func count() {
    #expect(KnownField.allCases.count <= 64)
  }

  @Test("Fields about one connection are known as such")
  func hopByHop() {
    let names = KnownField.allCases.filter(\.isHopByHop).map(\.lowercaseName)
    #expect(
      Set(names) == [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization", "te",
        "trailer",
        "transfer-encoding", "upgrade", "http2-settings",
      ])
  }
}
