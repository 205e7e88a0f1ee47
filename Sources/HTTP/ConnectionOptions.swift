/// The words that decide about framing, persistence and targets, ready to be compared.
enum Tokens {
  static let chunked = PackedName("chunked")
  static let close = PackedName("close")
  static let keepAlive = PackedName("keep-alive")
  static let upgrade = PackedName("upgrade")
  static let websocket = PackedName("websocket")
  static let continueExpectation = PackedName("100-continue")
  static let httpScheme = PackedName("http://")
  static let httpsScheme = PackedName("https://")
}

/// What the Connection lines of one head say (RFC 9110, section 7.6.1).
struct ConnectionOptions {
  private(set) var close = false
  private(set) var keepAlive = false
  private(set) var upgrade = false
  /// An option other than `close` and `keep-alive`: the name of a field that is not to be forwarded.
  private(set) var nominates = false

  mutating func add(_ head: Span<UInt8>, _ value: Range<Int>) {
    // Nearly always it is this alone.
    if value.count == 10, Tokens.keepAlive.equals(anyCase: head, value) {
      keepAlive = true
      return
    }
    var position = value.lowerBound
    while let element = nextListElement(head, &position, end: value.upperBound) {
      if element.count == 5, Tokens.close.equals(anyCase: head, element) {
        close = true
      } else if element.count == 10, Tokens.keepAlive.equals(anyCase: head, element) {
        keepAlive = true
      } else {
        nominates = true
        if element.count == 7, Tokens.upgrade.equals(anyCase: head, element) { upgrade = true }
      }
    }
  }

  /// RFC 9112, section 9.3.
  func persists(minorVersion: UInt8) -> Bool { !close && (minorVersion >= 1 || keepAlive) }
}

/// The next non-empty element of a comma-separated list, without the blanks around it; `nil` at the end. Not for lists that may hold quoted strings.
@inline(__always) func nextListElement(_ bytes: Span<UInt8>, _ position: inout Int, end: Int) -> Range<Int>? {
  while position < end {
    let comma = Word.firstOffset(of: Octet.comma, in: bytes, position..<end) ?? end
    let element = trimmingBlanks(position..<comma, in: bytes)
    position = comma &+ 1
    if !element.isEmpty { return element }
  }
  return nil
}

/// The names that the Connection lines of a head nominate, to be asked for each field that might be forwarded. Holds its storage from one head to the next.
package struct ConnectionNominations: Sendable {
  private var names: [ByteRange] = []
  private let maxCount: Int

  /// Collects at most `maxCount` names from one head.
  package init(maxCount: Int = 32) { self.maxCount = maxCount }

  /// Forgets the last head and takes the options of all Connection lines among `fields`, which belong to `head`.
  /// `false` when there are more than `maxCount`: such a message is to be refused, for some field would slip through.
  package mutating func collect(from fields: [FieldLine], in head: Span<UInt8>) -> Bool {
    names.removeAll(keepingCapacity: true)
    for field in fields where field.known == .connection {
      var position = field.value.start
      while let element = nextListElement(head, &position, end: field.value.end) {
        guard names.count < maxCount else { return false }
        names.append(ByteRange(element.lowerBound, element.upperBound))
      }
    }
    return true
  }

  /// Whether `name` is nominated, in any case. `head` is the head that was collected from.
  package func contains(_ name: Span<UInt8>, in head: Span<UInt8>) -> Bool {
    for nominated in names where nominated.count == name.count {
      if equalIgnoringCase(head.extracting(nominated.range), name) { return true }
    }
    return false
  }
}
