import Testing

@testable import Config

@Suite struct DirectiveDescriptionTests {
  @Test("a name means one thing in one place")
  func unique() {
    for block in BlockKind.allCases {
      let names = DirectiveTable.directives(in: block).map(\.name)
      #expect(Set(names).count == names.count)
    }
  }

  @Test("every description is complete")
  func complete() {
    for directive in DirectiveTable.all {
      #expect(!directive.blocks.isEmpty && !directive.summary.isEmpty && directive.summary.hasSuffix("."))
      #expect(directive.syntax.hasPrefix(directive.name))
      #expect(!directive.text.isEmpty)
      #expect((directive.braces != .none) == !directive.opens.isEmpty)
    }
  }
}
