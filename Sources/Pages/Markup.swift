/// HTML being put together. What is interpolated is escaped unless it is `Markup` itself.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }

  struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 32)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ value: String, limit: Int = 1024) {
      HTMLText.append(value, limit: limit, to: &text)
    }

    mutating func appendInterpolation(_ value: Int) { text += String(value) }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
  }
}

extension Sequence {
  /// The pieces one after the other.
  func markup(_ piece: (Element) -> Markup) -> Markup {
    reduce(into: "") { $0 += piece($1) }
  }
}
