import Crypto

/// Writes the `Set-Cookie` lines that give browsers their binding: what is the same in all of them is put together once.
package struct BindingCookieLine: Sendable {
  private let start: [UInt8]
  private let end: [UInt8]

  /// Lines with the names and attributes of a scheme.
  package init(_ names: CookieNames) {
    let name = names.binding([UInt8](repeating: 0, count: CookieNames.bindingNameCount))
    let prefix = name.dropLast(Base64URL.characters(CookieNames.bindingNameCount))
    start = [UInt8]("Set-Cookie: \(prefix)".utf8)
    // Of a cookie without name and value, less its equals sign.
    end = [UInt8]("\(names.setCookie("", value: "").dropFirst())\r\n".utf8)
  }

  private static let secure = BindingCookieLine(.secure)
  private static let plain = BindingCookieLine(.plain)

  /// The one for a scheme.
  package static func line(isSecure: Bool) -> BindingCookieLine { isSecure ? secure : plain }

  /// Appends a line, complete, for a cookie whose name is made its own by some bits of `random`, and whose value `appendValue` appends.
  package func append(random: UInt64, to output: inout [UInt8], _ appendValue: (inout [UInt8]) -> Void) {
    let name = [6 of UInt8] { i in UInt8(truncatingIfNeeded: random &>> UInt64(i &* 8)) }
    precondition(name.count == CookieNames.bindingNameCount)
    output += start
    Base64URL.append(name.span, to: &output)
    output.append(UInt8(ascii: "="))
    appendValue(&output)
    output += end
  }
}
