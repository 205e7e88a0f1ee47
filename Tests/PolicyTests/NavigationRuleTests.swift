import Testing

@testable import Policy

struct NavigationRuleTests {
  private func mode(_ value: String, lines: Int = 1) -> NavigationRule.FetchMode {
    let bytes = Array(value.utf8)
    return NavigationRule.fetchMode(bytes.span, lines: lines)
  }

  @Test("Sec-Fetch-Mode is read strictly")
  func fetchMode() {
    #expect(mode("navigate") == .navigate)
    #expect(mode(" navigate\t") == .navigate)
    #expect(mode("", lines: 0) == .absent)
    #expect(mode("navigate", lines: 2) == .other)
    for value in ["", "cors", "no-cors", "same-origin", "websocket", "Navigate", "navigate, cors", "navigate;x", "navigat", "navigates"] {
      #expect(mode(value) == .other)
    }
  }

  @Test(
    "Accept names text/html or does not",
    arguments: [
      ("text/html", true), ("TEXT/HTML", true), ("text/html,application/xhtml+xml,*/*;q=0.8", true),
      ("application/json, text/html ;q=0.1", true),
      ("text/html;level=1", true), ("text/html;q=0", false), ("text/html; q=0.000", false), ("text/html;q=0, text/html", true), ("", false),
      ("*/*", false), ("text/*", false), ("application/json", false), ("text/htmlx", false), ("xtext/html", false), (",,", false),
      ("application/json;x=text/html", false), ("text/html;Q=0.5", true), ("text/html;q=0.001", true), ("text/html;q=1", true),
      ("text/html;level=1;Q=0", false), (",,text/html", true), (";text/html", false), ("a/b;x=\"text/html\"", false),
      ("a/b;x=\",text/html,\"", false), ("a/b;x=\"\\\",text/html\"", false), ("a/b;x=\",\", text/html", true),
      ("a/b;x=\"\\\\\",text/html", true), ("a/b;x=\",text/html", false), ("a/b;x=\"\\", false), ("text/html;x=\";q=0\"", true),
      ("text/html;x=\";\";q=0", false), ("text/html;x=\",\";q=0", false),
    ])
  func accept(value: String, expected: Bool) {
    let bytes = Array(value.utf8)
    let found = NavigationRule.namesHTML(bytes.span)
    #expect(found == expected)
  }

  @Test("Sec-Fetch-Mode decides, then X-Requested-With, then method and Accept", arguments: [false, true], [false, true])
  func order(isGetOrHead: Bool, hasRequestedWith: Bool) {
    for acceptsHTML in [false, true] {
      func rule(_ mode: NavigationRule.FetchMode) -> Bool {
        NavigationRule.isNavigation(
          isGetOrHead: isGetOrHead, fetchMode: mode, hasRequestedWith: hasRequestedWith, acceptsHTML: acceptsHTML)
      }
      #expect(rule(.navigate))
      #expect(!rule(.other))
      #expect(rule(.absent) == (isGetOrHead && !hasRequestedWith && acceptsHTML))
    }
  }
}
