import Config
import Testing

@testable import Policy

struct HostTableTests {
  static let table = HostTable(sites: [
    site([.exact("app.example.com"), .wildcard("example.com")]), site([.exact("au.example.com")]),
    site([.wildcard("eu.example.com"), .exact("::1"), .exact("127.0.0.1")]), site([.exact("example.com")]),
    site([.exact("app.example.com")]),
  ])

  private func match(_ host: String) -> HostMatch? {
    let bytes = Array(host.utf8)
    return Self.table.match(bytes.span)
  }

  @Test(
    "exact names match whatever the case, one final dot and the port",
    arguments: [
      ("app.example.com", 0), ("APP.Example.COM", 0), ("app.example.com.", 0), ("app.example.com:8443", 0), ("app.example.com.:80", 0),
      ("app.example.com:", 0), ("au.example.com", 1), ("example.com", 3), ("127.0.0.1:8080", 2), ("[::1]", 2), ("[::1]:8080", 2),
    ])
  func exact(host: String, site: Int) {
    #expect(match(host) == HostMatch(site: site))
  }

  @Test(
    "a wildcard takes one label of letters, digits and dashes, and tells which bytes it was",
    arguments: [
      ("uk.example.com", 0, 0..<2), ("staging-au1.example.com", 0, 0..<11), ("UK.example.com.:1", 0, 0..<2),
      ("fr.eu.example.com", 2, 0..<2), ("eu.example.com", 0, 0..<2),
    ])
  func wildcard(host: String, site: Int, label: Range<Int>) {
    #expect(match(host) == HostMatch(site: site, label: label))
  }

  @Test(
    "every other host is no site's",
    arguments: [
      "", ".", ":80", "a.B.example.com", "x.fr.eu.example.com", "a_b.example.com", ".example.com", "..example.com", "app.example.com..",
      "evil.com", "app.example.com.evil.com", "evilexample.com", "app.example.com:80x", "app.example.com:80:80", "app.example.com:+1",
      "app.example.com/", "app.example.com ", " app.example.com", "a b.example.com", "a%62.example.com", "é.example.com",
      "app.example.com,app.example.com", "user@app.example.com", "[::1", "[::1]x", "::1", "[uk.example.com]", "uk.example.com\u{0}",
      "\(String(repeating: "a", count: 64)).example.com", String(repeating: "a.", count: 200) + "example.com",
    ])
  func noSite(host: String) {
    #expect(match(host) == nil)
  }

  @Test("a thousand sites are told apart")
  func manySites() {
    let sites = (0..<1000).map { site([.exact("clinic-\($0).example.com"), .wildcard("w\($0).example.net")]) }
    let table = HostTable(sites: sites)
    for index in 0..<1000 {
      let exact = Array("Clinic-\(index).example.com:443".utf8)
      let found = table.match(exact.span)
      #expect(found == HostMatch(site: index))
      let wildcard = Array("au.w\(index).example.net".utf8)
      let foundByWildcard = table.match(wildcard.span)
      #expect(foundByWildcard == HostMatch(site: index, label: 0..<2))
    }
    let unknown = Array("clinic-1000.example.com".utf8)
    let foundUnknown = table.match(unknown.span)
    #expect(foundUnknown == nil)
  }
}
