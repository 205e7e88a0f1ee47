/// Which addresses may stand in a `Location` that leads back into the app.
package enum RedirectTarget {
  /// Longest address in bytes.
  static let maximumCount = 64 << 10
  /// How many layers of percent-encoding are looked through.
  private static let decodings = 3

  /// Whether `address` is a path, with a query perhaps, that leads to this very site however it is read, and not below `/.anteroom/`.
  ///
  /// Asked for in every reading of the path (percent-decoded, dot segments removed, backslashes as slashes, `;parameters` dropped,
  /// blanks and control characters after the first slash dropped as browsers do): that it does not begin with two slashes. The query is
  /// the app's own business: any visible ASCII but `#`, which would end it.
  package static func isLocal(_ address: Span<UInt8>) -> Bool {
    guard address.count > 0, address.count <= maximumCount, address[0] == UInt8(ascii: "/") else { return false }
    return isPlain(address) || isLocalInEveryReading(address)
  }

  /// Whether `address` begins with a slash and is local without a closer look, as nearly all are: there is nothing in its path that any
  /// reading changes, and no segment is empty or begins with a dot.
  static func isPlain(_ address: Span<UInt8>) -> Bool {
    var i = 1
    var isAtStart = true
    while i < address.count {
      let byte = address[i]
      if byte == UInt8(ascii: "?") { break }
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): isAtStart = false
      case UInt8(ascii: "."), UInt8(ascii: "/"):
        guard !isAtStart else { return false }
        isAtStart = byte == UInt8(ascii: "/")
      default: return false
      }
      i &+= 1
    }
    while i < address.count {
      let byte = address[i]
      guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#") else { return false }
      i &+= 1
    }
    return true
  }

  /// The closer look, for whatever begins with a slash.
  static func isLocalInEveryReading(_ address: Span<UInt8>) -> Bool {
    var path: [UInt8] = []
    var inPath = true
    for i in 0..<address.count {
      let byte = address[i]
      guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#") else { return false }
      if byte == UInt8(ascii: "?") { inPath = false }
      if inPath {
        guard byte != UInt8(ascii: "\\") else { return false }
        path.append(byte)
      }
    }
    for _ in 0..<decodings {
      guard staysLocal(path) else { return false }
      guard let decoded = percentDecoded(path) else { return true }
      path = decoded
    }
    return staysLocal(path)
  }

  /// Whether `address` is local, as for the span.
  package static func isLocal(_ address: [UInt8]) -> Bool { isLocal(address.span) }

  /// One reading: `path` begins with a slash.
  private static func staysLocal(_ path: [UInt8]) -> Bool {
    // Browsers drop tab, CR and LF anywhere in an address and blanks at its ends; some parsers drop every control character.
    let visible = path.filter { $0 > 0x20 && $0 != 0x7F }.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
    let segments = visible.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { $0.prefix { $0 != UInt8(ascii: ";") } }
    return !leavesTwoSlashes(segments) && !isReserved(segments)
  }

  /// Whether the path begins with two slashes, or would once its dot segments are gone: `/a/..//evil`, `/.//evil`.
  private static func leavesTwoSlashes(_ segments: [ArraySlice<UInt8>]) -> Bool {
    var kept: [Bool] = []  // whether the segment that was kept is empty
    for segment in segments.dropLast() {
      if segment.elementsEqual(".".utf8) { continue }
      if segment.elementsEqual("..".utf8) {
        if !kept.isEmpty { kept.removeLast() }
      } else {
        kept.append(segment.isEmpty)
      }
      if kept.first == true { return true }
    }
    return false
  }

  private static func isReserved(_ segments: [ArraySlice<UInt8>]) -> Bool {
    var kept: [ArraySlice<UInt8>] = []
    for segment in segments where !segment.isEmpty && !segment.elementsEqual(".".utf8) {
      if segment.elementsEqual("..".utf8) {
        if !kept.isEmpty { kept.removeLast() }
      } else {
        kept.append(segment)
      }
    }
    guard let first = kept.first else { return false }
    return first.map { (65...90).contains($0) ? $0 | 0x20 : $0 }.elementsEqual(".anteroom".utf8)
  }

  /// `nil` if there is nothing to decode; an escape that is none stays as it is.
  private static func percentDecoded(_ path: [UInt8]) -> [UInt8]? {
    guard path.contains(UInt8(ascii: "%")) else { return nil }
    var decoded: [UInt8] = []
    var changed = false
    var i = 0
    while i < path.count {
      if path[i] == UInt8(ascii: "%"), i + 2 < path.count, let high = hexValue(path[i + 1]), let low = hexValue(path[i + 2]) {
        decoded.append(high << 4 | low)
        changed = true
        i += 3
      } else {
        decoded.append(path[i])
        i += 1
      }
    }
    return changed ? decoded : nil
  }
}

/// The value of a hexadecimal digit.
func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 48...57: digit - 48
  case 65...70: digit - 55
  case 97...102: digit - 87
  default: nil
  }
}
