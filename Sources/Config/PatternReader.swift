/// Path patterns as `patient`, `open`, `background` and `app_logout` take them.
extension LoadContext {
  mutating func pattern(_ value: Value) -> PathPattern? {
    if let mend = Self.patternMend(value.text) {
      error(value.position, "`\(value.shown)` is not a path pattern (\(mend))")
      return nil
    }
    return PathPattern(value.text)
  }

  /// All patterns of a repeatable directive; one that is named twice is an error.
  mutating func patterns(_ entries: [Entry]) -> [(pattern: PathPattern, position: Position)] {
    var list: [(pattern: PathPattern, position: Position)] = []
    for value in entries.flatMap(\.values) {
      guard let pattern = pattern(value) else { continue }
      if let earlier = list.first(where: { $0.pattern == pattern }) {
        error(value.position, "`\(value.shown)` is named twice (the first is at \(earlier.position.shown(from: value.position)); keep one)")
      } else {
        list.append((pattern, value.position))
      }
    }
    return list
  }

  /// How to mend a pattern, or `nil` if nothing is wrong with it.
  static func patternMend(_ text: String) -> String? {
    let bytes = [UInt8](text.utf8)
    guard bytes.first == UInt8(ascii: "/") else { return "it begins with `/`" }
    if bytes.count > 2048 { return "at most 2048 bytes" }
    if bytes.contains(UInt8(ascii: "?")) { return "paths only: leave out the `?` and what follows" }
    if bytes.contains(UInt8(ascii: "#")) { return "paths only: a `#` never reaches a server" }
    if let mend = charactersMend(bytes) { return mend }
    if text.lowercased().hasPrefix("/.anteroom") { return "everything below /.anteroom is the gateway's own" }
    if text.contains("**") { return "one `*`; a final `/*` means everything below" }
    let segments = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if segments.dropLast().contains(where: \.isEmpty) { return "no doubled slashes: they are merged before paths are compared" }
    if segments.contains(where: { $0 == [UInt8(ascii: ".")] || $0 == [UInt8(ascii: "."), UInt8(ascii: ".")] }) {
      return "no `.` and `..` segments: they are removed before paths are compared"
    }
    return nil
  }
}

extension LoadContext {
  /// What may stand in a pattern: visible ASCII that every app reads the same way, and what has no other form percent-encoded.
  private static func charactersMend(_ bytes: [UInt8]) -> String? {
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "%"):
        let hex = bytes[(index + 1)...].prefix(2)
        guard hex.count == 2, let code = UInt8(String(decoding: hex, as: UTF8.self), radix: 16), hex.first != UInt8(ascii: "+") else {
          return "a `%` is followed by two hexadecimal digits"
        }
        guard code == 0x20 || code >= 0x80 else {
          return "only blanks and characters outside ASCII are percent-encoded: write others as they are"
        }
      case UInt8(ascii: "\\"), UInt8(ascii: ";"):
        return "apps read `\(String(UnicodeScalar(byte)))` in several ways: write a `*` for that part"
      case 0x21...0x7E: break
      default: return "percent-encode blanks and characters outside ASCII, such as %20; no control characters"
      }
    }
    return nil
  }
}

/// Whether one pattern takes what another one says, letter for letter.
enum PatternOverlap {
  /// Whether an `open` pattern and a patient path share a path, as far as their letters tell.
  static func open(_ open: String, takesIn patient: String) -> Bool {
    // A patient path means itself with and without a final slash.
    let bare = patient.utf8.count > 1 && patient.hasSuffix("/") ? String(patient.dropLast()) : patient
    return fits(bare, open) || fits(bare + "/", open) || fits(open, bare) || fits(open, bare + "/")
  }

  /// Whether `pattern` fits `text`, where `text` may itself be a pattern: its stars are taken as they stand.
  static func fits(_ text: String, _ pattern: String) -> Bool {
    var pattern = segments(pattern)
    let text = segments(text)
    if pattern.last == [UInt8(ascii: "*")] {
      pattern.removeLast()
      guard text.count > pattern.count else { return false }
      return zip(text, pattern).allSatisfy { Glob.fitsSegment($0, $1) }
    }
    return text.count == pattern.count && zip(text, pattern).allSatisfy { Glob.fitsSegment($0, $1) }
  }

  private static func segments(_ path: String) -> [[UInt8]] {
    path.lowercased().utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { [UInt8]($0) }
  }
}
