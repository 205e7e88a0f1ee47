import Testing

@testable import Pages

@Suite("Markup")
struct MarkupTests {
  @Test("an interpolated string is escaped, markup is not, and a limit holds")
  func interpolation() {
    let value = "<b>"
    let inner: Markup = "<i>\(value)</i>"
    let whole: Markup = "<p title=\"\(value)\">\(inner) \(7) \("abcdef", limit: 3)</p>"
    #expect(whole.text == "<p title=\"&lt;b&gt;\"><i>&lt;b&gt;</i> 7 abc</p>")
  }

  @Test("pieces of a sequence follow one another")
  func pieces() {
    #expect(["a", "<"].markup { "<li>\($0)</li>" }.text == "<li>a</li><li>&lt;</li>")
  }
}
