import Login

/// How often probes have found nobody signed in, by network and in windows of a fixed length: cookies can be made up, and each unknown one is a request
/// to the app. Bounded; networks beyond that share one count.
struct StrangerCounts {
  private static let most = 10_000
  let limit: Int
  /// In seconds.
  let window: Int64
  private var began: Int64 = 0
  private var counts: [ClientNetwork: Int] = [:]
  private var others = 0

  init(limit: Int, window: Int64) {
    self.limit = limit
    self.window = window
  }

  /// How many seconds it takes until the app is asked for this network again; `nil` if it may be asked now.
  mutating func pause(_ network: ClientNetwork, now: Int64) -> Int64? {
    turn(now)
    return (counts[network] ?? (counts.count < Self.most ? 0 : others)) < limit ? nil : max(1, began + window - now)
  }

  /// A probe for this network has found nobody.
  mutating func count(_ network: ClientNetwork, now: Int64) {
    turn(now)
    if let known = counts[network] {
      counts[network] = known + 1
    } else if counts.count < Self.most {
      counts[network] = 1
    } else {
      others += 1
    }
  }

  private mutating func turn(_ now: Int64) {
    guard now < began || now - began >= window else { return }
    began = now
    counts = [:]
    others = 0
  }
}
