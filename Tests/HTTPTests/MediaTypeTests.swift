import Testing

@testable import HTTP

@Suite struct MediaTypeTests {
  @Test(
    "A form is recognised by its type alone",
    arguments: [
      ("application/x-www-form-urlencoded", true), ("Application/X-WWW-Form-Urlencoded; charset=utf-8", true),
      ("application/x-www-form-urlencoded ;x", true),
      ("application/x-www-form-urlencoded2", false), ("multipart/form-data; x=application/x-www-form-urlencoded", false), ("", false),
      ("text/plain", false),
    ])
  func form(value: String, expected: Bool) {
    #expect(isURLEncodedForm(contentType: [UInt8](value.utf8).span) == expected)
  }

  @Test(
    "both kinds of forms that browsers send are forms",
    arguments: [
      ("application/x-www-form-urlencoded", true), ("multipart/form-data; boundary=x", true), ("Multipart/Form-Data", true),
      ("multipart/mixed", false), ("text/plain", false), ("", false),
    ])
  func anyForm(value: String, expected: Bool) {
    #expect(isForm(contentType: [UInt8](value.utf8).span) == expected)
  }

  @Test(
    "a page is plain HTML where ASCII is ASCII",
    arguments: [
      ("text/html", true), ("Text/HTML; charset=utf-8", true), ("text/html;charset=windows-1252", true),
      ("text/html; charset=\"UTF-16LE\"", false),
      ("text/html;charset=utf-32", false), ("application/xhtml+xml", false), ("text/htmlx", false), ("text/plain", false), ("", false),
    ])
  func plainHTML(value: String, expected: Bool) {
    #expect(isPlainHTML(contentType: [UInt8](value.utf8).span) == expected)
  }
}
