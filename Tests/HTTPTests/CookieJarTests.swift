import Testing

@testable import HTTP

@Suite struct CookieJarTests {
  private func jar(_ value: String, _ fields: [String], path: String = "/api/me", answering: String = "/login") -> String {
    var jar = CookieJar(Array(value.utf8), path: Array(path.utf8))
    for field in fields { jar.take(Array(field.utf8), answering: Array(answering.utf8)) }
    return String(decoding: jar.value, as: UTF8.self)
  }

  @Test("what an answer sets takes the place of what was sent, and the rest stays")
  func replaces() {
    #expect(jar("a=1; sid=old; b=2", ["sid=new; Path=/; HttpOnly"]) == "a=1; b=2; sid=new")
    #expect(jar("", ["sid=x; Path=/"]) == "sid=x")
    #expect(jar("sid=1; sid=2", ["sid=3; path=/"]) == "sid=3")
  }

  @Test(
    "a cookie that is taken away is not sent",
    arguments: ["sid=; Max-Age=0; Path=/", "sid=x; expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", "sid=x; Path=/; max-age=-1"])
  func removes(_ field: String) { #expect(jar("sid=old; a=1", [field]) == "a=1") }

  @Test(
    "one that is kept is",
    arguments: ["sid=x; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", "sid=x; Expires=Wed, 01 Jan 2098 00:00:00 GMT; Path=/"])
  func keeps(_ field: String) { #expect(jar("", [field]) == "sid=x") }

  @Test("a cookie for other paths leaves alone what is sent to this one")
  func paths() {
    #expect(jar("sid=old", ["sid=x; Path=/admin"]) == "sid=old")
    #expect(jar("sid=old", ["sid=x; Path=/ap"]) == "sid=old")
    #expect(jar("sid=old", ["sid=x; Path=/api"]) == "sid=x")
    #expect(jar("sid=old", ["sid=x"], answering: "/accounts/login/") == "sid=old")
    #expect(jar("sid=old", ["sid=x"], answering: "/login") == "sid=x")
    #expect(jar("sid=old", ["sid=x; Path=relative"], answering: "/login") == "sid=x")
  }

  @Test("what browsers pay no heed to changes nothing", arguments: ["", "=", "sid", ";sid=x", "  ; Path=/"])
  func none(_ field: String) { #expect(jar("sid=old", [field]) == "sid=old") }

  @Test("values of one name are told apart from all others")
  func values() {
    let jar = CookieJar(Array("sid=1; SID=2; sid=3;xsid=4".utf8), path: [])
    #expect(jar.values(Array("sid".utf8)) == [Array("1".utf8), Array("3".utf8)])
  }
}
