import JOSE
import Testing

@testable import OpenID

@Suite struct TokenAnswerTests {
  private func answer(_ text: String) throws -> TokenAnswer { try TokenAnswer(try JSONValue(Array(text.utf8))) }

  @Test("tokens are taken from an answer, whatever case their kind is written in")
  func tokens() throws {
    let whole = try answer(
      #"{"access_token":"a","token_type":"bEARER","expires_in":300,"refresh_token":"r","id_token":"i.j.k","scope":"x"}"#)
    #expect(whole.accessToken == "a" && whole.expiresIn == 300 && whole.refreshToken == "r" && whole.idToken == Array("i.j.k".utf8))
    let small = try answer(#"{"id_token":"i","refresh_token":null}"#)
    #expect(small.accessToken == nil && small.refreshToken == nil && small.expiresIn == nil)
  }

  @Test(
    "a lifetime is a bounded number of seconds",
    arguments: [#""60""#: 60, "60.9": 60, "-1": 0, "1e12": 366 * 86_400, "1e300": nil, #""x""#: nil])
  func lifetime(_ text: String, _ seconds: Int64?) throws {
    #expect(try answer(#"{"id_token":"i","expires_in":\#(text)}"#).expiresIn == seconds)
  }

  @Test(
    "anything else is refused",
    arguments: [
      #""a""#, "[]", "{}", "null", #"{"access_token":"a"}"#, #"{"access_token":"a","token_type":"mac"}"#,
      #"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#, #"{"access_token":["a"],"token_type":"Bearer"}"#, #"{"id_token":""}"#,
      #"{"id_token":{}}"#, #"{"id_token":"ä"}"#, #"{"id_token":"i","refresh_token":"\u0000"}"#, #"{"refresh_token":"r"}"#,
    ])
  func refused(_ text: String) { #expect(throws: ProviderFault.self) { try answer(text) } }

  @Test("tokens have a bound")
  func bounds() {
    let text = { (count: Int) in String(repeating: "x", count: count) }
    #expect(throws: ProviderFault.self) { try answer(#"{"access_token":"\#(text(16385))","token_type":"Bearer"}"#) }
    #expect(throws: ProviderFault.self) { try answer(#"{"id_token":"\#(text(65537))"}"#) }
    #expect(throws: Never.self) { try answer(#"{"id_token":"\#(text(65536))"}"#) }
  }

  @Test("a refusal is told in the provider's words, without control bytes and not at length")
  func refusal() throws {
    let read = { (text: String) throws in TokenRefusal(try JSONValue(Array(text.utf8))) }
    #expect(
      try read(#"{"error":"invalid_grant","error_description":"Token\n is \u0007old"}"#)?.description == "invalid_grant: Token is old")
    #expect(try read(#"{"error":"invalid_client"}"#)?.description == "invalid_client")
    #expect(try read(#"{"error":"x","error_description":"\#(String(repeating: "y", count: 400))"}"#)?.words.count == 300)
    for text in ["{}", "[]", #"{"error":1}"#, #"{"error":""}"#, #"{"error":"a\nb"}"#] { #expect(try read(text) == nil) }
  }
}
