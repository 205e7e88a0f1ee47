import Testing

@testable import Session

@Suite struct PendingReturnTableTests {
  private final class Bench {
    var table: PendingReturnTable
    private var number = 0

    init(limit: Int) { table = PendingReturnTable(limit: limit) }

    /// Keeps one for a source, and gives its id.
    func put(from source: Int, expires: Int64 = 1_000, now: Int64 = 100) -> [UInt8] {
      number += 1
      let id = withUnsafeBytes(of: number) { [UInt8]($0) }
      let isKept = table.put([UInt8(truncatingIfNeeded: number)], id: id, from: [UInt8(source)], expires: expires, now: now)
      #expect(isKept)
      return id
    }

    func get(_ id: [UInt8], now: Int64) -> [UInt8]? { table.get(id, now: now) }

    func has(_ id: [UInt8], now: Int64 = 100) -> Bool { get(id, now: now) != nil }
  }

  @Test("what was put is there until it expires, and is not used up")
  func lifetime() {
    let bench = Bench(limit: 10)
    let id = bench.put(from: 1, expires: 200)
    #expect(bench.get(id, now: 199) == [1])
    #expect(bench.get(id, now: 199) == [1])
    #expect(bench.get(id, now: 200) == nil)
    #expect(bench.table.count == 0)
    #expect(bench.get([9], now: 100) == nil)
  }

  @Test("a source that has used up its share pushes out its own oldest, and nobody else's")
  func share() {
    let bench = Bench(limit: 8)
    let other = bench.put(from: 2)
    let own = (0..<5).map { _ in bench.put(from: 1) }
    #expect(own.map { bench.has($0) } == [false, false, false, true, true])
    #expect(bench.has(other))
    #expect(bench.table.count == 3)
  }

  @Test("one source has 1,000 at the most, however many there may be")
  func largestShare() {
    let bench = Bench(limit: 1_000_000)
    let first = bench.put(from: 1)
    for _ in 0..<999 { _ = bench.put(from: 1) }
    #expect(bench.has(first))
    _ = bench.put(from: 1)
    #expect(!bench.has(first))
    #expect(bench.table.count == 1_000)
  }

  @Test("when all places are taken, the oldest of a source that has most makes room: a flood costs those with fewer nothing")
  func flood() {
    let bench = Bench(limit: 40)
    let quiet = (1...4).map { bench.put(from: $0) }
    let pair = (0..<2).map { _ in bench.put(from: 5) }
    for source in 10..<20 { for _ in 0..<50 { _ = bench.put(from: source) } }
    #expect(bench.table.count == 40)
    for id in quiet + pair { #expect(bench.has(id)) }
    let late = bench.put(from: 6)
    #expect(bench.has(late) && bench.table.count == 40)
    for id in quiet + pair { #expect(bench.has(id)) }
  }

  @Test("when nobody has more than one, one of them makes room for a newcomer")
  func everybodyOnce() {
    let bench = Bench(limit: 4)
    let ids = (1...4).map { bench.put(from: $0) }
    let late = bench.put(from: 5)
    #expect(bench.has(late) && bench.table.count == 4)
    #expect(ids.filter { bench.has($0) }.count == 3)
  }

  @Test("those that are over make room before any that hold")
  func expired() {
    let bench = Bench(limit: 4)
    let old = (1...2).map { bench.put(from: $0, expires: 200) }
    let young = (3...4).map { bench.put(from: $0, expires: 500) }
    let late = (5...6).map { bench.put(from: $0, expires: 900, now: 200) }
    for id in young + late { #expect(bench.has(id, now: 200)) }
    for id in old { #expect(!bench.has(id, now: 200)) }
  }

  @Test("where none may be kept none is; a place for one is a place")
  func smallLimits() {
    var none = PendingReturnTable(limit: 0)
    let isKept = none.put([1], id: [1], from: [1], expires: 200, now: 100)
    #expect(!isKept && none.count == 0)
    let one = Bench(limit: 1)
    let first = one.put(from: 1)
    let second = one.put(from: 2)
    #expect(!one.has(first) && one.has(second) && one.table.count == 1)
  }

  @Test("it keeps its bounds, and what it promises, through a long and mixed life")
  func longLife() {
    let bench = Bench(limit: 20)
    var generator = SystemRandomNumberGenerator()
    var kept: [Int: [[UInt8]]] = [:]
    for now in Int64(0)..<5_000 {
      let source = Int.random(in: 0..<9, using: &generator)
      kept[source, default: []].append(bench.put(from: source, expires: now + 30, now: now))
      #expect(bench.table.count <= 20)
      #expect(bench.has(kept[source]?.last ?? [], now: now), "the newest is always there")
      for (source, ids) in kept {
        kept[source] = ids.filter { bench.has($0, now: now) }
        #expect((kept[source] ?? []).count <= 5)
      }
      #expect(kept.values.reduce(0) { $0 + $1.count } == bench.table.count)
    }
  }
}
