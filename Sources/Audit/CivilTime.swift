/// Calendar dates in UTC by arithmetic alone.
enum CivilTime {
  static let millisecondsOfDay: Int64 = 86_400_000

  /// Years 0 to 9999: what four digits can say. Times outside are clamped, so that no input makes a malformed line.
  private static let earliest: Int64 = -62_167_219_200_000
  private static let latest: Int64 = 253_402_300_799_999

  static func clamped(_ milliseconds: Int64) -> Int64 { min(max(milliseconds, earliest), latest) }

  /// Days since 1970-01-01 of a time in milliseconds.
  static func day(of milliseconds: Int64) -> Int64 { floorDivide(clamped(milliseconds), millisecondsOfDay) }

  /// The proleptic Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that a leap day comes last.
  static func date(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  /// `2026-11-22`
  static func dateText(day: Int64) -> String {
    String(decoding: TimestampFormatter.bytes(milliseconds: day * millisecondsOfDay).prefix(10), as: UTF8.self)
  }

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}

/// `2026-11-22T13:00:00.000Z`: ISO 8601 (RFC 3339) in UTC with milliseconds. Keeps the last second's text, so that the hot path writes
/// three digits anew and copies the rest.
struct TimestampFormatter {
  static let length = 24

  private var second = Int64.min
  private var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "0"))

  init() {}

  /// Writes the 24 bytes of a time in milliseconds since 1970 at `position`, and moves it on.
  mutating func write(_ milliseconds: Int64, to output: inout MutableSpan<UInt8>, at position: inout Int) {
    let time = CivilTime.clamped(milliseconds)
    let newSecond = CivilTime.floorDivide(time, 1000)
    if newSecond != second { render(second: newSecond) }
    let fraction = time - newSecond * 1000
    text[20] = Self.digit(fraction / 100)
    text[21] = Self.digit(fraction / 10 % 10)
    text[22] = Self.digit(fraction % 10)
    FieldEncoding.put(text.span, &output, &position)
  }

  /// The text of one time, without a cache.
  static func bytes(milliseconds: Int64) -> [UInt8] {
    var formatter = TimestampFormatter()
    var bytes = [UInt8](repeating: 0, count: length)
    var position = 0
    var output = bytes.mutableSpan
    formatter.write(milliseconds, to: &output, at: &position)
    return bytes
  }

  private mutating func render(second newSecond: Int64) {
    second = newSecond
    let day = CivilTime.floorDivide(newSecond, 86_400)
    let ofDay = newSecond - day * 86_400
    let date = CivilTime.date(day: day)
    text[0] = Self.digit(date.year / 1000)
    text[1] = Self.digit(date.year / 100 % 10)
    putTwo(date.year % 100, at: 2)
    text[4] = UInt8(ascii: "-")
    putTwo(date.month, at: 5)
    text[7] = UInt8(ascii: "-")
    putTwo(date.day, at: 8)
    text[10] = UInt8(ascii: "T")
    putTwo(ofDay / 3600, at: 11)
    text[13] = UInt8(ascii: ":")
    putTwo(ofDay / 60 % 60, at: 14)
    text[16] = UInt8(ascii: ":")
    putTwo(ofDay % 60, at: 17)
    text[19] = UInt8(ascii: ".")
    text[23] = UInt8(ascii: "Z")
  }

  private mutating func putTwo(_ value: Int64, at index: Int) {
    text[index] = Self.digit(value / 10)
    text[index + 1] = Self.digit(value % 10)
  }

  private static func digit(_ value: Int64) -> UInt8 { UInt8(truncatingIfNeeded: 48 + value) }
}
