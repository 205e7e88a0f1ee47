import Config
import Testing

@testable import Pages

@Suite struct ChooseTabPageTests {
  private let pages = SitePages(brand: Brand(), start: "/")

  @Test("each tab is a link, patients by their number, and nothing is chosen for anybody")
  func links() {
    let tabs = [
      WaitingTab(patient: "101", path: "/patients", address: "/.anteroom/login?tab=A"),
      WaitingTab(patient: nil, path: "/a<b>", address: "/.anteroom/login?tab=B"),
    ]
    let text = pages.chooseTab(tabs, goOn: "/home?a&b", host: "app.test").text
    #expect(text.contains("href=\"/.anteroom/login?tab=A\">Patient 101</a>"))
    #expect(text.contains("href=\"/.anteroom/login?tab=B\">The page /a&lt;b&gt;</a>"))
    #expect(text.contains("href=\"/home?a&amp;b\""))
    #expect(!text.contains("http-equiv"))
  }

  @Test("an address that would lead off the site leads to its root", arguments: ["//evil.test/", "https://evil.test/", "/\\evil.test", ""])
  func goOn(_ address: String) {
    #expect(!pages.chooseTab([], goOn: address, host: "app.test").text.contains("evil"))
  }
}
