import Testing

@testable import Gateway

@Suite struct DescriptorShortageTests {
  @Test("it is told once, and again only after there were enough for a while")
  func once() {
    var shortage = DescriptorShortage()
    #expect(shortage.noteEnough(0) == false)
    #expect(shortage.noteShort(100) == true)
    #expect(shortage.noteShort(200) == false)
    #expect(shortage.noteEnough(1100) == false)
    #expect(shortage.isShort)
    #expect(shortage.noteShort(1150) == false)
    #expect(shortage.noteEnough(2100) == false)
    #expect(shortage.noteEnough(2150) == true)
    #expect(!shortage.isShort)
    #expect(shortage.noteEnough(9000) == false)
    #expect(shortage.noteShort(9100) == true)
  }

  @Test("a connection counts for two", arguments: [(1024, 1, 1, 470), (1024, 2, 3, 467), (64, 1, 1, 18), (16, 8, 8, 1)])
  func connections(_ limit: Int, _ loops: Int, _ listeners: Int, _ expected: Int) {
    #expect(DescriptorShortage.connections(limit, loops: loops, listeners: listeners) == expected)
  }

  @Test("some are kept for apps and files", arguments: [(1024, 960), (200, 180), (64, 56), (1 << 20, (1 << 20) - 64), (4, 1)])
  func threshold(_ limit: Int, _ expected: Int) { #expect(DescriptorShortage.threshold(limit) == expected) }
}
