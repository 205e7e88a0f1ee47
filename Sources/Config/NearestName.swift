/// Finds the name that was probably meant.
enum NearestName {
  /// The candidate with the fewest letters wrong, if few enough are.
  static func of(_ name: String, among candidates: [String]) -> String? {
    let given = [UInt8](name.lowercased().utf8)
    guard !given.isEmpty, given.count <= 40 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let wanted = [UInt8](candidate.utf8)
      guard abs(wanted.count - given.count) <= 3 else { continue }
      let distance = distance(given, wanted)
      guard distance <= max(1, min(3, max(given.count, wanted.count) / 3)), distance < best?.distance ?? Int.max else { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// Letters added, left out, changed, or exchanged with their neighbour (optimal string alignment).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1]
      current.reserveCapacity(b.count + 1)
      for j in b.indices {
        var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
        current.append(cost)
      }
      older = previous
      previous = current
    }
    return previous[b.count]
  }
}
