/// Spans of time as people say them.
enum Phrase {
  /// How long to wait: rounded up, never less than it takes.
  static func wait(_ seconds: Int64) -> String {
    if seconds <= 1 { return "a second" }
    if seconds < 60 { return "\(seconds) seconds" }
    let minutes = seconds / 60 + (seconds % 60 == 0 ? 0 : 1)
    if minutes < 120 { return count(minutes, "minute") }
    return "about " + count(minutes / 60 + (minutes % 60 == 0 ? 0 : 1), "hour")
  }

  /// How long ago: rounded down.
  static func ago(_ seconds: Int64) -> String {
    if seconds < 60 { return "just now" }
    let minutes = seconds / 60
    return minutes < 90 ? "about \(count(minutes, "minute")) ago" : "about \(count((minutes + 30) / 60, "hour")) ago"
  }

  /// How large a file is.
  static func size(_ bytes: Int) -> String {
    if bytes < 1000 { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
    if bytes < 1_000_000 { return "\((bytes + 500) / 1000) KB" }
    let tenths = (bytes + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
  }

  private static func count(_ number: Int64, _ unit: String) -> String { number == 1 ? "1 \(unit)" : "\(number) \(unit)s" }
}
