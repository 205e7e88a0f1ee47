import Testing

@testable import Login

struct UserNameTests {
  @Test(
    "spellings of one name fold to one",
    arguments: [
      ["john", "John", "JOHN", "john ", "\tjohn", "\u{A0}John\u{3000}", "ｊｏｈｎ", "ＪＯＨＮ"],
      ["jos\u{E9}", "JOS\u{C9}", "jose\u{301}", "JOSE\u{301}"],
      ["strasse", "straße", "STRASSE", "STRAẞE"],
      ["fiona", "ﬁona", "FIONA"],
      ["ὀδυσσεύσ", "ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"],
      ["kim", "\u{212A}im"],
      ["anne marie", "Anne Marie"],
    ])
  func spellings(_ names: [String]) {
    let folded = names.map { UserName.fold($0) }
    #expect(folded[0] != nil)
    #expect(Set(folded).count == 1)
    #expect(folded[0].flatMap { UserName.fold($0) } == folded[0])
  }

  @Test("different names stay different")
  func different() {
    let names = ["john", "johm", "jоhn", "joh", "john.", "johh n", "jöhn"]
    #expect(Set(names.compactMap { UserName.fold($0) }).count == names.count)
  }

  @Test(
    "names with invisible, control or compatibility characters are no names",
    arguments: [
      "", " ", "jo\u{AD}hn", "jo\u{200D}hn", "jo\u{200B}hn", "jo\u{0}hn", "jo\nhn", "jo\u{202E}hn", "jo\u{A0}hn", "𝐣ohn", "ⓙohn", "john²",
      "joh\u{E000}n", "jo\u{115F}hn", "jo\u{FE0F}hn", "ſam", String(repeating: "a", count: 257),
    ])
  func refused(_ name: String) {
    #expect(UserName.fold(name) == nil)
  }

  @Test("256 bytes are a name; bytes that are not UTF-8 are none")
  func bytes() {
    #expect(UserName.fold([UInt8](repeating: 97, count: 256)) != nil)
    #expect(UserName.fold([0x6A, 0xFF]) == nil)
    #expect(UserName.fold([0xC0, 0xAF]) == nil)
  }
}
