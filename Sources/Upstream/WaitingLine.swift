/// A bounded line of those who wait, in the order in which they came; anybody may leave it at any time, at the same cost wherever it stands.
package struct WaitingLine<Element> {
  /// A place in the line; of no use once its holder has left.
  package struct Ticket: Sendable, Equatable {
    fileprivate let index: Int
    fileprivate let serial: UInt64
  }

  struct Place {
    var element: Element?
    var deadline: Int64
    var serial: UInt64
    var before: Int?
    var after: Int?
  }

  private let limit: Int
  private let wait: Int64
  private(set) var places: [Place] = []
  private var free: [Int] = []
  private var first: Int?
  private var last: Int?
  private var serial: UInt64 = 0
  package private(set) var count = 0

  /// - Parameters:
  ///   - limit: how many may wait.
  ///   - wait: for how long, in the unit of `now`.
  package init(limit: Int, wait: Int64) {
    self.limit = limit
    self.wait = wait
  }

  package var isEmpty: Bool { count == 0 }

  /// When the first one's time is over; since all wait for the same time, the earliest.
  package var deadline: Int64? { first.map { places[$0].deadline } }

  /// The first one's place.
  package var head: Ticket? { first.map(ticket) }

  /// Goes to the end of the line; `nil` when it is as long as it may be.
  package mutating func join(_ element: Element, _ now: Int64) -> Ticket? {
    guard count < limit else { return nil }
    serial += 1
    let place = Place(element: element, deadline: now + wait, serial: serial, before: last, after: nil)
    let index: Int
    if let reused = free.popLast() {
      index = reused
      places[index] = place
    } else {
      index = places.count
      places.append(place)
    }
    if let last { places[last].after = index } else { first = index }
    last = index
    count += 1
    return ticket(index)
  }

  /// Who stands there, and the place behind; `nil` if they have left.
  package func look(_ ticket: Ticket) -> (element: Element, next: Ticket?)? {
    guard isValid(ticket), let element = places[ticket.index].element else { return nil }
    return (element, places[ticket.index].after.map(self.ticket))
  }

  /// Takes out whoever stands there; `nil` if they have left already.
  @discardableResult
  package mutating func leave(_ ticket: Ticket) -> Element? {
    guard isValid(ticket), let element = places[ticket.index].element else { return nil }
    let (before, after) = (places[ticket.index].before, places[ticket.index].after)
    if let before { places[before].after = after } else { first = after }
    if let after { places[after].before = before } else { last = before }
    places[ticket.index].element = nil
    free.append(ticket.index)
    count -= 1
    return element
  }

  /// Takes out the first one if its time is over.
  package mutating func expire(_ now: Int64) -> Element? {
    guard let first, places[first].deadline <= now else { return nil }
    return leave(ticket(first))
  }

  private func ticket(_ index: Int) -> Ticket { Ticket(index: index, serial: places[index].serial) }

  private func isValid(_ ticket: Ticket) -> Bool {
    ticket.index < places.count && places[ticket.index].serial == ticket.serial
  }
}
