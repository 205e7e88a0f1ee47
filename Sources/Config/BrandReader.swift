/// Reads `brand`.
enum BrandReader {
  static let logoLimit = 256 << 10

  static func read(_ entry: Entry, context: inout LoadContext) -> Brand {
    var brand = Brand()
    let reader = BlockReader(entry.block ?? [], kind: .brand, context: &context)
    if let value = reader.first("name")?.values[0] {
      if value.text.isEmpty || value.text.count > 80
        || value.text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      {
        context.error(value.position, "a name has 1 to 80 characters, and no control characters (shorten it)")
      } else {
        brand.name = value.text
      }
    }
    if let value = reader.first("logo")?.values[0], context.isPath(value) { brand.logo = logo(value, context: &context) }
    return brand
  }

  private static func logo(_ value: Value, context: inout LoadContext) -> Brand.Logo? {
    switch context.files.read(context.files.absolute(value.path), logoLimit) {
    case .failure(.tooLarge):
      context.error(value.position, "the logo \(value.path) is larger than 256 KB (make it smaller)")
    case .failure(let failure):
      context.error(value.position, "the logo \(value.path) cannot be read: \(failure.reason) (check the path)")
    case .success(let bytes):
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return Brand.Logo(type: "image/png", bytes: bytes) }
      guard let text = String(validating: bytes, as: UTF8.self), isSVG(text) else {
        context.error(value.position, "the logo \(value.path) is neither PNG nor SVG (its content counts, not its name)")
        return nil
      }
      if let held = active(text) {
        context.error(value.position, "the logo \(value.path) holds \(held) (save it as a plain SVG, or as PNG)")
        return nil
      }
      return Brand.Logo(type: "image/svg+xml", bytes: bytes)
    }
    return nil
  }

  /// Whether the first element is `svg`, behind a declaration, comments and a document type.
  static func isSVG(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if rest.starts(with: "\u{FEFF}".utf8) { rest = rest.dropFirst(3) }
    while true {
      rest = rest.drop { $0 <= 0x20 }
      if rest.starts(with: "<!--".utf8) {
        guard let end = find("-->", in: rest) else { return false }
        rest = rest[end...]
      } else if rest.starts(with: "<?".utf8) || rest.starts(with: "<!".utf8) {
        guard let end = find(">", in: rest) else { return false }
        rest = rest[end...]
      } else {
        guard rest.starts(with: "<svg".utf8), let next = rest.dropFirst(4).first else { return false }
        return next <= 0x20 || next == UInt8(ascii: ">") || next == UInt8(ascii: "/")
      }
    }
  }

  /// The index behind the first `needle`.
  private static func find(_ needle: String, in text: Substring.UTF8View) -> Substring.UTF8View.Index? {
    var rest = text
    while !rest.isEmpty {
      if rest.starts(with: needle.utf8) { return rest.index(rest.startIndex, offsetBy: needle.utf8.count) }
      rest = rest.dropFirst()
    }
    return nil
  }

  /// What in an SVG could act, for the message.
  private static func active(_ text: String) -> String? {
    let folded = text.lowercased()
    if folded.contains("<script") || folded.contains(":script") { return "a script" }
    if folded.contains("javascript:") { return "a javascript: address" }
    if folded.contains("<!entity") { return "entities" }
    if folded.contains("<foreignobject") || folded.contains(":foreignobject") { return "foreign content" }
    return nil
  }
}
