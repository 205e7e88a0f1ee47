import Testing

@testable import Upstream

@Suite struct BalancerTests {
  private static let up = ServerView(standing: .up)
  private static let doubtful = ServerView(standing: .doubtful)
  private static let down = ServerView(standing: .down)
  private static let full = ServerView(standing: .up, isFull: true)

  private func balancer(_ count: Int, _ mode: Balancer.Mode = .roundRobin) -> Balancer {
    Balancer(mode: mode, keys: (0..<count).map { Balancer.key("127.0.0.1:\(9000 + $0)") })
  }

  private func choices(_ balancer: inout Balancer, _ rounds: Int, _ views: [ServerView]) -> [Balancer.Choice] {
    (0..<rounds).map { _ in balancer.choose { views[$0] } }
  }

  @Test("servers that are up take turns")
  func turns() {
    var balancer = balancer(3)
    #expect(choices(&balancer, 5, [Self.up, Self.up, Self.up]) == [.server(0), .server(1), .server(2), .server(0), .server(1)])
  }

  @Test("one that is not up is passed over, and its turn goes to the next", arguments: [ServerView.Standing.down, .doubtful])
  func passedOver(_ standing: ServerView.Standing) {
    let other = ServerView(standing: standing)
    for mode in [Balancer.Mode.roundRobin, .leastConnections] {
      var balancer = balancer(3, mode)
      #expect(choices(&balancer, 4, [Self.up, other, Self.up]) == [.server(0), .server(2), .server(0), .server(2)])
    }
  }

  @Test("a doubtful one is tried if no other is left, one that is down never")
  func doubtful() {
    for mode in [Balancer.Mode.roundRobin, .leastConnections] {
      var balancer = balancer(3, mode)
      #expect(choices(&balancer, 3, [Self.down, Self.doubtful, Self.doubtful]) == [.server(1), .server(2), .server(1)])
      #expect(choices(&balancer, 2, [Self.down, Self.down, Self.down]) == [.none, .none])
    }
  }

  @Test("the one that was tried already comes last of all", arguments: 0..<3)
  func excluded(_ index: Int) {
    for mode in [Balancer.Mode.roundRobin, .leastConnections] {
      let balancer = balancer(3, mode)
      for _ in 0..<6 { #expect(balancer.choose(excluding: index) { _ in Self.up } != .server(index)) }
      #expect(balancer.choose(excluding: index) { $0 == index ? Self.up : Self.doubtful } != .server(index))
      #expect(balancer.choose(excluding: index) { $0 == index ? Self.doubtful : Self.down } == .server(index))
      #expect(balancer.choose(excluding: index) { _ in Self.down } == .none)
    }
  }

  @Test("with no servers there is none to choose")
  func empty() {
    let balancer = balancer(0)
    #expect(balancer.choose { _ in Self.up } == .none)
    #expect(balancer.choose(affinity: 1) { _ in Self.up } == .none)
  }

  @Test("one that takes no further connection is passed over; when none does, the request has to wait, and not for a doubtful one")
  func full() {
    for mode in [Balancer.Mode.roundRobin, .leastConnections] {
      var balancer = balancer(3, mode)
      #expect(choices(&balancer, 3, [Self.full, Self.up, Self.full]) == [.server(1), .server(1), .server(1)])
      #expect(choices(&balancer, 2, [Self.full, Self.full, Self.full]) == [.full, .full])
      #expect(choices(&balancer, 1, [Self.full, Self.doubtful, Self.down]) == [.full])
      #expect(choices(&balancer, 1, [Self.down, Self.doubtful, Self.down]) == [.server(1)])
    }
  }

  @Test("least connections takes the one with the fewest, and equal ones in turn")
  func leastConnections() {
    var balancer = balancer(3, .leastConnections)
    let busy = [3, 1, 2].map { ServerView(standing: .up, load: $0) }
    #expect(choices(&balancer, 3, busy) == [.server(1), .server(1), .server(1)])
    let equal = [2, 2, 5].map { ServerView(standing: .up, load: $0) }
    #expect(choices(&balancer, 4, equal) == [.server(0), .server(1), .server(0), .server(1)])
  }

  @Test("a server with a quarter of its share gets a quarter of its turns")
  func share() {
    var balancer = balancer(2)
    let views = [Self.up, ServerView(standing: .up, share: ServerView.fullShare / 4)]
    let chosen = choices(&balancer, 100, views)
    // Of five requests four go to the other one: each turn that it has not earned is the other's.
    #expect(chosen.filter { $0 == .server(1) }.count == 20)
    let least = self.balancer(2, .leastConnections)
    #expect(least.choose { $0 == 0 ? ServerView(standing: .up, load: 2) : ServerView(standing: .up, load: 0, share: 4) } == .server(0))
    #expect(least.choose { $0 == 0 ? ServerView(standing: .up, load: 4) : ServerView(standing: .up, load: 0, share: 4) } == .server(1))
  }

  @Test("servers that all begin slowly still serve every request")
  func allSlow() {
    var balancer = balancer(3)
    let chosen = choices(&balancer, 30, [1, 1, 1].map { ServerView(standing: .up, share: $0) })
    for index in 0..<3 { #expect(chosen.filter { $0 == .server(index) }.count >= 8) }
  }

  @Test("sessions spread over the servers, and each one keeps its own")
  func affinity() {
    let balancer = balancer(4)
    var counts = [0, 0, 0, 0]
    for session in 0..<4000 {
      let affinity = UInt64(session) &* 0x9E37_79B9_7F4A_7C15
      guard case .server(let index) = balancer.choose(affinity: affinity, view: { _ in Self.up }) else { continue }
      counts[index] += 1
      #expect(balancer.choose(affinity: affinity) { _ in ServerView(standing: .up, load: 99, share: 1) } == .server(index))
    }
    #expect(counts.reduce(0, +) == 4000)
    #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
  }

  @Test("a server that goes takes only its own sessions along, and gets them back", arguments: [ServerView.Standing.down, .doubtful])
  func moves(_ standing: ServerView.Standing) {
    let gone = ServerView(standing: standing)
    let balancer = balancer(3)
    for session in 0..<500 {
      let affinity = UInt64(session) &* 0x9E37_79B9_7F4A_7C15
      let home = balancer.choose(affinity: affinity) { _ in Self.up }
      let meanwhile = balancer.choose(affinity: affinity) { $0 == 1 ? gone : Self.up }
      #expect(home == .server(1) ? meanwhile != home && meanwhile != .none : meanwhile == home)
    }
  }

  @Test("a session waits for its own server, and not for one that failed it")
  func affinityFull() {
    let balancer = balancer(2)
    guard case .server(let home) = balancer.choose(affinity: 7, view: { _ in Self.up }) else {
      Issue.record("no server")
      return
    }
    #expect(balancer.choose(affinity: 7) { $0 == home ? Self.full : Self.up } == .full)
    #expect(balancer.choose(affinity: 7, excluding: home) { $0 == home ? Self.full : Self.up } == .server(1 - home))
    #expect(balancer.choose(affinity: 7) { _ in Self.down } == .none)
  }

  @Test("a server's key depends on nothing but its name")
  func keys() {
    #expect(Balancer.key("app-1:80") == Balancer.key("app-1:80"))
    #expect(Balancer.key("app-1:80") != Balancer.key("app-2:80"))
  }
}
