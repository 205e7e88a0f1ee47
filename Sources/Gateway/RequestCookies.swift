import HTTP
import Session

/// The cookies of one request, looked at once: the session's among them, and what is the app's. Holds its storage from one request to the next.
final class RequestCookies {
  private struct Line {
    /// The app's cookies of this line, in `kept`.
    var kept: Range<Int>
    var dropsAny: Bool
  }

  /// Whether the request's cookies were looked at.
  private(set) var isRead = false
  private var sessionCount = 0
  private var session: Range<Int>?
  private var kept: [UInt8] = []
  // Those of earlier requests stay, and are written over.
  private var lines: [Line] = []
  private var lineCount = 0

  /// Where the session's sealed value stands in the head. With two of them nobody knows which one is meant: `nil`.
  var sessionValue: Range<Int>? { sessionCount == 1 ? session : nil }

  /// The app's cookies of all lines, as one value; empty where there are none.
  var appsOwn: [UInt8] {
    Array(lines.prefix(lineCount).map { kept[$0.kept] }.filter { !$0.isEmpty }.joined(separator: Array("; ".utf8)))
  }

  /// Looks at the Cookie lines among `fields`, once for each request.
  func read(_ fields: [FieldLine], in head: Span<UInt8>, _ names: CookieNames) {
    guard !isRead else { return }
    isRead = true
    var kept: [UInt8] = []
    var lines: [Line] = []
    var session: Range<Int>?
    var sessionCount = 0
    var lineCount = 0
    swap(&kept, &self.kept)
    swap(&lines, &self.lines)
    for field in fields {
      guard case .cookie = field.known else { continue }
      let start = field.value.start
      let line = head.extracting(field.value.range)
      let keptStart = kept.count
      var dropsAny = false
      forEachCookie(in: line) { name, value in
        switch names.owner(of: line.extracting(name)) {
        case .app:
          kept.appendCookie(line.extracting(name.lowerBound..<value.upperBound), isFirst: kept.count == keptStart)
        case .gateway: dropsAny = true
        case .session:
          dropsAny = true
          sessionCount += 1
          session = value.lowerBound + start..<value.upperBound + start
        }
      }
      let result = Line(kept: keptStart..<kept.count, dropsAny: dropsAny)
      if lineCount < lines.count { lines[lineCount] = result } else { lines.append(result) }
      lineCount += 1
    }
    swap(&kept, &self.kept)
    swap(&lines, &self.lines)
    self.lineCount = lineCount
    self.session = session
    self.sessionCount = sessionCount
  }

  /// The most that `append` writes for lines that it changes.
  var byteCount: Int { kept.count + 10 * lineCount }

  /// Appends the Cookie line number `index`, whose value is `value`, without the gateway's own cookies: byte for byte where it has none, and
  /// nothing where it has no others.
  func append(line index: Int, value: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    let line = lines[index]
    guard !line.kept.isEmpty else { return }
    output.appendLiteral("Cookie: ")
    if line.dropsAny {
      let kept = kept
      output.append(copying: kept.span.extracting(line.kept))
    } else {
      output.append(copying: value)
    }
    output.appendLiteral("\r\n")
  }

  /// Forgets the request.
  func reset() {
    guard isRead else { return }
    isRead = false
    session = nil
    sessionCount = 0
    lineCount = 0
    guard !kept.isEmpty else { return }
    var kept: [UInt8] = []
    swap(&kept, &self.kept)
    kept.removeAll(keepingCapacity: true)
    swap(&kept, &self.kept)
  }
}
