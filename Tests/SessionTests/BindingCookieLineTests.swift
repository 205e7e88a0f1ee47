import Crypto
import Testing

@testable import Session

@Suite struct BindingCookieLineTests {
  @Test("a line sets the cookie that the names would set, under a name of its own", arguments: [false, true])
  func line(isSecure: Bool) throws {
    let names = CookieNames.names(isSecure: isSecure)
    let line = BindingCookieLine(names)
    var output: [UInt8] = [33]
    line.append(random: 0x0605_0403_0201, to: &output) { $0 += "value".utf8 }
    let expected = names.setCookie(names.binding([1, 2, 3, 4, 5, 6]), value: "value")
    #expect(String(decoding: output, as: UTF8.self) == "!Set-Cookie: \(expected)\r\n")
    let name = try #require(expected.split(separator: "=").first)
    #expect(names.kind(of: [UInt8](name.utf8).span) == .binding)
  }

  @Test("other random bits give another name")
  func names() {
    func name(_ random: UInt64) -> [UInt8] {
      var output: [UInt8] = []
      BindingCookieLine(.secure).append(random: random, to: &output) { _ in }
      return output
    }
    #expect(Set((0..<48).map { name(1 << $0) }).count == 48)
  }
}
