import Testing

@testable import Audit

@Suite struct CivilTimeTests {
  @Test(
    "Times are ISO 8601 in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (951_868_799_999, "2000-02-29T23:59:59.999Z"),
      (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
      (1_795_352_400_000, "2026-11-22T13:00:00.000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
      (Int64.max, "9999-12-31T23:59:59.999Z"),
      (Int64.min, "0000-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func timestamps(time: Int64, text: String) {
    #expect(String(decoding: TimestampFormatter.bytes(milliseconds: time), as: UTF8.self) == text)
  }

  @Test("The second's cached text never outlives its second, forwards or backwards")
  func cache() {
    var formatter = TimestampFormatter()
    for time: Int64 in [1000, 1999, 2000, 1500, 86_399_999, 86_400_000, 0, -1, 0] {
      var out = [UInt8](repeating: 0, count: 30)
      var position = 3
      var span = out.mutableSpan
      formatter.write(time, to: &span, at: &position)
      #expect(position == 27)
      #expect(Array(out[3..<27]) == TimestampFormatter.bytes(milliseconds: time))
    }
  }

  @Test("Every day from 1900 to 2200 follows the one before it")
  func calendar() {
    var expected: (year: Int64, month: Int64, day: Int64) = (1900, 1, 1)
    let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var faults = 0
    for day in Int64(-25_567)..<84_000 {
      if CivilTime.date(day: day) != expected { faults += 1 }
      let isLeap = expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0)
      expected.day += 1
      if expected.day > lengths[Int(expected.month) - 1] + (expected.month == 2 && isLeap ? 1 : 0) {
        expected = expected.month == 12 ? (expected.year + 1, 1, 1) : (expected.year, expected.month + 1, 1)
      }
    }
    #expect(faults == 0)
  }

  @Test("A day ends at midnight UTC")
  func days() {
    #expect(CivilTime.day(of: -1) == -1)
    #expect(CivilTime.day(of: 86_399_999) == 0)
    #expect(CivilTime.day(of: 86_400_000) == 1)
    #expect(CivilTime.dateText(day: CivilTime.day(of: 1_795_352_400_000)) == "2026-11-22")
  }
}
