/// Numbers, sizes, durations and choices. Each function gives `nil` after it has reported what is wrong.
extension LoadContext {
  mutating func number(_ value: Value, _ range: ClosedRange<Int>) -> Int? {
    guard let number = ValueText.digits(value.text[...]) else {
      error(value.position, "`\(value.shown)` is not a number (digits only, from \(range.lowerBound) to \(range.upperBound))")
      return nil
    }
    guard range.contains(number) else {
      error(value.position, "`\(value.shown)` is out of range (from \(range.lowerBound) to \(range.upperBound))")
      return nil
    }
    return number
  }

  /// Bytes: a number, or one with `k`, `m` or `g`.
  mutating func size(_ value: Value, _ range: ClosedRange<Int>) -> Int? {
    let limits = "from \(ValueText.size(range.lowerBound)) to \(ValueText.size(range.upperBound))"
    guard let size = ValueText.parseSize(value.text) else {
      error(value.position, "`\(value.shown)` is not a size (a number with k, m or g, such as 64k; \(limits))")
      return nil
    }
    guard range.contains(size) else {
      error(value.position, "`\(value.shown)` is out of range (\(limits))")
      return nil
    }
    return size
  }

  mutating func duration(_ value: Value, _ range: ClosedRange<Duration>) -> Duration? {
    let limits = "from \(ValueText.duration(range.lowerBound)) to \(ValueText.duration(range.upperBound))"
    guard let duration = ValueText.parseDuration(value.text) else {
      let mend =
        ValueText.digits(value.text[...]) == nil
        ? "a number with ms, s, m, h, d, w or y, such as 15s" : "it needs a unit: `\(value.shown)s` for seconds, or ms, m, h, d, w, y"
      error(value.position, "`\(value.shown)` is not a duration (\(mend); \(limits))")
      return nil
    }
    guard range.contains(duration) else {
      error(value.position, "`\(value.shown)` is out of range (\(limits))")
      return nil
    }
    return duration
  }

  mutating func choice<Choice>(_ value: Value, _ choices: KeyValuePairs<String, Choice>) -> Choice? {
    if let choice = choices.first(where: { $0.key == value.text }) { return choice.value }
    let names = choices.map { "`\($0.key)`" }.joined(separator: " or ")
    error(value.position, "`\(value.shown)` is not possible here (write \(names))")
    return nil
  }
}

/// The textual forms of numbers, sizes and durations.
enum ValueText {
  /// At most 15 digits and nothing else.
  static func digits(_ text: Substring) -> Int? {
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int(text)
  }

  static func parseSize(_ text: String) -> Int? {
    let unit: Int
    switch text.utf8.last {
    case UInt8(ascii: "k"), UInt8(ascii: "K"): unit = 1 << 10
    case UInt8(ascii: "m"), UInt8(ascii: "M"): unit = 1 << 20
    case UInt8(ascii: "g"), UInt8(ascii: "G"): unit = 1 << 30
    default: return digits(text[...])
    }
    guard let number = digits(text.dropLast()) else { return nil }
    let (size, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : size
  }

  private static let units: [(suffix: String, milliseconds: Int)] = [
    ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  static func parseDuration(_ text: String) -> Duration? {
    let digitCount = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    guard let number = digits(text.prefix(digitCount)), let unit = units.first(where: { $0.suffix == text.dropFirst(digitCount) }) else {
      return nil
    }
    let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
    return overflow ? nil : .milliseconds(milliseconds)
  }

  /// As gateway.conf writes it.
  static func size(_ bytes: Int) -> String {
    for (unit, name) in [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")] where bytes >= unit && bytes % unit == 0 {
      return "\(bytes / unit)\(name)"
    }
    return "\(bytes)"
  }

  /// As gateway.conf writes it, in the largest unit that fits.
  static func duration(_ duration: Duration) -> String {
    let milliseconds = Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
    guard milliseconds > 0 else { return "0s" }
    let unit = units.first { $0.suffix != "w" && milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
    return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
  }
}
