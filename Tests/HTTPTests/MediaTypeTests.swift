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
}
