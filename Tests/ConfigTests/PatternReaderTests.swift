import Testing

@testable import Config

@Suite struct PatternReaderTests {
  @Test(
    "paths, subtrees and runs within a segment",
    arguments: [
      "/", "/*", "/favicon.ico", "/static/*", "/api/*/status", "/img/logo-*.png", "/a/b/", "/my%20files/*", "/gr%C3%B6%C3%9Fe",
      "/a:b@c!$&'()+,=~_-", "/.well-known/*", "/a*b*c/*",
    ])
  func good(_ text: String) {
    #expect(LoadContext.patternMend(text) == nil)
    #expect(site("background \(text)")?.background == [PathPattern(text)])
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("static", "begins with `/`"), ("*", "begins with `/`"), ("http://a/", "begins with `/`"), ("/a?b=1", "leave out the `?`"),
      ("/a#b", "`#`"), ("/a%41", "write others as they are"),
      ("/a%2fb", "write others as they are"), ("/a%00", "write others as they are"), ("/a%", "two hexadecimal digits"),
      ("/a%g0", "two hexadecimal digits"), ("/a%+1", "two hexadecimal digits"),
      ("/größe", "percent-encode"), ("\"/a b\"", "percent-encode"), ("/a\\b", "in several ways"), ("\"/a;b\"", "in several ways"),
      ("/.anteroom", "the gateway's own"),
      ("/.Anteroom/login", "the gateway's own"), ("/a/**", "one `*`"), ("//a", "doubled slashes"), ("/a//b", "doubled slashes"),
      ("/a/../b", "`.` and `..`"), ("/.", "`.` and `..`"),
      ("/\(String(repeating: "a", count: 2048))", "at most 2048"), ("\"\"", "begins with `/`"),
    ])
  func bad(_ text: String, _ mend: String) {
    for directive in ["open", "background", "app_logout", "patient"] {
      let found = messages(load(minimal(site: "\(directive) \(text)")))
      #expect(found.count == 1)
      #expect(found.first?.hasPrefix("gateway.conf:5:\(directive.count + 2): error: ") == true, "\(found)")
      #expect(found.first?.contains("is not a path pattern (") == true && found.first?.contains(mend) == true, "\(found)")
    }
  }

  @Test("a pattern named twice is an error, in one line or two")
  func twice() {
    #expect(messages(load(minimal(site: "open /a /a"))).first?.contains(":5:9: error: `/a` is named twice (the first is at line 5") == true)
    #expect(
      messages(load(minimal(site: "open /a\nopen /b /a"))).first?.contains(":6:9: error: `/a` is named twice (the first is at line 5")
        == true)
    #expect(site("open /a\nopen /b\nbackground /a")?.open == [PathPattern("/a"), PathPattern("/b")])
  }

  @Test(
    "an open path that takes in a patient path is warned of",
    arguments: [
      ("/patients", "/patients"), ("/patients/", "/patients"), ("/*", "/patients"), ("/p*", "/patients"), ("/Patients", "/patients"),
      ("/patients/*", "/patients/"),
      ("/a/b", "/a/*"), ("/*/x", "/a/x"),
    ])
  func overlap(_ open: String, _ patient: String) {
    let loaded = load(minimal(site: "protect patient\npatient \(patient)\nopen \(open)"))
    #expect(loaded.configuration != nil)
    #expect(loaded.warnings.filter { $0.line == 7 && $0.message.contains("the patient rule wins") }.count == 1)
  }

  @Test(
    "other open paths are not",
    arguments: [("/patient", "/patients"), ("/static/*", "/patients"), ("/patients/x", "/patients"), ("/a/*", "/a")])
  func noOverlap(_ open: String, _ patient: String) {
    let loaded = load(minimal(site: "patient \(patient)\nopen \(open)"))
    #expect(loaded.diagnostics.isEmpty == (open != "/a/*"))
  }

  @Test("opening everything is warned of")
  func everything() {
    #expect(
      messages(load(minimal(site: "open /*"))) == [
        "gateway.conf:5:6: warning: `open /*` opens the whole app to everybody, patient paths excepted (name the paths that need no login)"
      ])
  }
}
