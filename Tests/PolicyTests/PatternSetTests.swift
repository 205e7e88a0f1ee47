import Config
import Testing

@testable import Policy

struct PatternSetTests {
  private func matches(_ set: PatternSet, _ path: String, ignoringCase: Bool = false) -> Bool {
    let bytes = Array(path.utf8)
    return set.firstMatch(bytes.span, ignoringCase: ignoringCase) != nil
  }

  @Test(
    "patterns match what they say",
    arguments: [
      ("/static/*", "/static/", true), ("/static/*", "/static/a", true), ("/static/*", "/static/a/b", true),
      ("/static/*", "/static", false),
      ("/static/*", "/statics/a", false), ("/static/*", "/x/static/a", false), ("/*", "/", true), ("/*", "/a/b", true),
      ("/favicon.ico", "/favicon.ico", true), ("/favicon.ico", "/favicon.ico/", false), ("/favicon.ico", "/faviconxico", false),
      ("/favicon.ico", "/favicon.icon", false), ("/api/*/status", "/api/x/status", true), ("/api/*/status", "/api//status", true),
      ("/api/*/status", "/api/x/y/status", false), ("/api/*/status", "/api/x/status/", false), ("/api/*/status", "/api/status", false),
      ("/api/*/files/*", "/api/x/files/a/b", true), ("/api/*/files/*", "/api/x/y/files/a", false), ("/a*b*c", "/aXbXbXc", true),
      ("/a*b*c", "/aXbXbX", false), ("/a*b*c", "/aXb/Xc", false), ("/*.css", "/site.css", true), ("/*.css", "/a/site.css", false),
      ("/*.css", "/a.css.css", true), ("/**", "/abc", true), ("/**", "/a/c", false), ("/x/*a/y*z", "/x/aaa/yyzz", true),
      ("/A", "/a", false),
      ("/my%20files/*", "/my files/a", true), ("/my%20files/*", "/my%20files/a", true), ("/a%2ab", "/aXb", false), ("/a%2ab", "/a*b", true),
    ])
  func table(pattern: String, path: String, expected: Bool) {
    #expect(matches(PatternSet([PathPattern(pattern)]), path) == expected)
  }

  @Test("case is ignored where asked for")
  func ignoringCase() {
    let set = PatternSet([PathPattern("/Log*Out")])
    #expect(matches(set, "/lOGxoUT", ignoringCase: true))
    #expect(!matches(set, "/lOGxoUT"))
  }

  @Test(
    "a patient page is meant with and without a final slash",
    arguments: [
      ("/patients", "/patients", true), ("/patients", "/patients/", true), ("/patients", "/patients/5", false),
      ("/patients/", "/patients", true),
      ("/patients/*", "/patients", true), ("/patients/*", "/patients/", true), ("/patients/*", "/patients/5", true), ("/", "/", true),
      ("/", "/x", false), ("/*/p", "/a/p/", true),
    ])
  func patientPages(pattern: String, path: String, expected: Bool) {
    #expect(matches(PatternSet(patientPages: [PathPattern(pattern)]), path) == expected)
  }

  @Test("the first of several matching patterns is named")
  func order() {
    let set = PatternSet([PathPattern("/a"), PathPattern("/b/*"), PathPattern("/b/c")])
    let path = Array("/b/c".utf8)
    let found = set.firstMatch(path.span, ignoringCase: false)
    #expect(found == 1)
  }

  @Test("many stars against a long segment end in bounded time")
  func hostileGlob() {
    let set = PatternSet([PathPattern("/" + String(repeating: "*a", count: 20) + "b")])
    #expect(!matches(set, "/" + String(repeating: "a", count: 16 << 10)))
  }
}
