/// The steps by which apps change a path before they look at it. None makes it longer.
enum PathTransforms {
  /// Each `%XX` replaced once; with `keepingSeparators`, except those that stand for a slash or a backslash, as many servers do.
  static func decoded(_ path: [UInt8], keepingSeparators: Bool = false) -> [UInt8] {
    let bytes = path.span
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if let byte = ASCII.percentDecoded(bytes, at: index, end: bytes.count),
        !(keepingSeparators && (byte == ASCII.slash || byte == ASCII.backslash))
      {
        result.append(byte)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  static func withBackslashesAsSlashes(_ path: [UInt8]) -> [UInt8] {
    path.map { $0 == ASCII.backslash ? ASCII.slash : $0 }
  }

  /// Each segment cut at its first `;`.
  static func withoutParameters(_ path: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(path.count)
    var isDropping = false
    for byte in path {
      if byte == ASCII.slash { isDropping = false } else if byte == ASCII.semicolon { isDropping = true }
      if !isDropping { result.append(byte) }
    }
    return result
  }

  static func withSlashesMerged(_ path: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(path.count)
    for byte in path where !(byte == ASCII.slash && result.last == ASCII.slash) { result.append(byte) }
    return result
  }

  /// RFC 3986, 5.2.4: an empty segment counts as one.
  static func withoutDotSegments(_ path: [UInt8]) -> [UInt8] {
    let bytes = path.span
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count, bytes[index] != ASCII.slash {
      result.append(bytes[index])
      index += 1
    }
    while index < bytes.count {
      var end = index + 1
      while end < bytes.count, bytes[end] != ASCII.slash { end += 1 }
      let count = end - index - 1
      let isDot = count == 1 && bytes[index + 1] == ASCII.dot
      let isDotDot = count == 2 && bytes[index + 1] == ASCII.dot && bytes[index + 2] == ASCII.dot
      if isDotDot {
        while let last = result.popLast(), last != ASCII.slash {}
      }
      if isDot || isDotDot {
        if end == bytes.count { result.append(ASCII.slash) }
      } else {
        for position in index..<end { result.append(bytes[position]) }
      }
      index = end
    }
    return result
  }

  /// Up to the first control byte, `?` or `#`.
  static func cut(_ path: [UInt8]) -> [UInt8] {
    Array(path.prefix { !(ASCII.isControl($0) || $0 == ASCII.question || $0 == ASCII.hash) })
  }

  /// Characters that some apps take for ASCII, as ASCII.
  static func withoutLookAlikes(_ path: [UInt8]) -> [UInt8] {
    let bytes = path.span
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let second = index + 1 < bytes.count ? bytes[index + 1] : 0
      let third = index + 2 < bytes.count ? bytes[index + 2] : 0
      if bytes[index] >= 0x80, let match = LookAlike.match(bytes[index], second, third) {
        result.append(match.ascii)
        index += match.length
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
