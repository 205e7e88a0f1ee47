import Config

/// Path patterns, compiled into one block of bytes. Matching allocates nothing and takes time in the product of a segment's and a
/// pattern's length at worst.
struct PatternSet: Sendable {
  private struct Entry {
    var start: Int
    var end: Int
    /// The rest of the path is free. The pattern then ends in a slash.
    var isPrefix: Bool
    var owner: Int
  }

  private var entries: [Entry] = []
  private var bytes: [UInt8] = []
  /// The second bytes, in either case, of paths of two bytes and more that may match: most paths are told apart from most patterns by them.
  private var seconds = ByteSet()

  /// Stands for `*` in `bytes`. No pattern holds a NUL of its own.
  private static let wildcard = ASCII.nul

  init() {}

  /// Patterns that mean what they say: `/a/*` takes `/a/` and all below it, but not `/a`.
  init(_ patterns: [PathPattern]) {
    for (index, pattern) in patterns.enumerated() {
      let (body, isSubtree) = Self.split(pattern)
      add(isSubtree ? body + [ASCII.slash] : body, isPrefix: isSubtree, owner: index)
    }
  }

  /// Patterns of patient pages: with and without a final slash, also where the whole subtree is meant.
  init(patientPages patterns: [PathPattern]) {
    for (index, pattern) in patterns.enumerated() {
      let (body, isSubtree) = Self.split(pattern, droppingFinalSlash: true)
      add(body, isPrefix: false, owner: index)
      add(body + [ASCII.slash], isPrefix: isSubtree, owner: index)
    }
  }

  /// Everything below the patient pages.
  init(belowPatientPages patterns: [PathPattern]) {
    for (index, pattern) in patterns.enumerated() {
      add(Self.split(pattern, droppingFinalSlash: true).body + [ASCII.slash], isPrefix: true, owner: index)
    }
  }

  /// Index of the first pattern that the path matches.
  @inline(__always) func firstMatch(_ path: Span<UInt8>, ignoringCase: Bool) -> Int? {
    if path.count > 1, !seconds.contains(path[1]) { return nil }
    return firstMatch(of: path, ignoringCase: ignoringCase)
  }

  private func firstMatch(of path: Span<UInt8>, ignoringCase: Bool) -> Int? {
    let pattern = bytes.span
    for entry in entries where Self.matches(path, pattern, entry, ignoringCase: ignoringCase) { return entry.owner }
    return nil
  }

  /// The pattern without its final `/*`, and whether it had one.
  private static func split(_ pattern: PathPattern, droppingFinalSlash: Bool = false) -> (body: [UInt8], isSubtree: Bool) {
    var body = Array(pattern.text.utf8)
    let isSubtree = body.suffix(2) == [ASCII.slash, ASCII.asterisk]
    if isSubtree { body.removeLast(2) }
    if !isSubtree, droppingFinalSlash, body.last == ASCII.slash { body.removeLast() }
    return (body, isSubtree)
  }

  /// Adds the pattern as written and, since every path is also judged percent-decoded, percent-decoded.
  private mutating func add(_ body: [UInt8], isPrefix: Bool, owner: Int) {
    let written = body.map { $0 == ASCII.asterisk ? Self.wildcard : $0 }
    append(written, isPrefix: isPrefix, owner: owner)
    let decoded = PathTransforms.decoded(written)
    let wildcards = written.count { $0 == Self.wildcard }
    if decoded != written, decoded.count(where: { $0 == Self.wildcard }) == wildcards {
      append(decoded, isPrefix: isPrefix, owner: owner)
    }
  }

  private mutating func append(_ pattern: [UInt8], isPrefix: Bool, owner: Int) {
    entries.append(Entry(start: bytes.count, end: bytes.count + pattern.count, isPrefix: isPrefix, owner: owner))
    bytes += pattern
    if pattern.prefix(2).contains(Self.wildcard) || pattern.count < 2 && isPrefix {
      for byte in UInt8.min...UInt8.max { seconds.insert(byte) }
    } else if pattern.count > 1 {
      for byte in UInt8.min...UInt8.max where ASCII.lower(byte) == ASCII.lower(pattern[1]) { seconds.insert(byte) }
    }
  }

  private static func matches(_ path: Span<UInt8>, _ pattern: Span<UInt8>, _ entry: Entry, ignoringCase: Bool) -> Bool {
    var position = entry.start
    var index = 0
    // As far as both are simply the same; a `*` at this place may stand for anything.
    while position < entry.end, index < path.count, pattern[position] == path[index], path[index] != wildcard {
      position &+= 1
      index &+= 1
    }
    // Where to go on from after a mismatch: the last `*` of this segment takes one byte more.
    var retryPosition = -1
    var retryIndex = 0
    while true {
      if position == entry.end {
        if entry.isPrefix || index == path.count { return true }
      } else if pattern[position] == wildcard {
        position += 1
        retryPosition = position
        retryIndex = index
        continue
      } else if index < path.count, equal(pattern[position], path[index], ignoringCase: ignoringCase) {
        // Slashes are matched by slashes alone, so that earlier segments need no second look.
        if path[index] == ASCII.slash { retryPosition = -1 }
        position += 1
        index += 1
        continue
      }
      guard retryPosition >= 0, retryIndex < path.count, path[retryIndex] != ASCII.slash else { return false }
      retryIndex += 1
      index = retryIndex
      position = retryPosition
    }
  }

  private static func equal(_ a: UInt8, _ b: UInt8, ignoringCase: Bool) -> Bool {
    a == b || ignoringCase && ASCII.lower(a) == ASCII.lower(b)
  }
}

/// A set of bytes, one bit for each.
private struct ByteSet: Sendable {
  private var bits = InlineArray<4, UInt64>(repeating: 0)

  @inline(__always) func contains(_ byte: UInt8) -> Bool { bits[Int(byte &>> 6)] &>> UInt64(byte & 63) & 1 == 1 }

  mutating func insert(_ byte: UInt8) { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
}
