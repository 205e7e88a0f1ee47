import Testing

@testable import Pages

@Suite("Stylesheet")
struct StylesheetTests {
  @Test(
    "the hash used here is SHA-256",
    arguments: [
      (3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"),
      (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
      (5000, "c526c6222044dab5674de9c4ac7f4566ebb5e4d8bf9d8ea34c9cc8a7cc3c869c"),
    ])
  func hashIsRight(count: Int, expected: String) {
    let digest = sha256(Array(repeating: UInt8(ascii: "a"), count: count))
    #expect(digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == expected)
  }

  @Test("the policy admits exactly the bytes of the style, as a browser sees them between the tags")
  func policyNamesTheStyle() throws {
    let page = SitePages.unbranded.signedOut(host: "")
    let text = page.text
    let from = try #require(text.firstRange(of: "<style>"))
    let to = try #require(text.firstRange(of: "</style>"))
    let hash = "sha256-" + Base64.encode(sha256(Array(text[from.upperBound..<to.lowerBound].utf8)))
    #expect(Stylesheet.hash == hash)
    #expect(page.contentSecurityPolicy.contains("style-src '\(hash)'"))
  }

  @Test("the policy begins by denying everything, and lets nobody frame the page or send its forms elsewhere")
  func policyDenies() {
    let policy = Stylesheet.contentSecurityPolicy
    #expect(policy.hasPrefix("default-src 'none'; "))
    for part in ["img-src data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] { #expect(policy.contains(part)) }
    #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
  }

  @Test("fields are 16 px or more, so that phones do not zoom; focus is visible; both schemes and reduced motion are served")
  func styleServesEverybody() {
    let style = Stylesheet.markup.text
    #expect(style.contains("input{") && style.contains("font-size:1rem"))
    for part in [":focus-visible{outline:3px", "prefers-color-scheme:dark", "prefers-reduced-motion", "forced-colors:active"] {
      #expect(style.contains(part))
    }
    #expect(!style.contains("url(") && !style.contains("@import") && !style.contains("\r"))
  }

  @Test("text stands out from its ground as WCAG AA asks, in both schemes", arguments: [0, 1])
  func contrast(scheme: Int) throws {
    let style = Stylesheet.markup.text
    let blocks = style.split(separator: ":root{", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0 != "}" }) }
    let colours = try #require(blocks.count == 2 ? blocks[scheme] : nil)
    func ratio(_ one: String, _ two: String) throws -> Double {
      let lights = try [one, two].map { try luminance(of: $0, in: colours) }.sorted()
      return (lights[1] + 0.05) / (lights[0] + 0.05)
    }
    for (text, ground) in [
      ("ink", "ground"), ("ink", "card"), ("soft", "ground"), ("soft", "card"), ("on", "accent"), ("on", "press"), ("accent", "card"),
      ("bad", "badground"), ("ink", "badground"), ("soft", "badground"), ("ink", "noteground"), ("soft", "noteground"), ("ink", "card"),
    ] {
      #expect(try ratio(text, ground) >= 4.5, "\(text) on \(ground)")
    }
    for (edge, ground) in [("edge", "card"), ("ring", "card"), ("ring", "ground"), ("bad", "card")] {
      #expect(try ratio(edge, ground) >= 3, "\(edge) on \(ground)")
    }
  }

  private func luminance(of name: String, in colours: String) throws -> Double {
    let start = try #require(colours.firstRange(of: "--\(name):#"))
    var digits = colours[start.upperBound...].prefix { $0.isHexDigit }.map(String.init)
    if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
    let parts = stride(from: 0, to: 6, by: 2).map { index -> Double in
      let value = Double(Int(digits[index] + digits[index + 1], radix: 16) ?? 0) / 255
      return value <= 0.03928 ? value / 12.92 : power((value + 0.055) / 1.055)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  /// x to the power of 2.4: x² · x^(2/5), the root by Newton's steps.
  private func power(_ x: Double) -> Double {
    var root = 1.0
    for _ in 0..<60 { root -= (root * root * root * root * root - x) / (5 * root * root * root * root) }
    return x * x * root * root
  }
}
