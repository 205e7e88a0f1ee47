import Crypto

/// The fields of an `application/x-www-form-urlencoded` body (WHATWG URL, section 5.1), read strictly.
package struct URLEncodedForm: Sendable, CustomStringConvertible {
  /// Largest body in bytes: a ticket, a user name and a password, every byte of them escaped.
  package static let maximumCount = 16 << 10
  private static let maximumFields = 32

  private var fields: [(name: [UInt8], value: [UInt8])] = []

  /// `nil` for a body that is too large, has too many fields, or an escape that is none.
  package init?(_ body: Span<UInt8>) {
    guard body.count <= Self.maximumCount else { return nil }
    var name: [UInt8]?
    var part: [UInt8] = []
    var i = 0
    while i < body.count {
      switch body[i] {
      case UInt8(ascii: "&"):
        guard finish(&name, &part) else { return nil }
      case UInt8(ascii: "=") where name == nil:
        name = part
        part = []
      case UInt8(ascii: "+"):
        part.append(0x20)
      case UInt8(ascii: "%"):
        guard i + 2 < body.count, let high = hexValue(body[i + 1]), let low = hexValue(body[i + 2]) else { return nil }
        part.append(high << 4 | low)
        i += 2
      case let byte:
        part.append(byte)
      }
      i += 1
    }
    guard finish(&name, &part) else { return nil }
  }

  /// The value of the field `name`; `nil` if there is none, or more than one.
  package func value(_ name: String) -> [UInt8]? {
    var found: [UInt8]?
    for field in fields where field.name.elementsEqual(name.utf8) {
      guard found == nil else { return nil }
      found = field.value
    }
    return found
  }

  /// Takes the field `name` out, as a secret that then alone holds its bytes; `nil` as for `value`.
  package mutating func takeSecret(_ name: String) -> Secret? {
    guard value(name) != nil, let index = fields.firstIndex(where: { $0.name.elementsEqual(name.utf8) }) else { return nil }
    return Secret(fields.remove(at: index).value)
  }

  /// Without names and values: one of them is a password.
  package var description: String { "URLEncodedForm(\(fields.count) fields)" }

  private mutating func finish(_ name: inout [UInt8]?, _ part: inout [UInt8]) -> Bool {
    defer {
      name = nil
      part = []
    }
    if name == nil, part.isEmpty { return true }
    guard fields.count < Self.maximumFields else { return false }
    fields.append(name.map { ($0, part) } ?? (part, []))
    return true
  }
}
