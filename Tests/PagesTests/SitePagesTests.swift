import Config
import Testing

@testable import Pages

@Suite("SitePages")
struct SitePagesTests {
  @Test("every page is a whole English document with a title, one main landmark, one heading and a viewport", arguments: everyPage)
  func document(name: String, page: Page) {
    let text = page.text
    #expect(text.hasPrefix("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"))
    #expect(text.hasSuffix("</html>\n"))
    for part in ["<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "<title>", "<main>", "<h1>", "<header>"] {
      #expect(text.ranges(of: part).count == 1, "\(part)")
    }
    #expect(text.ranges(of: " autofocus").count <= 1)
    #expect(!text.contains("user-scalable") && !text.contains("maximum-scale"))
  }

  @Test("no page has scripts, event handlers, style attributes, second styles, frames or anything from elsewhere", arguments: everyPage)
  func nothingThePolicyForbids(name: String, page: Page) {
    let text = page.text.lowercased()
    for part in ["<script", " style=", "javascript:", "http:", "https:", "href=\"//", "<iframe", "<base", "@import", "url("]
    where !(part.hasPrefix("https") && (name == leaving || name == signingOut || offers.contains(name)))
      && !(part == "<script" && name == speaking)
    {
      #expect(!text.contains(part), "\(part)")
    }
    #expect(!text.contains(#/\son[a-z]+=/#))
    #expect(text.ranges(of: "<style>").count == 1)
    #expect(text.contains("http-equiv") == (name == leaving || name == signingOut))
    for form in text.split(separator: "<form").dropFirst() where !form.hasPrefix(" method=\"post\" action=\"https://app.example.com/") {
      #expect(form.hasPrefix(" method=\"post\" action=\"/.anteroom/"))
    }
  }

  @Test("every field that people fill in has a label, every id is there once, and what describes a field exists", arguments: everyPage)
  func accessible(name: String, page: Page) {
    let text = page.text
    let ids = text.matches(of: #/\sid="([^"]+)"/#).map { String($0.1) }
    #expect(Set(ids).count == ids.count)
    for input in text.matches(of: #/<input\s[^>]*>/#).map({ String($0.0) }) where !input.contains("type=\"hidden\"") {
      let id = input.firstMatch(of: #/id="([^"]+)"/#).map { String($0.1) } ?? "?"
      #expect(text.contains("<label for=\"\(id)\">"))
    }
    for reference in text.matches(of: #/aria-describedby="([^"]+)"/#) { #expect(ids.contains(String(reference.1))) }
  }

  @Test("the brand's name and the host stand at the top; without a brand the host alone does; with neither, nothing made up does")
  func header() {
    #expect(clinicPages.signedOut(host: clinicHost).text.contains("<p>Harbour Physio</p>\n<p class=\"host\">app.example.com</p>"))
    #expect(clinicPages.signedOut(host: clinicHost).text.contains("<title>You are signed out – Harbour Physio</title>"))
    let plain = SitePages(brand: Brand(), start: "/").signedOut(host: clinicHost).text
    #expect(plain.contains("<div><p>app.example.com</p></div>") && plain.contains("<title>You are signed out – app.example.com</title>"))
    #expect(SitePages.unbranded.signedOut(host: "").text.contains("<title>You are signed out</title>"))
    #expect(SitePages(brand: Brand(name: "\u{0}"), start: "/").signedOut(host: "h").text.contains("<div><p>h</p></div>"))
  }

  @Test("a logo is in the page itself, and a mark stands in for a missing one")
  func logo() {
    let logo = Brand.Logo(type: "image/png", bytes: Array("foobar".utf8))
    let text = SitePages(brand: Brand(name: "A", logo: logo), start: "/").signedOut(host: "h").text
    #expect(text.contains("<img class=\"logo\" src=\"data:image/png;base64,Zm9vYmFy\" alt=\"\">") && !text.contains("class=\"mark\""))
    #expect(clinicPages.signedOut(host: "h").text.contains("<span class=\"mark\" aria-hidden=\"true\"></span>"))
  }

  @Test("brand, host and logo type are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let logo = Brand.Logo(type: "x" + raw, bytes: [])
    let text = SitePages(brand: Brand(name: "n" + raw, logo: logo), start: "/").signedOut(host: "h" + raw).text
    #expect(text.contains("<p>n\(shown)</p>") && text.contains("\">h\(shown)</p>") && text.contains("data:x\(shown.prefix(40))"))
    #expect(text.ranges(of: "<script").isEmpty)
  }

  @Test("a long name and a long host are cut")
  func bounded() {
    let text = SitePages(brand: Brand(name: String(repeating: "n", count: 9000)), start: "/").signedOut(
      host: String(repeating: "h", count: 9000)
    )
    .text
    #expect(!text.contains(String(repeating: "n", count: 81)) && !text.contains(String(repeating: "h", count: 254)))
  }

  @Test(
    "the start page is on this site", arguments: ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\t/evil.example", "x"])
  func startStaysHere(start: String) {
    #expect(SitePages(brand: clinic, start: start).error(.notFound, requestID: "", host: "").text.contains("href=\"/\">Go to the start"))
  }

  @Test("the start page is linked with its query, escaped; without one there is no link")
  func start() {
    #expect(clinicPages.error(.notFound, requestID: "", host: "").text.contains("href=\"/home?tab=1&amp;view=2\""))
    #expect(!SitePages.unbranded.error(.notFound, requestID: "", host: "").text.contains("<a "))
  }
}
