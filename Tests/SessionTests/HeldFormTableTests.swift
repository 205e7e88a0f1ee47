import Testing

@testable import Session

@Suite struct HeldFormTableTests {
  private let ann = HeldFormOwner(site: "a.test", key: "ann")
  private let bob = HeldFormOwner(site: "a.test", key: "bob")
  private let now: Int64 = 1_000

  // A class, since macros cannot change a value.
  private final class Bench {
    private var table: HeldFormTable

    init(limit: Int) { table = HeldFormTable(limit: limit) }

    var bytes: Int { table.bytes }
    var count: Int { table.count }

    func reserve(_ count: Int, for owner: HeldFormOwner) -> [HeldFormTable.Lost]? { table.reserve(count, for: owner) }
    func release(_ count: Int, of owner: HeldFormOwner) { table.release(count, of: owner) }
    func look(_ id: [UInt8], now: Int64) -> HeldFormTable.State? { table.look(id, now: now) }
    func take(_ id: [UInt8], now: Int64) -> Bool { table.take(id, now: now) }
    func putBack(_ id: [UInt8]) { table.putBack(id) }
    func drop(_ id: [UInt8], _ fate: HeldFormFate) -> HeldFormTable.Lost? { table.drop(id, fate) }
    func dropAll(of owner: HeldFormOwner, _ fate: HeldFormFate) -> [HeldFormTable.Lost] { table.dropAll(of: owner, fate) }
    func expire(now: Int64) -> [HeldFormTable.Lost] { table.expire(now: now) }

    func hold(_ id: UInt8, _ owner: HeldFormOwner, bytes: Int = 10, now: Int64 = 1_000) -> [HeldFormTable.Lost]? {
      guard let lost = table.reserve(bytes, for: owner) else { return nil }
      table.hold([UInt8](repeating: id, count: bytes), id: [id], for: owner, user: owner.key, reserved: bytes, now: now)
      return lost
    }
  }

  @Test("a form is held as it is until it has been sent, and then what became of it is known")
  func life() {
    let table = Bench(limit: 100)
    #expect(table.hold(1, ann) == [])
    #expect(table.look([1], now: now) == .held(sealed: [UInt8](repeating: 1, count: 10)) && table.bytes == 10)
    #expect(table.take([1], now: now))
    #expect(table.look([1], now: now) == .underWay)
    #expect(table.drop([1], .sent) != nil)
    #expect(table.look([1], now: now) == .gone(.sent) && table.bytes == 0)
    #expect(table.look([2], now: now) == nil)
  }

  @Test("of all who ask for a form one gets it, and nobody once it was sent; put back it is there again")
  func once() {
    let table = Bench(limit: 100)
    _ = table.hold(1, ann)
    let first = [table.take([1], now: now), table.take([1], now: now), table.take([1], now: now)]
    #expect(first == [true, false, false])
    table.putBack([1])
    let second = [table.take([1], now: now), table.take([1], now: now)]
    #expect(second == [true, false])
    _ = table.drop([1], .sent)
    table.putBack([1])
    let third = table.take([1], now: now)
    #expect(!third && table.look([1], now: now) == .gone(.sent))
  }

  @Test("what is on its way is destroyed by nobody")
  func underWay() {
    let table = Bench(limit: 100)
    _ = table.hold(1, ann)
    _ = table.take([1], now: now)
    #expect(table.drop([1], .otherUser) == nil && table.dropAll(of: ann, .loggedOut) == [])
    #expect(table.expire(now: now + 10_000) == [] && table.look([1], now: now) == .underWay)
  }

  @Test("after half an hour it can be neither taken nor looked at, and its memory is free")
  func expiry() {
    let table = Bench(limit: 100)
    _ = table.hold(1, ann)
    let last = now + HeldFormTable.lifetime - 1
    #expect(table.expire(now: last) == [] && table.look([1], now: last) != .gone(.expired))
    let isTaken = table.take([1], now: last + 1)
    #expect(!isTaken && table.look([1], now: last + 1) == .gone(.expired))
    #expect(table.expire(now: last + 1) == [HeldFormTable.Lost(owner: ann, user: "ann")])
    #expect(table.bytes == 0 && table.expire(now: last + 1) == [])
    #expect(table.look([1], now: last + 1) == .gone(.expired))
    _ = table.expire(now: last + 1 + HeldFormTable.lifetime)
    #expect(table.look([1], now: last) == nil)
  }

  @Test("a fifth form of one owner makes its oldest go, and nobody else's")
  func share() {
    let table = Bench(limit: 1_000)
    #expect(table.hold(100, bob) == [])
    for id in 1...4 as ClosedRange<UInt8> { #expect(table.hold(id, ann) == []) }
    #expect(table.hold(5, ann) == [HeldFormTable.Lost(owner: ann, user: "ann")])
    #expect(table.look([1], now: now) == .gone(.madeRoom) && table.count == 5)
    for id in [2, 3, 4, 5, 100] as [UInt8] {
      if case .held = table.look([id], now: now) {} else { Issue.record("\(id)") }
    }
  }

  @Test("without room an owner's own oldest go; where that is not enough nothing goes, and there is no place")
  func room() {
    let table = Bench(limit: 100)
    _ = table.hold(1, ann, bytes: 40)
    _ = table.hold(2, bob, bytes: 40)
    #expect(table.reserve(61, for: ann) == nil && table.reserve(101, for: bob) == nil)
    #expect(table.count == 2)
    #expect(table.hold(3, ann, bytes: 60)?.count == 1)
    #expect(table.look([1], now: now) == .gone(.madeRoom) && table.bytes == 100)
  }

  @Test("what is still being read counts, in bytes and for its owner, until it is held or given up")
  func reading() {
    let table = Bench(limit: 100)
    #expect(table.reserve(60, for: ann) == [])
    #expect(table.reserve(60, for: bob) == nil)
    table.release(60, of: ann)
    for _ in 0..<4 { #expect(table.reserve(10, for: bob) == []) }
    #expect(table.reserve(10, for: bob) == nil, "four are being read")
    #expect(table.reserve(10, for: ann) == [])
    #expect(table.bytes == 50)
  }

  @Test("what became of an owner's forms is remembered for some of them only")
  func remembered() {
    let table = Bench(limit: 1_000)
    for id in 0..<60 as Range<UInt8> {
      _ = table.hold(id, ann)
      _ = table.drop([id], .discarded)
    }
    #expect(table.look([59], now: now) == .gone(.discarded) && table.look([30], now: now) == nil)
  }

  @Test("all of an owner go at once, on one site")
  func all() {
    let table = Bench(limit: 1_000)
    let elsewhere = HeldFormOwner(site: "b.test", key: "ann")
    for (id, owner) in [(1, ann), (2, ann), (3, bob), (4, elsewhere)] as [(UInt8, HeldFormOwner)] { _ = table.hold(id, owner) }
    #expect(table.dropAll(of: ann, .loggedOut).count == 2)
    #expect(table.look([2], now: now) == .gone(.loggedOut) && table.count == 2)
  }
}
