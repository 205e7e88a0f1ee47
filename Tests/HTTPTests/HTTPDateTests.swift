import Testing

@testable import HTTP

@Suite struct HTTPDateTests {
  private func both(_ seconds: Int64) -> (String, String) {
    var fixdate: [UInt8] = []
    var iso: [UInt8] = []
    HTTPDate(secondsSince1970: seconds).appendIMFFixdate(to: &fixdate)
    HTTPDate(secondsSince1970: seconds).appendISO8601(milliseconds: 7, to: &iso)
    return (String(decoding: fixdate, as: UTF8.self), String(decoding: iso, as: UTF8.self))
  }

  @Test(
    "Moments are written as headers and logs want them",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.007Z"),
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.007Z"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.007Z"),
      (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29T23:59:59.007Z"),
      (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT", "2000-03-01T00:00:00.007Z"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00.007Z"),
      (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT", "2026-12-31T23:59:59.007Z"),
      (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59.007Z"),
      (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.007Z"),
      (Int64.min, "Sat, 01 Jan 0000 00:00:00 GMT", "0000-01-01T00:00:00.007Z"),
    ])
  func moments(seconds: Int64, fixdate: String, iso: String) {
    #expect(both(seconds) == (fixdate, iso))
  }
}
