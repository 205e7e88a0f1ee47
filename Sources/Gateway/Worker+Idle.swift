import EventLoop

/// A worker's idle connections, and which of them make room for others.
extension Worker {
  private static let closingAttempts = 16

  /// A connection waits for a request, or for the rest of its head: the oldest of these go first when there are too many.
  func connectionIsIdle(_ connection: ClientConnection) {
    guard connection.idleQueue == nil, let token = connection.token else { return }
    let entrance = connection.listener.entrance
    let queue = 2 * entrance.slot + (connection.hasBegun ? 0 : 1)
    connection.idleQueue = queue
    if idle.append(token, to: queue, since: loop.now) { noteOldest(entrance) }
    services.admission.becameIdle(entrance)
    if countsKnown, connection.hasBegun {
      entrance.clocks[index].known.add(1, ordering: .relaxed)
      lookAgainForDescriptors()
    }
  }

  func connectionIsBusy(_ connection: ClientConnection) {
    guard let queue = connection.idleQueue, let token = connection.token else { return }
    connection.idleQueue = nil
    let entrance = connection.listener.entrance
    if idle.remove(token, from: queue) { noteOldest(entrance) }
    if countsKnown, queue == 2 * entrance.slot { entrance.clocks[index].known.subtract(1, ordering: .relaxed) }
  }

  private func noteOldest(_ entrance: Entrance) {
    entrance.clocks[index].oldest.store(oldestIdle(entrance)?.due ?? .max, ordering: .relaxed)
  }

  /// Of those that came by an entrance, the connection that goes first, and from when on it may: one that has not had a request yet is given
  /// a moment, or a flood of new ones would close each before it can speak.
  private func oldestIdle(_ entrance: Entrance) -> (token: Pollable.Token, due: Int64)? {
    let stranger = idle.oldest(in: 2 * entrance.slot + 1).map { (token: $0.token, due: $0.since + Self.momentToSpeak) }
    guard let known = idle.oldest(in: 2 * entrance.slot) else { return stranger }
    if let stranger, stranger.due < known.since { return stranger }
    return (known.token, known.since)
  }

  /// What came of looking for a connection to close.
  enum Room {
    /// One was closed.
    case made
    /// The oldest one is another loop's: that loop is to be asked.
    case elsewhere(loop: Int, Entrance)
    /// Nothing is idle, or not for long enough.
    case none
  }

  /// Closes the connection that has been idle longest, of those that count at `gate`, if it is this loop's.
  func makeRoom(_ gate: Gate) -> Room {
    // A round that does not close anything has found one that is busy after all, and will be heard of when it is not.
    for _ in 0..<Self.closingAttempts {
      guard let oldest = services.admission.oldest(for: gate), oldest.due <= loop.now else { return .none }
      guard oldest.loop == index else { return .elsewhere(loop: oldest.loop, oldest.entrance) }
      if closeOldest(oldest.entrance) { return .made }
    }
    return .none
  }

  /// Closes this loop's connection that has been idle longest; false when there is none, or when it is not idle any more.
  func closeOldest(_ entrance: Entrance) -> Bool {
    guard let (token, due) = oldestIdle(entrance), due <= loop.now else { return false }
    return (loop.pollable(token) as? ClientConnection)?.makeRoom() ?? false
  }

  /// There may be room again for those who wait at an entrance.
  func lookAgain(slot: Int) { acceptors.first { $0.entrance.slot == slot }?.ready(.readable) }

  /// Another loop was asked for room, and has done what it could.
  func roomWasMade(slot: Int) { acceptors.first { $0.entrance.slot == slot }?.wasAnswered() }
}
