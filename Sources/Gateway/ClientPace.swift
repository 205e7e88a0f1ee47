import EventLoop

/// Holds the client of an exchange to the least rates: while its body is waited for, and while it is to take the answer.
extension Exchange {
  /// The client's next bytes are waited for.
  func waitForBody(_ connection: ClientConnection) {
    let limits = rules.limits
    let due = bodyPace.wait(limits.bodyPace, now: worker.loop.now, bytes: connection.bytesIn, origin: connection.bytesIn)
    connection.setDeadline(at: due)
  }

  /// The client is waited for to take what was sent.
  func waitForReader(_ connection: ClientConnection) {
    let limits = rules.limits
    let due = answerPace.wait(limits.answerPace, now: worker.loop.now, bytes: connection.bytesOut, origin: bytesOutAtStart)
    connection.setDeadline(at: bodyPace.isWaiting ? min(due, connection.deadline) : due)
  }

  /// Something happened: until it is known what is waited for next, the client's time does not count.
  func pauseClientPace() {
    let now = worker.loop.now
    if bodyPace.isWaiting { bodyPace.pause(now) }
    if answerPace.isWaiting { answerPace.pause(now) }
  }

  /// The client's time seems to be up: whether it has been fast enough after all, and goes on.
  func clientKeepsPace() -> Bool {
    guard let connection else { return false }
    let now = worker.loop.now
    var due = Int64.max
    if bodyPace.isWaiting {
      guard let next = bodyPace.check(rules.limits.bodyPace, now: now, bytes: connection.bytesIn) else { return false }
      due = next
    }
    if answerPace.isWaiting {
      // What the kernel holds for a client has not been taken by it.
      let taken = connection.bytesOut - Int64(System.unsentBytes(connection.descriptor))
      guard let next = answerPace.check(rules.limits.answerPace, now: now, bytes: taken) else { return false }
      due = min(due, next)
    }
    guard due != .max else { return false }
    connection.setDeadline(at: due)
    return true
  }
}
