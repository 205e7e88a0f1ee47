/// File name patterns: `*`, `?` and `[sets]`, each within one name.
enum Glob {
  /// Entries of one folder that are looked at.
  static let entryLimit = 10_000

  static func isPattern(_ path: String) -> Bool {
    path.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  /// The paths that fit, sorted name by name; relative patterns give relative paths.
  static func matches(_ pattern: String, files: FileAccess) -> [String] {
    var found = [pattern.utf8.first == UInt8(ascii: "/") ? "/" : ""]
    for (index, segment) in pattern.split(separator: "/").enumerated() {
      let prefix = { (base: String) in index == 0 ? base : base + "/" }
      guard isPattern(String(segment)) else {
        found = found.map { prefix($0) + segment }
        continue
      }
      found = found.flatMap { base -> [String] in
        guard case .success(let names) = files.list(files.absolute(base.isEmpty ? "." : base)) else { return [] }
        return names.prefix(entryLimit).sorted().filter { fits([UInt8]($0.utf8), [UInt8](segment.utf8)) }.map { prefix(base) + $0 }
      }
      found = Array(found.prefix(entryLimit))
    }
    return found.filter {
      guard case .success = files.status(files.absolute($0)) else { return false }
      return true
    }
  }

  /// Whether one name fits one segment of a pattern. Hidden names need a dot in the pattern.
  static func fits(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
    if name.first == UInt8(ascii: "."), pattern.first != UInt8(ascii: ".") { return false }
    return fits(name, pattern, hasSets: true)
  }

  /// Whether one segment of a path fits one of a path pattern: only `*` stands for anything.
  static func fitsSegment(_ segment: [UInt8], _ pattern: [UInt8]) -> Bool { fits(segment, pattern, hasSets: false) }

  private static func fits(_ name: [UInt8], _ pattern: [UInt8], hasSets: Bool) -> Bool {
    var n = 0
    var p = 0
    // Where the last star stands, and how much of the name it takes.
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if let next = hasSets ? step(name[n], pattern, p) : (p < pattern.count && pattern[p] == name[n] ? p + 1 : nil) {
        n += 1
        p = next
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        n = last.name + 1
        p = last.pattern + 1
      } else {
        return false
      }
    }
    while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
    return p == pattern.count
  }

  /// The place in the pattern behind what takes `byte`, or `nil` if it does not.
  private static func step(_ byte: UInt8, _ pattern: [UInt8], _ p: Int) -> Int? {
    guard p < pattern.count else { return nil }
    if pattern[p] == UInt8(ascii: "?") { return p + 1 }
    guard pattern[p] == UInt8(ascii: "["), let end = pattern[(p + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
      return pattern[p] == byte ? p + 1 : nil
    }
    var set = pattern[(p + 1)..<end]
    let negated = set.first == UInt8(ascii: "!") && set.count > 1
    if negated { set = set.dropFirst() }
    return isIn(set, byte) != negated ? end + 1 : nil
  }

  private static func isIn(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
    var index = set.startIndex
    while index < set.endIndex {
      if index + 2 < set.endIndex, set[index + 1] == UInt8(ascii: "-") {
        if set[index] <= byte, byte <= set[index + 2] { return true }
        index += 3
      } else {
        if set[index] == byte { return true }
        index += 1
      }
    }
    return false
  }
}
