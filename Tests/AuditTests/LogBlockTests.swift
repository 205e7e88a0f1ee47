import Testing

@testable import Audit

@Suite struct LogBlockTests {
  @Test("Texts of one day gather in the order of their coming, up to the block's size")
  func gathering() {
    var block = LogBlock(in: [], day: 3)
    #expect(!block.hasRoom(for: 1, day: 3), "an empty block is none that anything gathers in")
    block.append(bytes("a\n").span, lines: 1)
    block.append(bytes("b\nc\n").span, lines: 2)
    #expect(block.bytes == bytes("a\nb\nc\n") && block.lines == 3 && block.day == 3)
    #expect(block.hasRoom(for: LogBlock.size - 6, day: 3) && !block.hasRoom(for: LogBlock.size - 5, day: 3))
    #expect(!block.hasRoom(for: 1, day: 4))
  }

  @Test("A block is not much larger than what is in it, nor ever than its size")
  func growth() {
    var block = LogBlock(in: [], day: 0)
    let line = [UInt8](repeating: 65, count: 331)
    while block.isEmpty || block.hasRoom(for: line.count, day: 0) {
      block.append(line.span, lines: 1)
      #expect(block.memory <= min(2 * block.bytes.count, LogBlock.size) + 64)
    }
  }

  @Test("Memory is used again, but for what one large text took")
  func memory() throws {
    var block = LogBlock(in: [], day: 0)
    block.append([UInt8](repeating: 65, count: 1000).span, lines: 1)
    let released = block.releaseMemory()
    let memory = try #require(released)
    #expect(block.isEmpty && block.lines == 0)
    #expect(memory.isEmpty && memory.capacity >= 1000)
    var large = LogBlock(in: memory, day: 0)
    large.append([UInt8](repeating: 65, count: 2 * LogBlock.size).span, lines: 1)
    let unusual = large.releaseMemory()
    #expect(unusual == nil && large.isEmpty)
  }
}
