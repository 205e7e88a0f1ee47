/// A JSON value (RFC 8259).
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that 64 bits hold.
  case integer(Int64)
  /// Any other number; always finite.
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads a document: strict, in UTF-8, names in an object all different, nested at most 32 deep.
  package init(_ bytes: [UInt8]) throws(JSONFault) {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }

  /// The member of an object; `nil` where there is none, or no object.
  package subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// A text, or an array that holds texts alone; otherwise empty.
  package var texts: [String] {
    switch self {
    case .text(let text): return [text]
    case .array(let values):
      let texts = values.compactMap(\.text)
      return texts.count == values.count ? texts : []
    default: return []
    }
  }

  /// A NumericDate (RFC 7519, section 2) in whole seconds, a fraction cut off; `nil` for what is no number, or beyond ±2^53.
  package var seconds: Int64? {
    let bound: Int64 = 1 << 53
    switch self {
    case .integer(let value): return (-bound...bound).contains(value) ? value : nil
    case .number(let value): return abs(value) <= Double(bound) ? Int64(value) : nil
    default: return nil
    }
  }

  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }
}

/// Why bytes are no JSON document that is taken.
package struct JSONFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and at which byte, counted from 0.
  package let description: String

  init(_ what: String, at offset: Int) { description = "\(what) at byte \(offset)" }
}
