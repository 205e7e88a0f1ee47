import Testing

@testable import Crypto

@Suite struct RandomSupplyTests {
  @Test("as many bytes as are asked for, less than a block or more", arguments: [0, 1, 12, 1_023, 1_024, 1_025, 5_000])
  func counts(count: Int) {
    let random = RandomSupply()
    var bytes: [UInt8] = [7]
    random.append(count, to: &bytes)
    random.append(count, to: &bytes)
    #expect(bytes.count == 1 + 2 * count && bytes[0] == 7)
    #expect(random.bytes(count).count == count)
  }

  @Test("no bytes are given out twice, over many blocks and several supplies", arguments: [16, 100, 700])
  func once(count: Int) {
    let supplies = [RandomSupply(), RandomSupply()]
    let pieces = (0..<1_000).map { supplies[$0 & 1].bytes(count) }
    #expect(Set(pieces.map { [UInt8]($0.prefix(16)) }).count == pieces.count)
    #expect(Set(pieces.map { [UInt8]($0.suffix(16)) }).count == pieces.count)
  }

  @Test("numbers come from the same bytes, and each is another")
  func numbers() {
    let random = RandomSupply()
    #expect(Set((0..<1_000).map { _ in random.number() }).count == 1_000)
  }

  @Test("bytes that were given out are gone from the block at once")
  func wiped() {
    let random = RandomSupply()
    for _ in 0..<200 {
      _ = random.bytes(13)
      let allZero = random.remains.allSatisfy { $0 == 0 }
      #expect(allZero && random.remains.count >= 13)
    }
  }

  @Test("every bit is set about half of the time")
  func even() {
    let random = RandomSupply()
    var ones = [Int](repeating: 0, count: 64)
    for _ in 0..<4_000 {
      let number = random.number()
      for bit in 0..<64 where number >> UInt64(bit) & 1 == 1 { ones[bit] += 1 }
    }
    // Eight standard deviations: never by chance.
    #expect(ones.allSatisfy { abs($0 - 2_000) < 253 })
  }
}
