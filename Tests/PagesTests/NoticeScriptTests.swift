import Testing

@testable import Pages

@Suite("Notice script")
struct NoticeScriptTests {
  let text = String(decoding: NoticeScript.bytes, as: UTF8.self)

  @Test("it uses nothing that an app's strict policy forbids, and asks the gateway alone")
  func policy() {
    for part in ["innerHTML", "eval(", "document.write", "http:", "https:", "setAttribute(\"style", ".style.", "localStorage", ".focus("] {
      #expect(!text.contains(part), "\(part)")
    }
    #expect(text.contains("attachShadow") && text.contains("setAttribute(\"role\", \"status\")"))
    #expect(text.utf8.count < 8_192 && text.utf8.allSatisfy { $0 < 0x80 })
  }
}
