import EventLoop
import Testing

@testable import Gateway

@Suite struct AdmissionTests {
  private struct House {
    let admission: Admission
    let entrances: [Entrance]

    init(_ limit: Int = 4, listeners: [Int?] = [nil, 2], loops: Int = 2, descriptors: Int? = nil) throws {
      admission = Admission(limit: limit, perAddress: nil, loops: loops, descriptors: descriptors)
      let address = try #require(SocketAddress("127.0.0.1", port: 0))
      entrances = listeners.map { [admission] in admission.open(address, limit: $0) }
    }

    func enter(_ listener: Int) -> Gate? { admission.enter(entrances[listener]) }
    func leave(_ listener: Int) { admission.leave(entrances[listener]) }
  }

  @Test("the common limit holds for all listeners together")
  func all() throws {
    let house = try House(3, listeners: [nil, nil])
    for listener in [0, 1, 0] { #expect(house.enter(listener) == nil) }
    #expect(house.enter(1) === house.admission.all)
    house.leave(0)
    #expect(house.enter(1) == nil)
  }

  @Test("a listener's own limit holds for it alone, and takes no place of the common one when it is reached")
  func own() throws {
    let house = try House()
    #expect(house.enter(1) == nil)
    #expect(house.enter(1) == nil)
    #expect(house.enter(1) === house.entrances[1].gate)
    #expect(house.admission.all.count == 2)
    #expect(house.enter(0) == nil)
  }

  @Test("where the common limit is reached no place of the listener's is taken")
  func both() throws {
    let house = try House(1)
    #expect(house.enter(0) == nil)
    #expect(house.enter(1) === house.admission.all)
    #expect(house.entrances[1].gate.count == 0)
  }

  @Test("the oldest idle connection is found among all loops, or among those of the listener that is full")
  func oldest() throws {
    let house = try House()
    #expect(house.admission.oldest(for: house.admission.all) == nil)
    house.entrances[0].clocks[0].oldest.store(50, ordering: .relaxed)
    house.entrances[0].clocks[1].oldest.store(40, ordering: .relaxed)
    house.entrances[1].clocks[0].oldest.store(60, ordering: .relaxed)
    house.entrances[1].clocks[1].oldest.store(70, ordering: .relaxed)
    let found = try #require(house.admission.oldest(for: house.admission.all))
    #expect(found.loop == 1 && found.entrance === house.entrances[0] && found.due == 40)
    let own = try #require(house.admission.oldest(for: house.entrances[1].gate))
    #expect(own.loop == 0 && own.entrance === house.entrances[1] && own.due == 60)
  }

  @Test("a connection counts for two descriptors, unless it has had a request and is idle now")
  func descriptors() throws {
    let house = try House(100, listeners: [nil], loops: 1, descriptors: 5)
    #expect(house.admission.fitsDescriptors)
    #expect(house.enter(0) == nil)
    #expect(house.admission.fitsDescriptors)
    #expect(house.enter(0) == nil)
    #expect(!house.admission.fitsDescriptors)
    house.entrances[0].clocks[0].known.store(1, ordering: .relaxed)
    #expect(house.admission.fitsDescriptors)
    #expect(try House().admission.fitsDescriptors)
  }

  @Test("places are scarce when every loop might be holding one that it does not need")
  func tight() throws {
    let house = try House(4, listeners: [nil, 3])
    func isTight(_ listener: Int) -> Bool { house.admission.isTight(house.entrances[listener]) }
    #expect(!isTight(0))
    #expect(house.enter(1) == nil)
    #expect(!isTight(0))
    #expect(isTight(1))
    #expect(house.enter(0) == nil)
    #expect(isTight(0))
  }

  // MARK: Reload

  @Test("other limits hold at once, and those who are in stay and count on")
  func limits() throws {
    let house = try House(4, listeners: [nil, nil])
    for listener in [0, 0, 1] { #expect(house.enter(listener) == nil) }
    house.admission.setLimits(all: 2, perAddress: nil, descriptors: nil)
    #expect(house.admission.all.count == 3)
    #expect(house.enter(0) === house.admission.all)
    house.leave(0)
    #expect(house.enter(0) === house.admission.all)
    house.leave(0)
    #expect(house.enter(0) == nil)
    house.admission.setLimits(all: 10, perAddress: nil, descriptors: nil)
    house.admission.setLimit(2, at: house.entrances[1])
    #expect(house.enter(1) == nil)
    #expect(house.enter(1) === house.entrances[1].gate)
  }

  @Test("an entrance keeps its place until nobody listens there and the last connection that came by it is over")
  func slots() throws {
    let house = try House(4, listeners: [nil, nil])
    let address = try #require(SocketAddress("127.0.0.1", port: 1))
    let left = house.entrances[0]
    left.acceptors.add(1, ordering: .relaxed)
    #expect(house.enter(0) == nil)
    left.shut()
    #expect(house.admission.open(address, limit: nil).slot == 2, "a loop listens, and a connection stands")
    left.acceptors.subtract(1, ordering: .relaxed)
    #expect(house.admission.open(address, limit: nil).slot == 3, "a connection stands")
    house.leave(0)
    #expect(left.gate.count == 0 && house.admission.all.count == 0)
    let next = house.admission.open(address, limit: nil)
    #expect(next.slot == 0 && next !== left)
    #expect(house.admission.present.count == 4)
  }
}
