import Crypto
import Testing

@testable import Login

struct URLEncodedFormTests {
  @Test("names and values are decoded")
  func decoded() throws {
    let form = try #require(URLEncodedForm("user=J%C3%B6rg+M&password=a%26b%3Dc%2B&empty=&bare&a=b=c".bytes))
    #expect(form.value("user") == "Jörg M".bytes)
    #expect(form.value("password") == "a&b=c+".bytes)
    #expect(form.value("empty") == [])
    #expect(form.value("bare") == [])
    #expect(form.value("a") == "b=c".bytes)
    #expect(form.value("none") == nil)
  }

  @Test("a field that comes twice has no value")
  func twice() throws {
    var form = try #require(URLEncodedForm("user=a&user=b&x%75=1&xu=2".bytes))
    #expect(form.value("user") == nil)
    #expect(form.takeSecret("user") == nil)
    #expect(form.value("xu") == nil)
  }

  @Test("an empty body, and stray separators, are no fault")
  func separators() {
    #expect(URLEncodedForm([])?.value("") == nil)
    #expect(URLEncodedForm("&&a=1&".bytes)?.value("a") == "1".bytes)
  }

  @Test("escapes that are none, too many fields and too many bytes are refused")
  func refused() {
    for body in ["a=%zz", "a=%", "a=%4", "%=1"] { #expect(URLEncodedForm(body.bytes) == nil) }
    #expect(URLEncodedForm(String(repeating: "a=1&", count: 32).bytes) != nil)
    #expect(URLEncodedForm(String(repeating: "a=1&", count: 33).bytes) == nil)
    #expect(URLEncodedForm([UInt8](repeating: 97, count: URLEncodedForm.maximumCount + 1)) == nil)
  }

  @Test("a secret is taken out of the form")
  func secret() throws {
    var form = try #require(URLEncodedForm("user=a&password=hunter2hunter2".bytes))
    #expect(form.takeSecret("password")?.count == 14)
    #expect(form.value("password") == nil)
    #expect(!"\(form)".contains("hunter2"))
  }
}
