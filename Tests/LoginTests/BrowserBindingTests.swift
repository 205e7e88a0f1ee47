import Testing

@testable import Login

struct BrowserBindingTests {
  @Test("a binding comes back from its cookie")
  func roundTrip() {
    let binding = BrowserBinding()
    #expect(binding.cookieValue.utf8.count == 22)
    #expect(BrowserBinding(cookie: binding.cookieValue.bytes) == binding)
    #expect(BrowserBinding(bytes: binding.bytes) == binding)
    #expect(BrowserBinding() != binding)
    let known = BrowserBinding(bytes: [UInt8](0..<16))
    #expect(known?.bytes == [UInt8](0..<16))
    #expect(known?.cookieValue == "AAECAwQFBgcICQoLDA0ODw")
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "x", String(repeating: "A", count: 21), String(repeating: "A", count: 23), "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAA==",
    ])
  func refused(_ value: String) {
    #expect(BrowserBinding(cookie: value.bytes) == nil)
  }

  @Test("only 16 bytes are a binding")
  func count() {
    #expect(BrowserBinding(bytes: [UInt8](repeating: 0, count: 15)) == nil)
  }
}
