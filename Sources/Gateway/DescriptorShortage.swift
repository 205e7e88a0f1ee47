/// Tells once that file descriptors run out, and once that there are enough again.
struct DescriptorShortage {
  /// How long there must be enough before it counts as over, in milliseconds.
  static let quiet: Int64 = 1000

  private(set) var isShort = false
  private var lastAt: Int64 = 0

  /// From which descriptor on they count as running out: the kernel gives the lowest that is free, so its number tells how many are in use.
  /// Those above are for connections to apps, and for files.
  /// - Parameter limit: how many the process may open.
  static func threshold(_ limit: Int) -> Int { max(1, limit - max(8, min(64, limit / 10))) }

  /// How many connections there may be so that each finds a descriptor for the app as well; at least 1.
  /// - Parameters:
  ///   - limit: how many descriptors the process may open.
  ///   - loops: each has two, and one for each listener.
  static func connections(_ limit: Int, loops: Int, listeners: Int) -> Int {
    max(1, (threshold(limit) - filesAndLogs - loops * (2 + listeners)) / 2)
  }

  private static let filesAndLogs = 16

  /// There are too few; true when that is news.
  mutating func noteShort(_ now: Int64) -> Bool {
    lastAt = now
    guard !isShort else { return false }
    isShort = true
    return true
  }

  /// There are enough at this moment; true when that ends the shortage.
  mutating func noteEnough(_ now: Int64) -> Bool {
    guard isShort, now - lastAt >= Self.quiet else { return false }
    isShort = false
    return true
  }
}
