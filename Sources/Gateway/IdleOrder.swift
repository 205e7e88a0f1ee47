import EventLoop

/// One loop's connections that have no request under way, those that have waited longest first, in a queue for each listener.
///
/// The links stand in one array, at the places that the loop gave the connections: to join and to leave costs a few stores and no memory.
final class IdleOrder {
  private struct Node {
    var token: Pollable.Token
    var since: Int64
    var previous: Int32
    var next: Int32
  }

  private struct Ends {
    var first: Int32 = -1
    var last: Int32 = -1
  }

  // Taken out while they change, so that no access to this object is open meanwhile: that costs no check then.
  private var nodes: [Node?] = []
  private var queues: [Ends]

  /// - Parameter queues: how many there are.
  init(queues: Int) { self.queues = [Ends](repeating: Ends(), count: queues) }

  /// Makes room for more queues.
  func grow(queues count: Int) {
    while queues.count < count { queues.append(Ends()) }
  }

  private func take() -> ([Node?], [Ends]) {
    var taken: ([Node?], [Ends]) = ([], [])
    swap(&taken.0, &nodes)
    swap(&taken.1, &queues)
    return taken
  }

  private func putBack(_ nodes: inout [Node?], _ queues: inout [Ends]) {
    swap(&nodes, &self.nodes)
    swap(&queues, &self.queues)
  }

  /// Who has been in the queue longest, and since when.
  func oldest(in queue: Int) -> (token: Pollable.Token, since: Int64)? {
    // A loop that has yet to take a new listener over has no queue for it.
    guard queue < queues.count else { return nil }
    let first = queues[queue].first
    guard first >= 0, let node = nodes[Int(first)] else { return nil }
    return (node.token, node.since)
  }

  /// Joins at the end of the queue; true when it is the oldest one. Not to be called for one that is in a queue.
  func append(_ token: Pollable.Token, to queue: Int, since: Int64) -> Bool {
    var (nodes, queues) = take()
    defer { putBack(&nodes, &queues) }
    let slot = Int32(token.slot)
    while nodes.count <= Int(slot) { nodes.append(nil) }
    let last = queues[queue].last
    nodes[Int(slot)] = Node(token: token, since: since, previous: last, next: -1)
    if last >= 0 { nodes[Int(last)]?.next = slot } else { queues[queue].first = slot }
    queues[queue].last = slot
    return last < 0
  }

  /// Leaves the queue; true when it was the oldest one.
  func remove(_ token: Pollable.Token, from queue: Int) -> Bool {
    var (nodes, queues) = take()
    defer { putBack(&nodes, &queues) }
    guard Int(token.slot) < nodes.count, let node = nodes[Int(token.slot)], node.token == token else { return false }
    nodes[Int(token.slot)] = nil
    if node.previous >= 0 { nodes[Int(node.previous)]?.next = node.next } else { queues[queue].first = node.next }
    if node.next >= 0 { nodes[Int(node.next)]?.previous = node.previous } else { queues[queue].last = node.previous }
    return node.previous < 0
  }
}
