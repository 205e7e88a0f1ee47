import Config
import Fetch
import Pages
import Testing

@testable import Gateway

@Suite struct AppProbeReadingTests {
  private func read(_ status: Int, _ body: String = "", _ source: AppLoginSettings.UserSource = .json(["user", "name"])) -> AppProbeOutcome
  {
    AppProbeOutcome(FetchAnswer(status: status, body: Array(body.utf8)), source)
  }

  private func isNobody(_ outcome: AppProbeOutcome) -> Bool { if case .notSignedIn = outcome { true } else { false } }

  @Test("2xx with the user's name is somebody")
  func somebody() {
    #expect(read(200, #"{"user":{"name":"ann"}}"#) == .signedIn(user: "ann"))
    #expect(read(204, #"{"user":{"name":7}}"#) == .signedIn(user: "7"))
    #expect(read(200, "", .none) == .signedIn(user: ""))
    var answer = FetchAnswer(status: 200)
    answer.lines["x-user"] = [Array("Jo".utf8)]
    #expect(AppProbeOutcome(answer, .header("X-User")) == .signedIn(user: "Jo"))
  }

  @Test(
    "2xx without it is nobody",
    arguments: [
      "", "<html>", "{}", #"{"user":null}"#, #"{"user":{"name":""}}"#, #"{"user":{"name":true}}"#, #"{"user":{"name":1.5}}"#,
      #"{"user":{"name":["ann"]}}"#, #"{"user":{"name":"a\u0000b"}}"#, #"{"user":{"name":"a\nb"}}"#, #"{"user":{"name":"ann"},"user":{}}"#,
      #"["user"]"#,
    ])
  func nobody(_ body: String) { #expect(isNobody(read(200, body))) }

  @Test("a name that is too long, or comes twice in the fields, is nobody's")
  func names() {
    #expect(isNobody(read(200, #"{"user":{"name":"\#(String(repeating: "x", count: 257))"}}"#)))
    var answer = FetchAnswer(status: 200)
    answer.lines["x-user"] = [Array("ann".utf8), Array("bob".utf8)]
    #expect(isNobody(AppProbeOutcome(answer, .header("X-User"))))
    answer.lines["x-user"] = [[0xFF]]
    #expect(isNobody(AppProbeOutcome(answer, .header("X-User"))))
    answer.lines = [:]
    #expect(isNobody(AppProbeOutcome(answer, .header("X-User"))))
  }

  @Test("redirects and most of 4xx are nobody, whatever they carry", arguments: [301, 302, 307, 400, 401, 403, 404, 410, 422])
  func refused(_ status: Int) { #expect(isNobody(read(status, #"{"user":{"name":"ann"}}"#))) }

  @Test("an app in trouble says nothing of anybody", arguments: [408, 425, 429, 500, 502, 503, 504])
  func unknown(_ status: Int) {
    guard case .unknown(.checkFailed, _) = read(status, #"{"user":{"name":"ann"}}"#) else {
      Issue.record("\(status)")
      return
    }
  }
}
