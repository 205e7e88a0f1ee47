/// Every way in which some app might read a path: as sent, and the closure of that under `PathTransforms`, up to three decodings deep.
/// Letter case is left to the comparison: lowering it commutes with all of them.
struct PathReadings {
  /// The first is the path as sent.
  private(set) var readings: [[UInt8]] = []
  /// The path as sent is not sound, or has more readings than are worth finding: nobody knows what an app makes of it.
  private(set) var isDoubtful = false
  /// Some reading holds a byte at which an app might end it.
  private(set) var hasCut = false
  /// The limit on readings or on work was reached, so that there may be more of them.
  private(set) var isIncomplete = false

  static let maximumReadings = 256
  /// Decodings of one path. Some apps decode twice; three leaves room.
  static let maximumDecodings = 3
  /// Bytes scanned and written, all readings of one path together, beyond eight times its length.
  static let maximumWork = 256 << 10

  private var details: [(hash: UInt64, traits: PathTraits, decodings: Int)] = []
  private var work: Int

  init(of path: Span<UInt8>) {
    var sent: [UInt8] = []
    sent.reserveCapacity(path.count)
    for index in 0..<path.count { sent.append(path[index]) }
    work = Self.maximumWork + 8 * sent.count
    add(sent, decodings: 0)
    if details[0].traits.contains(.badPercent) || sent.first != ASCII.slash { isDoubtful = true }
    if details[0].traits.contains(.highBytes) { isDoubtful = true }
    // First the shortest form, which is the likeliest to name another resource, in case the limit is reached.
    add(Self.reduced(sent, details[0].traits), decodings: Self.maximumDecodings)
    var next = 0
    while next < readings.count, !isIncomplete {
      expand(next)
      next += 1
    }
    if isIncomplete { isDoubtful = true }
  }

  private mutating func expand(_ index: Int) {
    let reading = readings[index]
    let (_, traits, decodings) = details[index]
    if traits.contains(.percent) {
      if decodings < Self.maximumDecodings {
        add(PathTransforms.decoded(reading), decodings: decodings + 1)
        add(PathTransforms.decoded(reading, keepingSeparators: true), decodings: decodings + 1)
      } else {
        isDoubtful = true
      }
    }
    if traits.contains(.highBytes) { add(PathTransforms.withoutLookAlikes(reading), decodings: decodings) }
    if traits.contains(.backslash) { add(PathTransforms.withBackslashesAsSlashes(reading), decodings: decodings) }
    if traits.contains(.parameters) { add(PathTransforms.withoutParameters(reading), decodings: decodings) }
    if traits.contains(.doubleSlash) { add(PathTransforms.withSlashesMerged(reading), decodings: decodings) }
    if traits.contains(.dotSegment) { add(PathTransforms.withoutDotSegments(reading), decodings: decodings) }
    if traits.contains(.cut) { add(PathTransforms.cut(reading), decodings: decodings) }
  }

  private mutating func add(_ reading: [UInt8], decodings: Int) {
    work -= 2 * reading.count + 64
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in reading { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for index in details.indices where details[index].hash == hash && readings[index].count == reading.count {
      work -= reading.count
      if readings[index] == reading {
        details[index].decodings = min(details[index].decodings, decodings)
        return
      }
    }
    guard readings.count < Self.maximumReadings, work > 0 else {
      isIncomplete = true
      return
    }
    let traits = PathTraits(of: reading.span)
    if traits.contains(.cut) { hasCut = true }
    readings.append(reading)
    details.append((hash, traits, decodings))
  }

  /// All steps together, those that do nothing left out.
  private static func reduced(_ sent: [UInt8], _ sentTraits: PathTraits) -> [UInt8] {
    var path = sent
    var traits = sentTraits
    for _ in 0..<maximumDecodings where traits.contains(.percent) {
      path = PathTransforms.decoded(path)
      traits = PathTraits(of: path.span)
    }
    if traits.contains(.highBytes) { path = PathTransforms.withoutLookAlikes(path) }
    path = PathTransforms.cut(path)
    if path.contains(ASCII.backslash) { path = PathTransforms.withBackslashesAsSlashes(path) }
    if path.contains(ASCII.semicolon) { path = PathTransforms.withoutParameters(path) }
    if PathTraits(of: path.span).contains(.doubleSlash) { path = PathTransforms.withSlashesMerged(path) }
    return PathTraits(of: path.span).contains(.dotSegment) ? PathTransforms.withoutDotSegments(path) : path
  }
}
