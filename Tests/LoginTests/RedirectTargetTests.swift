import Testing

@testable import Login

struct RedirectTargetTests {
  @Test(
    "deep links survive",
    arguments: [
      "/", "/patients?patient_id=1&return=https://x/y;z&a=%2F+b", "/http://example.com", "/patients?url=//example.com&next=//example.com",
      "/p?a=%zz", "/p%zz", "/p?a&b=&&c", "/p?", "/p??//", "/a//b", "/a/./b", "/a/../b", "/a%2fb", "/my%20file", "/%20x", "/a;b=c/d",
      "/patients;x=1",
      "/.well-known/x", "/.anteroomx", "/a/.anteroom/x", "/x?next=/.anteroom/logout", "/p?a=\\\\evil.com", "/p?x=<'\"{}|^`>", "/@evil.com",
      "/:80", "/%E2%82%AC",
      "/..", "/.", "/a/..", "/%", "/%2", "/%25", "/-//evil.com",
    ])
  func local(_ address: String) {
    #expect(RedirectTarget.isLocal(address.bytes))
  }

  @Test("what passes without a closer look passes that too, and most addresses do")
  func plain() {
    // Every address of up to five of these after the slash.
    let alphabet = "a/.?%;\\\t2eE#".bytes
    var plain = 0
    var addresses: [[UInt8]] = [[47]]
    for _ in 0..<5 {
      addresses = addresses.flatMap { address in alphabet.map { address + [$0] } }
      for address in addresses where RedirectTarget.isPlain(address.span) {
        plain += 1
        if !RedirectTarget.isLocalInEveryReading(address.span) {
          Issue.record("\(String(decoding: address, as: UTF8.self)) is not local")
        }
      }
    }
    #expect(plain > 1_000)
    for address in ["/", "/patients?patient_id=1&return=https://x/y;z&a=%2F+b", "/a/b-c_d/e.html", "/?a=//x", "/a/"] {
      #expect(RedirectTarget.isPlain(address.bytes))
    }
    for address in ["//x", "/a//b", "/.x", "/a/..", "/a;b", "/a%2f", "/a\\b", "/a?\u{1}", "/a?b#c", "/a b", "/é", "/a?é"] {
      #expect(!RedirectTarget.isPlain(address.bytes))
    }
  }

  @Test("a 4 KB query survives")
  func long() {
    #expect(RedirectTarget.isLocal("/p?q=".bytes + [UInt8](repeating: 97, count: 4_096)))
    #expect(!RedirectTarget.isLocal("/p?q=".bytes + [UInt8](repeating: 97, count: 70_000)))
  }

  @Test(
    "whatever could leave the site does not",
    arguments: [
      "", "patients", "http://evil.com/patients", "https:evil.com", "//evil.com/%2e%2e?patient_id=1", "///evil.com", "/\\evil.com",
      "\\/evil.com", "\\\\evil.com",
      "/\t/evil.com", "/\r/evil.com", "/\n/evil.com", "/\u{B}/evil.com", "/ /evil.com", "/%09/evil.com", "/%0a/evil.com",
      "/%0d%0a/evil.com", "/%0b/evil.com",
      "/%20/evil.com", "/%00/evil.com", "/%7f/evil.com", "/%5cevil.com", "/%5Cevil.com", "/%2fevil.com", "/%2f%2fevil.com",
      "/%2F%5cevil.com",
      "/%252fevil.com", "/%25252fevil.com", "/%255cevil.com", "/.//evil.com", "/%2e//evil.com", "/./%2fevil.com", "/a/..//evil.com",
      "/a/%2e%2e//evil.com",
      "/../..//evil.com", "/..//evil.com", "/././/evil.com", "/a/b/../..//evil.com", "/;//evil.com", "/;x/evil.com", "/.;x//evil.com",
      "/a\\b", "/a/..\\\\evil.com",
      "/a/..%5c%5cevil.com", "/%09%09/%09/evil.com", "/.%09//evil.com", "/x\u{7F}", "/x y", "/x#//evil.com", "/x?a#b", "/x\u{0}", "/é",
      "/x?\u{1}",
      "/x\r\nSet-Cookie: a=b",
    ])
  func foreign(_ address: String) {
    #expect(!RedirectTarget.isLocal(address.bytes))
  }

  @Test(
    "no address leads back to our own pages",
    arguments: [
      "/.anteroom", "/.anteroom/", "/.anteroom/login?return=x", "/.anteroom/logout", "/.ANTEROOM/logout", "/%2eanteroom/logout",
      "/%2E%61nteroom",
      "/x/../.anteroom/logout", "/x/%2e%2e/.anteroom/logout", "/./.anteroom/login", "/.anteroom;x/login", "/.anteroom%2flogin",
      "/.anteroom%5clogin",
      "/%252eanteroom/login", "/a//../../.anteroom/login", "/.ante%09room/login",
    ])
  func reserved(_ address: String) {
    #expect(!RedirectTarget.isLocal(address.bytes))
  }
}

extension RedirectTarget {
  fileprivate static func isPlain(_ address: [UInt8]) -> Bool { isPlain(address.span) }
}
