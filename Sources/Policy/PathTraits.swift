/// What in a path lets one app read it otherwise than another. An empty set means that there is one reading, apart from letter case.
struct PathTraits: OptionSet, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A `%` with two hexadecimal digits.
  static let percent = PathTraits(rawValue: 1)
  /// A `%` without them: apps differ in what they do with it.
  static let badPercent = PathTraits(rawValue: 2)
  static let backslash = PathTraits(rawValue: 4)
  /// A `;`, which begins a segment's parameters.
  static let parameters = PathTraits(rawValue: 8)
  static let doubleSlash = PathTraits(rawValue: 16)
  /// A segment `.` or `..`.
  static let dotSegment = PathTraits(rawValue: 32)
  /// A control byte, `?` or `#`, at which some apps end the path.
  static let cut = PathTraits(rawValue: 64)
  static let highBytes = PathTraits(rawValue: 128)

  init(of path: Span<UInt8>) {
    var traits: PathTraits = []
    var index = 0
    while index < path.count {
      let byte = path[index]
      switch byte {
      case ASCII.slash: traits.formUnion(Self.afterSlash(path, index + 1))
      case ASCII.percent: traits.insert(ASCII.percentDecoded(path, at: index, end: path.count) == nil ? .badPercent : .percent)
      case ASCII.backslash: traits.insert(.backslash)
      case ASCII.semicolon: traits.insert(.parameters)
      case ASCII.hash, ASCII.question, 0..<ASCII.space, ASCII.delete: traits.insert(.cut)
      case 0x80...: traits.insert(.highBytes)
      default: break
      }
      index += 1
    }
    self = traits
  }

  /// Whether the path has none of them: the same as `PathTraits(of: path).isEmpty`, for the paths of nearly all requests quickly.
  static func none(in path: Span<UInt8>) -> Bool {
    var followsSlash = false
    for index in path.indices {
      let byte = path[index]
      guard isOrdinary(byte), !(followsSlash && (byte == ASCII.slash || byte == ASCII.dot)) else { return PathTraits(of: path).isEmpty }
      followsSlash = byte == ASCII.slash
    }
    return true
  }

  /// The bytes of ASCII that mean the same to everybody, one bit for each: all but control bytes, `#`, `%`, `;`, `?` and the backslash.
  private static let ordinaryLow: UInt64 = 0x77FF_FFD7_0000_0000
  private static let ordinaryHigh: UInt64 = 0x7FFF_FFFF_EFFF_FFFF

  private static func isOrdinary(_ byte: UInt8) -> Bool {
    guard byte < 0x80 else { return false }
    return (byte < 0x40 ? ordinaryLow : ordinaryHigh) &>> UInt64(byte & 0x3F) & 1 == 1
  }

  private static func afterSlash(_ path: Span<UInt8>, _ start: Int) -> PathTraits {
    guard start < path.count else { return [] }
    if path[start] == ASCII.slash { return .doubleSlash }
    guard path[start] == ASCII.dot else { return [] }
    var end = start + 1
    if end < path.count, path[end] == ASCII.dot { end += 1 }
    return end == path.count || path[end] == ASCII.slash ? .dotSegment : []
  }
}
