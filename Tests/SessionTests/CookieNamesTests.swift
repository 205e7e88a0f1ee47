import Crypto
import Testing

@testable import Session

@Suite struct CookieNamesTests {
  func kind(_ name: String, _ names: CookieNames) -> CookieNames.Kind? {
    names.kind(of: [UInt8](name.utf8).span)
  }

  func isOurs(_ name: String) -> Bool { CookieNames.isOurs(name: [UInt8](name.utf8).span) }

  func isOurs(setCookie field: String) -> Bool { CookieNames.isOurs(setCookie: [UInt8](field.utf8).span) }

  @Test("names for https carry the __Host- prefix, those for plain HTTP do not")
  func names() {
    #expect(CookieNames.secure.session == "__Host-anteroom")
    #expect(CookieNames.secure.device == "__Host-anteroom-device")
    #expect(CookieNames.secure.binding([0, 0, 0, 0, 0, 1]) == "__Host-anteroom-b-AAAAAAAB")
    #expect(CookieNames.plain.session == "anteroom")
    #expect(CookieNames.plain.device == "anteroom-device")
    #expect(CookieNames.plain.binding([255, 255, 255, 255, 255, 255]) == "anteroom-b-________")
    #expect(CookieNames.names(isSecure: true) === CookieNames.secure)
    #expect(CookieNames.names(isSecure: false) === CookieNames.plain)
  }

  @Test("each scheme knows its own cookies and not the other's")
  func kinds() {
    for (names, others) in [(CookieNames.secure, CookieNames.plain), (.plain, .secure)] {
      let binding = names.binding(Random.bytes(6))
      #expect(kind(names.session, names) == .session)
      #expect(kind(names.device, names) == .device)
      #expect(kind(binding, names) == .binding)
      for name in [names.session, names.device, binding] { #expect(kind(name, others) == nil) }
    }
  }

  @Test(
    "a name that is not exactly one of ours is none",
    arguments: [
      "", "anteroo", "anteroom ", "Anteroom", "anteroom-b-", "anteroom-b-1234567", "anteroom-b-123456789", "anteroom-b-1234567=",
      "anteroom-b-1234567 ", "anteroom-c-12345678", "anteroom-devices", "ANTEROOM-B-12345678",
    ])
  func strangers(name: String) {
    #expect(kind(name, .plain) == nil)
    #expect(kind("__Host-" + name, .secure) == nil)
  }

  @Test(
    "everything in our name space is ours, in any case",
    arguments: [
      "anteroom", "ANTEROOM", "anteroom-device", "anteroom-b-AAAAAAAA", "anteroom-", "Anteroom-Other", "__Host-anteroom", "__HOST-ANTEROOM",
      "__host-anteroom-b-x", "__Host-anteroom-device", "__Secure-anteroom", "__secure-anteroomx", " anteroom", "anteroom\t",
    ])
  func ours(name: String) {
    #expect(isOurs(name))
  }

  @Test(
    "the app's cookies are its own",
    arguments: [
      "", " ", "a", "anteroo", "anterooms", "anteroom2", "xanteroom", "__Host-anteroomx", "__Host-", "__Host-session", "__Secure-x",
    ])
  func theirs(name: String) {
    #expect(!isOurs(name))
  }

  @Test("whose a cookie is follows from what is ours, and which one is the session's")
  func owners() {
    let words = ["", "a", "anteroom", "Anteroom", "__Host-anteroom", "__host-anteroom", "__Secure-anteroom", "anteroom-"]
    let ends = ["", "-", "x", "-device", "-b-AAAAAAAA", "-b-AAAAAAA", "-b-AAAAAAA=", " "]
    for names in [CookieNames.secure, .plain] {
      for name in words.flatMap({ word in ends.map { word + $0 } }) {
        let owner = names.owner(of: [UInt8](name.utf8).span)
        #expect(owner == (kind(name, names) == .session ? .session : isOurs(name) ? .gateway : .app), "\(name)")
      }
    }
  }

  @Test("any other byte in the place of one of ours makes it the app's, but for the case of a letter")
  func everyByte() {
    for name in ["anteroom", "anteroom-device", "__Host-anteroom", "__Secure-anteroom"] {
      for place in 0..<name.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](name.utf8)
          bytes[place] = byte
          let lower = String(decoding: bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
          let expected =
            lower == "anteroom" || lower.hasPrefix("anteroom-") || lower == "__host-anteroom" || lower.hasPrefix("__host-anteroom-")
            || lower.hasPrefix("__secure-anteroom")
          #expect(CookieNames.isOurs(name: bytes.span) == expected, "\(bytes)")
        }
      }
    }
  }

  @Test("the scheme's own names are all ours")
  func complete() {
    for names in [CookieNames.secure, .plain] {
      for name in [names.session, names.device, names.binding(Random.bytes(6))] { #expect(isOurs(name)) }
    }
  }

  @Test(
    "the app may not set our cookies, by whatever trick",
    arguments: [
      "anteroom=1", "Anteroom=1; Path=/x", " anteroom =1", "__Host-anteroom=; Max-Age=0", "=anteroom=1", "= =anteroom=1; b",
      " = __Host-anteroom=1",
      "anteroom", "anteroom; Path=/", "__Secure-anteroom-x=1", "anteroom-b-AAAAAAAA=1",
    ])
  func setByApp(field: String) {
    #expect(isOurs(setCookie: field))
  }

  @Test("what the app sets for itself passes", arguments: ["", "=", ";", "sid=anteroom", "sid=1; anteroom=2", "sid", "=sid=anteroom=1"])
  func appsOwn(field: String) {
    #expect(!isOurs(setCookie: field))
  }

  @Test("a cookie over https is Secure, both are HttpOnly and Lax, none has a Domain")
  func attributes() {
    #expect(
      CookieNames.secure.setCookie("__Host-anteroom", value: "x") == "__Host-anteroom=x; Path=/; Secure; HttpOnly; SameSite=Lax")
    #expect(CookieNames.plain.setCookie("anteroom", value: "x") == "anteroom=x; Path=/; HttpOnly; SameSite=Lax")
    #expect(
      CookieNames.secure.setCookie("__Host-anteroom-device", value: "x", maxAge: 60)
        == "__Host-anteroom-device=x; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax")
  }

  @Test("a cookie is cleared with the attributes it was set with")
  func clearing() {
    for names in [CookieNames.secure, .plain] {
      let set = names.setCookie(names.session, value: "x")
      let cleared = names.clearCookie(names.session)
      #expect(cleared.contains("; Max-Age=0"))
      #expect(cleared.replacing("=; Max-Age=0", with: "=x") == set)
    }
  }
}
