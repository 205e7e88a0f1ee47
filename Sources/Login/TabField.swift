import Session

/// The query field by which the app's own login pages carry the name of the tab that they were opened in (`login app`).
package enum TabField {
  private static let name = [UInt8]("anteroom".utf8)

  /// The tab that a query names: exactly one such field, whose value may be a tab's name.
  package static func tab(in query: some Sequence<UInt8>) -> String? {
    let values = Array(query).split(separator: UInt8(ascii: "&")).compactMap { value(of: $0) }
    guard values.count == 1, let value = values.first, value.count == CookieNames.tabNameCount, value.allSatisfy(isNameByte) else {
      return nil
    }
    return String(decoding: value, as: UTF8.self)
  }

  /// The bytes of `target`, a path and perhaps a query, that are left of it without such fields: all others as they were.
  package static func removed(from target: [UInt8]) -> [UInt8] {
    guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return target }
    let parts = target[(mark + 1)...].split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    let kept = parts.filter { value(of: $0) == nil }
    guard kept.count < parts.count else { return target }
    let path = Array(target[..<mark])
    return kept.isEmpty ? path : path + [UInt8(ascii: "?")] + Array(kept.joined(separator: [UInt8(ascii: "&")]))
  }

  /// An address with the field, in front of its fragment, in place of any that it has.
  package static func appended(_ tab: String, to address: [UInt8]) -> [UInt8] {
    let end = address.firstIndex(of: UInt8(ascii: "#")) ?? address.count
    let bare = removed(from: Array(address[..<end]))
    let mark = bare.contains(UInt8(ascii: "?")) ? UInt8(ascii: "&") : UInt8(ascii: "?")
    return bare + [mark] + name + [UInt8(ascii: "=")] + Array(tab.utf8) + address[end...]
  }

  /// What a field of this name holds; `nil` for other fields.
  private static func value(of part: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard part.starts(with: name) else { return nil }
    let rest = part.dropFirst(name.count)
    if rest.isEmpty { return rest }
    return rest.first == UInt8(ascii: "=") ? rest.dropFirst() : nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }
}
