import Testing

@testable import Upstream

@Suite struct WaitingLineTests {
  private func join<Element>(_ line: inout WaitingLine<Element>, _ element: Element, _ now: Int64) throws -> WaitingLine<Element>.Ticket {
    let ticket = line.join(element, now)
    return try #require(ticket)
  }

  /// Everybody in the line, from its head.
  private func all(_ line: WaitingLine<String>) -> [String] {
    var found: [String] = []
    var ticket = line.head
    while let here = ticket, let (element, next) = line.look(here) {
      found.append(element)
      ticket = next
    }
    return found
  }

  @Test("those who wait stand in the order in which they came")
  func order() {
    var line = WaitingLine<String>(limit: 5, wait: 100)
    for name in ["a", "b", "c"] { _ = line.join(name, 0) }
    #expect(all(line) == ["a", "b", "c"])
    #expect(line.count == 3)
  }

  @Test("no more may wait than the limit")
  func limit() throws {
    var line = WaitingLine<String>(limit: 2, wait: 100)
    let first = try join(&line, "a", 0)
    #expect(line.join("b", 0) != nil)
    #expect(line.join("c", 0) == nil)
    #expect(line.leave(first) == "a")
    #expect(line.join("d", 0) != nil)
    #expect(all(line) == ["b", "d"])
    var none = WaitingLine<String>(limit: 0, wait: 100)
    #expect(none.join("a", 0) == nil)
  }

  @Test("anybody may leave, and the others stay in order", arguments: 0..<4)
  func leave(_ index: Int) throws {
    var line = WaitingLine<String>(limit: 4, wait: 100)
    var names = ["a", "b", "c", "d"]
    let tickets = names.map { line.join($0, 0) }
    let ticket = try #require(tickets[index])
    #expect(line.leave(ticket) == names.remove(at: index))
    #expect(all(line) == names)
    #expect(line.leave(ticket) == nil, "once")
    #expect(line.join("e", 0) != nil)
    #expect(all(line) == names + ["e"])
  }

  @Test("a ticket whose place is somebody else's by now is worth nothing")
  func reused() throws {
    var line = WaitingLine<String>(limit: 1, wait: 100)
    let old = try join(&line, "a", 0)
    line.leave(old)
    let new = try join(&line, "b", 0)
    #expect(line.look(old) == nil)
    #expect(line.leave(old) == nil)
    #expect(line.look(new)?.element == "b")
  }

  @Test("the time of each is over when it has waited for so long, the first one's first")
  func time() {
    var line = WaitingLine<String>(limit: 5, wait: 100)
    #expect(line.deadline == nil)
    _ = line.join("a", 0)
    _ = line.join("b", 50)
    #expect(line.deadline == 100)
    #expect(line.expire(99) == nil)
    #expect(line.expire(100) == "a")
    #expect(line.expire(100) == nil)
    #expect(line.deadline == 150)
    #expect(line.expire(1000) == "b")
    #expect(line.isEmpty && line.head == nil && line.deadline == nil)
  }

  @Test("comings and goings without end take no more memory than the limit")
  func bounded() throws {
    var line = WaitingLine<Int>(limit: 3, wait: 100)
    let stays = try join(&line, -1, 0)
    var last: WaitingLine<Int>.Ticket?
    for number in 0..<10_000 {
      let ticket = try join(&line, number, 0)
      if let last { #expect(line.leave(last) == number - 1) }
      last = ticket
    }
    #expect(line.count == 2)
    #expect(line.look(stays)?.element == -1)
    #expect(line.places.count == 3)
  }
}
