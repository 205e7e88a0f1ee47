import Testing

@testable import Config

@Suite struct BrandReaderTests {
  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]

  private func logo(_ bytes: [UInt8]) -> LoadedConfiguration {
    load(
      minimal(site: "brand { name \"Harbour Physio\"; logo logo }"), MemoryFiles(["/etc/anteroom/logo": .init(bytes: bytes, mode: 0o644)]))
  }

  @Test("a logo is PNG or SVG by its content")
  func good() {
    #expect(
      logo(Self.png).configuration?.sites.first?.brand == Brand(name: "Harbour Physio", logo: .init(type: "image/png", bytes: Self.png)))
    for text in ["<svg/>", "<svg xmlns=\"x\"></svg>", "\u{FEFF} <?xml version=\"1.0\"?>\n<!-- <x> -->\n<!DOCTYPE svg>\n<svg>\n</svg>"] {
      #expect(logo(Array(text.utf8)).configuration?.sites.first?.brand.logo == .init(type: "image/svg+xml", bytes: Array(text.utf8)))
    }
  }

  @Test(
    "anything else, and an SVG that could act, is an error",
    arguments: [
      ("", "neither PNG nor SVG"), ("GIF89a", "neither PNG nor SVG"), ("<html><svg/></html>", "neither PNG nor SVG"),
      ("<svgx>", "neither PNG nor SVG"), ("<!-- <svg>", "neither PNG nor SVG"),
      ("<svg><SCRIPT>", "holds a script"), ("<svg><svg:script>", "holds a script"), ("<svg><a href=\"JavaScript:x\">", "javascript:"),
      ("<!DOCTYPE x [<!ENTITY a \"b\">]><svg/>", "neither PNG nor SVG"),
      ("<!DOCTYPE x><svg><!ENTITY></svg>", "entities"), ("<svg><foreignObject>", "foreign content"),
    ])
  func bad(_ text: String, _ message: String) {
    let found = messages(logo(Array(text.utf8)))
    #expect(found.count == 1)
    #expect(found.first?.contains("gateway.conf:5:37: error: ") == true && found.first?.contains(message) == true, "\(found)")
  }

  @Test("a logo that is too large or cannot be read is an error")
  func unreadable() {
    #expect(messages(logo(Self.png + [UInt8](repeating: 0, count: 256 << 10))).first?.contains("larger than 256 KB") == true)
    #expect(messages(load(minimal(site: "brand { logo none.png }"))).first?.contains("cannot be read: it does not exist") == true)
  }

  @Test(
    "a name has a length and no control characters", arguments: ["\"\"", "\"a\\nb\"", "\"a\u{85}b\"", String(repeating: "x", count: 81)])
  func name(_ text: String) {
    #expect(messages(load(minimal(site: "brand { name \(text) }"))).first?.contains("1 to 80 characters") == true)
  }
}
