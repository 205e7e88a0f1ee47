/// A moment in UTC, by the Gregorian calendar, to be written as header fields want it.
package struct HTTPDate: Sendable, Equatable {
  private let year: Int
  private let month: Int
  private let day: Int
  private let weekday: Int
  private let secondOfDay: Int

  /// `seconds` since 1970-01-01T00:00:00Z, brought into the years 0 to 9999.
  package init(secondsSince1970 seconds: Int64) {
    let bounded = Int(min(max(seconds, -62_167_219_200), 253_402_300_799))
    let days = (bounded - (bounded < 0 ? 86_399 : 0)) / 86_400
    secondOfDay = bounded - days * 86_400
    weekday = ((days % 7) + 11) % 7
    // Days from a 1 March, so that the leap day is a year's last: eras of 400 years.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Appends `Sun, 06 Nov 1994 08:49:37 GMT`, 29 bytes (IMF-fixdate: RFC 9110, section 5.6.7).
  package func appendIMFFixdate(to output: inout [UInt8]) {
    output.appendASCII(HTTPDate.weekdays[weekday])
    output.appendASCII(", ")
    output.appendDecimal(day, width: 2)
    output.append(Octet.space)
    output.appendASCII(HTTPDate.months[month - 1])
    output.append(Octet.space)
    output.appendDecimal(year, width: 4)
    output.append(Octet.space)
    appendTime(to: &output)
    output.appendASCII(" GMT")
  }

  private func appendTime(to output: inout [UInt8]) {
    output.appendDecimal(secondOfDay / 3600, width: 2)
    output.append(Octet.colon)
    output.appendDecimal(secondOfDay / 60 % 60, width: 2)
    output.append(Octet.colon)
    output.appendDecimal(secondOfDay % 60, width: 2)
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
