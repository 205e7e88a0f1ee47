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
    "Accept names HTML where a range is text/html and its weight is not zero",
    arguments: [
      ("text/html", true), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("a/b, TEXT/HTML ;q=0.1", true),
      ("text/html;level=1", true), ("text/html;q=0.001", true), ("text/html;q=1", true), ("text/html;q=0, text/html", true), ("*/*", false),
      ("text/*", false),
      ("", false), ("application/json", false), ("text/html;q=0", false), ("text/html; q=0.000", false), ("text/html;level=1;Q=0", false),
      ("text/htmlx", false),
      ("xtext/html", false), ("a/b;x=\"text/html\"", false), ("a/b;x=\",text/html,\"", false), ("a/b;x=\"\\\",text/html\"", false),
      (",,text/html", true), (";text/html", false),
    ])
  func accept(value: String, expected: Bool) {
    #expect(acceptNamesHTML([UInt8](value.utf8).span) == expected)
  }
}
