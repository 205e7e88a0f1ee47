/// User names as they are compared: `john`, `John`, `JOHN` and `john ` are one.
///
/// The folding is NFKC_Casefold (Unicode, section 3.13) for every name that it accepts. The standard library has no table of compatibility
/// mappings, but it tells which characters such a mapping would change: those are mapped here where the mapping is simple (letters without
/// regard to case, full-width ASCII, Latin ligatures, sharp s, final sigma), and a name with any other one is refused: no account can have
/// it and nobody can sign in with it. Canonical equivalence (composed or decomposed accents) is left to `String`, whose `==` and hash
/// already go by it; folded names are therefore compared as strings, never as bytes.
package enum UserName {
  /// Longest name in bytes of UTF-8, before folding.
  package static let maximumCount = 256

  /// The folded form of `name`; `nil` if it is empty, too long, or holds a character that cannot be part of a user name.
  package static func fold(_ name: String) -> String? {
    guard name.utf8.count <= maximumCount else { return nil }
    let scalars = trimmed(name)
    var folded = String.UnicodeScalarView()
    for scalar in scalars {
      guard isPermitted(scalar) else { return nil }
      guard scalar.properties.changesWhenNFKCCaseFolded else {
        folded.append(scalar)
        continue
      }
      for replacement in replacement(for: scalar).unicodeScalars {
        guard !replacement.properties.changesWhenNFKCCaseFolded else { return nil }
        folded.append(replacement)
      }
    }
    return folded.isEmpty ? nil : String(folded)
  }

  /// The folded form of a name in UTF-8; `nil` also for bytes that are not UTF-8.
  package static func fold(_ name: [UInt8]) -> String? {
    guard name.count <= maximumCount, let text = String(validating: name, as: UTF8.self) else { return nil }
    return fold(text)
  }

  private static func trimmed(_ name: String) -> Substring.UnicodeScalarView {
    var scalars = name[...].unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return scalars
  }

  private static func isPermitted(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  private static func replacement(for scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0xDF, 0x1E9E: "ss"
    case 0x3C2: "\u{3C3}"
    case 0xFB00: "ff"
    case 0xFB01: "fi"
    case 0xFB02: "fl"
    case 0xFB03: "ffi"
    case 0xFB04: "ffl"
    case 0xFB05, 0xFB06: "st"
    case 0xFF01...0xFF5E: lowercase(UInt8(truncatingIfNeeded: scalar.value - 0xFEE0))
    default: scalar.properties.lowercaseMapping
    }
  }

  private static func lowercase(_ ascii: UInt8) -> String {
    Unicode.Scalar(ascii).properties.lowercaseMapping
  }
}
