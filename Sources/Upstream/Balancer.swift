/// What counts when a server is to be chosen.
package struct ServerView: Sendable {
  package enum Standing: Sendable {
    /// Known to be down: gets nothing.
    case down
    /// Failed a moment ago: gets something only if no other is left.
    case doubtful
    case up
  }

  package var standing: Standing
  /// Requests under way.
  package var load: Int
  /// Of the requests that it would get by its turn: 1 to `fullShare`.
  package var share: Int
  /// It takes no further connection.
  package var isFull: Bool

  package static let fullShare = 16

  package init(standing: Standing, load: Int = 0, share: Int = fullShare, isFull: Bool = false) {
    self.standing = standing
    self.load = load
    self.share = share
    self.isFull = isFull
  }
}

/// Chooses among the servers of a site, one request after the other. For one loop.
package final class Balancer {
  package enum Mode: Sendable { case roundRobin, leastConnections }

  package enum Choice: Sendable, Equatable {
    case server(Int)
    /// Those that could be chosen take no further connection.
    case full
    /// All are down.
    case none
  }

  private let mode: Mode
  private let keys: [UInt64]
  private var next = 0
  // What a server with less than a full share has earned of its next turn.
  private var credits: [Int]

  /// - Parameter keys: one for each server, the same wherever its sessions shall find it again.
  package init(mode: Mode, keys: [UInt64]) {
    self.mode = mode
    self.keys = keys
    credits = [Int](repeating: 0, count: keys.count)
  }

  /// The next server: one that is up, else a doubtful one, else the one that was tried already.
  /// - Parameters:
  ///   - excluded: the one that was tried already.
  ///   - view: how a server is now.
  package func choose(excluding excluded: Int? = nil, view: (Int) -> ServerView) -> Choice {
    var rank = 0
    var best: Int?
    var bestCost = Int.max
    // Is in line, but has not earned its turn.
    var waiting: Int?
    for step in 0..<keys.count {
      let index = next + step < keys.count ? next + step : next + step - keys.count
      let server = view(index)
      let ownRank = Self.rank(server, isExcluded: index == excluded)
      guard ownRank >= rank, ownRank > 0 else { continue }
      if ownRank > rank {
        rank = ownRank
        best = nil
        bestCost = .max
        waiting = nil
      }
      guard !server.isFull else { continue }
      switch mode {
      case .leastConnections:
        let cost = (server.load + 1) * ServerView.fullShare / max(1, server.share)
        guard cost < bestCost else { continue }
        best = index
        bestCost = cost
      case .roundRobin:
        if best == nil, ownRank < Self.upRank || earnsTurn(index, server.share) { best = index }
        if best == nil, waiting == nil { waiting = index }
      }
      if mode == .roundRobin, best != nil, rank == Self.upRank { break }
    }
    guard rank > 0 else { return .none }
    guard let chosen = best ?? waiting else { return .full }
    next = chosen + 1 < keys.count ? chosen + 1 : 0
    return .server(chosen)
  }

  /// The server where a session belongs: of those that are up, else doubtful, the one that ranks first for it (rendezvous hashing), so that
  /// one that goes takes only its own sessions along, and gets them back.
  package func choose(affinity: UInt64, excluding excluded: Int? = nil, view: (Int) -> ServerView) -> Choice {
    var rank = 0
    var best = 0
    var bestScore: UInt64 = 0
    var isFull = false
    for index in 0..<keys.count {
      let server = view(index)
      let ownRank = Self.rank(server, isExcluded: index == excluded)
      guard ownRank >= rank, ownRank > 0 else { continue }
      let score = Self.mixed(affinity ^ keys[index])
      guard ownRank > rank || score > bestScore else { continue }
      rank = ownRank
      best = index
      bestScore = score
      isFull = server.isFull
    }
    guard rank > 0 else { return .none }
    return isFull ? .full : .server(best)
  }

  private static let upRank = 3

  private static func rank(_ server: ServerView, isExcluded: Bool) -> Int {
    switch server.standing {
    case .down: 0
    case .doubtful: isExcluded ? 1 : 2
    case .up: isExcluded ? 1 : upRank
    }
  }

  private func earnsTurn(_ index: Int, _ share: Int) -> Bool {
    guard share < ServerView.fullShare else { return true }
    var credits: [Int] = []
    swap(&credits, &self.credits)
    defer { swap(&credits, &self.credits) }
    credits[index] += max(1, share)
    guard credits[index] >= ServerView.fullShare else { return false }
    credits[index] -= ServerView.fullShare
    return true
  }

  /// A server's key, from its name (FNV-1a): the same in every process.
  package static func key(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return mixed(hash)
  }

  /// SplitMix64's last step: every bit of the argument moves every bit of the result.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
