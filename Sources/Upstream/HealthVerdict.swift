/// What a row of health checks comes to.
package struct HealthVerdict: Sendable {
  package enum State: Sendable {
    /// Too few checks so far.
    case unknown
    case up, down
  }

  package private(set) var state = State.unknown
  private let fails: Int
  private let passes: Int
  // Checks in a row that speak against the present state.
  private var streak = 0

  /// - Parameters:
  ///   - fails: failed checks in a row that bring a server down.
  ///   - passes: passed checks in a row that bring it up again; the very first one is enough.
  package init(fails: Int, passes: Int) {
    self.fails = fails
    self.passes = passes
  }

  /// Takes one check into account; the new state if it is another one.
  package mutating func note(passed: Bool) -> State? {
    if passed ? state == .up : state == .down {
      streak = 0
      return nil
    }
    if state == .unknown, passed { return change(to: .up) }
    streak += 1
    guard streak >= (passed ? passes : fails) else { return nil }
    return change(to: passed ? .up : .down)
  }

  private mutating func change(to new: State) -> State {
    state = new
    streak = 0
    return new
  }
}
