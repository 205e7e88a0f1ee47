/// An address of the site with places for a patient, as `to` and `lookup` take it: begins with one `/`, local in every reading, never below
/// `/.anteroom`. Checked when read; kept in parts.
package struct PatientTemplate: Sendable, Equatable {
  /// What stands in for `{…}`.
  package enum Placeholder: String, Sendable, CaseIterable {
    /// The checked digits of the request.
    case patientID = "patient_id"
    /// What the app's own API calls this patient: any text.
    case appID = "app_id"
  }

  /// Where in an address something stands.
  package enum Place: Sendable, Equatable { case path, query, fragment }

  enum Part: Sendable, Equatable {
    case literal(String)
    case placeholder(Placeholder, Place)
  }

  /// As written.
  package let text: String
  let parts: [Part]

  /// Longest text in bytes.
  static let maximumCount = 2048
  /// Longest id of the app's own, in bytes of UTF-8.
  package static let longestAppID = 256

  /// Whether `{app_id}` is in it, so that the app has to be asked.
  package var needsAppID: Bool { uses(.appID) }

  func uses(_ wanted: Placeholder) -> Bool {
    parts.contains { if case .placeholder(wanted, _) = $0 { true } else { false } }
  }

  var hasPlaceholder: Bool { parts.contains { if case .placeholder = $0 { true } else { false } } }

  var hasQuery: Bool { text.prefix { $0 != "#" }.contains("?") }

  var hasFragment: Bool { text.contains("#") }

  /// The path as a pattern: a star where a placeholder is.
  var pathPattern: String {
    var path = ""
    for part in parts {
      switch part {
      case .literal(let text):
        path += text.prefix { $0 != "?" && $0 != "#" }
        if text.contains(where: { $0 == "?" || $0 == "#" }) { return path }
      case .placeholder: path += "*"
      }
    }
    return path
  }

  /// The address for one patient; `nil` where the app's id is none that may stand in this place, or is missing and needed.
  /// - Parameters:
  ///   - patientID: digits.
  ///   - appID: as the app's API says it.
  package func address(patientID: String, appID: String? = nil) -> [UInt8]? {
    var address: [UInt8] = []
    for part in parts {
      switch part {
      case .literal(let text): address += text.utf8
      case .placeholder(.patientID, _): address += patientID.utf8
      case .placeholder(.appID, let place):
        guard let appID, Self.fits(appID, in: place) else { return nil }
        address += Self.encoded(appID)
      }
    }
    return address
  }

  /// Whether an id may stand there once it is percent-encoded. Control characters mean nothing good anywhere; in a path, servers decode before
  /// they look for slashes, parameters and dot segments, some of them twice.
  static func fits(_ id: String, in place: Place) -> Bool {
    let bytes = id.utf8
    guard (1...longestAppID).contains(bytes.count), id.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      return false
    }
    guard place == .path else { return true }
    return bytes.first != UInt8(ascii: ".") && !bytes.contains { [UInt8]("/\\%;?#".utf8).contains($0) }
  }

  /// Percent-encoded but for the unreserved characters (RFC 3986, section 2.3), which does for every place.
  static func encoded(_ id: String) -> [UInt8] {
    let digits = [UInt8]("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in id.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.append(byte)
      default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return encoded
  }
}

extension PatientTemplate {
  /// Why a text is no template: how to mend it.
  struct Fault: Error, Equatable {
    let mend: String

    init(_ mend: String) { self.mend = mend }
  }

  /// - Parameter allowed: the placeholders that mean something where it stands.
  package init?(_ text: String, allowed: [Placeholder] = Placeholder.allCases) {
    guard let template = try? PatientTemplate(checking: text, allowed: allowed) else { return nil }
    self = template
  }

  /// - Parameter mayBeFixed: it may do without a placeholder.
  init(checking text: String, allowed: [Placeholder], mayBeFixed: Bool = false) throws(Fault) {
    guard text.utf8.first == UInt8(ascii: "/") else { throw Fault("it begins with `/`, and leads to this very site") }
    guard text.utf8.count <= Self.maximumCount else { throw Fault("at most \(Self.maximumCount) bytes") }
    self.text = text
    parts = try Self.parts(of: text, allowed: allowed)
    guard hasPlaceholder || mayBeFixed else {
      throw Fault("it holds no place for a patient: everybody would get the same page; write `{patient_id}` where the number belongs")
    }
    // A digit where a star would be: what fills the place is never empty.
    if let mend = LoadContext.patternMend(pathPattern.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "1")) {
      throw Fault(mend)
    }
  }

  private static func parts(of text: String, allowed: [Placeholder]) throws(Fault) -> [Part] {
    var parts: [Part] = []
    var literal = ""
    var place = Place.path
    var rest = text[...]
    while let character = rest.popFirst() {
      if character == "{" {
        guard let end = rest.firstIndex(of: "}"), let placeholder = Placeholder(rawValue: String(rest[..<end])),
          allowed.contains(placeholder)
        else {
          throw Fault(
            "braces only around \(allowed.map { "`\($0.rawValue)`" }.joined(separator: " or ")), or percent-encoded as %7B and %7D")
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = ""
        parts.append(.placeholder(placeholder, place))
        rest = rest[rest.index(after: end)...]
        continue
      }
      guard let byte = character.asciiValue, byte > 0x20, byte < 0x7F, !"\\\"<>^`|}".contains(character) else {
        throw Fault("percent-encode blanks, characters outside ASCII and any of \\ \" < > ^ ` | }, such as %20")
      }
      if character == "#" {
        guard place != .fragment else { throw Fault("one `#` only") }
        place = .fragment
      } else if character == "?", place == .path {
        place = .query
      }
      literal.append(character)
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    return parts
  }
}
