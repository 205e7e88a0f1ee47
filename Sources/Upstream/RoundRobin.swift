/// Whose turn it is among the servers of a site.
package struct RoundRobin: Sendable {
  private var next = 0

  package init() {}

  /// The next server in turn that is up and not `excluded`; if none is up, the next one in turn that is not excluded, since a server
  /// that failed a moment ago is a better hope than none; `nil` when there is no other.
  /// - Parameters:
  ///   - count: how many servers there are.
  ///   - excluded: the one that was tried already.
  package mutating func pick(count: Int, excluding excluded: Int? = nil, isUp: (Int) -> Bool) -> Int? {
    var fallback: Int?
    for step in 0..<count {
      let index = (next + step) % count
      guard index != excluded else { continue }
      if isUp(index) {
        next = (index + 1) % count
        return index
      }
      if fallback == nil { fallback = index }
    }
    if let fallback { next = (fallback + 1) % count }
    return fallback
  }
}
