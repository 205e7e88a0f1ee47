import Config
import Fetch
import Testing

@testable import Gateway

@Suite struct AppLoginProbeTests {
  private func findings(_ status: Int, _ body: String = "", _ source: AppLoginSettings.UserSource = .none) -> [ProviderFinding] {
    let settings = AppLoginSettings(
      pages: [PathPattern("/login")], page: "/login", cookie: "sid", probe: .init(target: "/me", user: source))
    return AppLoginProbe.findings(probe: FetchAnswer(status: status, body: Array(body.utf8)), at: "http://app/me", settings, cookie: nil)
  }

  @Test("an address that refuses strangers is right", arguments: [301, 302, 401, 403])
  func right(_ status: Int) { #expect(findings(status).isEmpty) }

  @Test("one that takes strangers for signed in, is not there, or fails, is told with the mend")
  func wrong() {
    #expect(findings(200).first?.isError == true && findings(200).first?.message.contains("everybody would be let in") == true)
    #expect(findings(200, #"{"name":"guest"}"#, .json(["name"])).first?.message.contains("`guest`") == true)
    for status in [404, 405, 400, 500, 503] {
      let found = findings(status)
      #expect(found.count == 1 && found.first?.isError == true && found.first?.message.contains("(") == true, "\(status)")
    }
  }

  @Test("one that answers strangers with 2xx and no name is doubtful", arguments: ["{}", "<html>", #"{"name":null}"#])
  func doubtful(_ body: String) {
    let found = findings(200, body, .json(["name"]))
    #expect(found.count == 1 && found.first?.isError == false)
  }

  @Test("a login page that is not there is an error, one that leads on a warning")
  func page() {
    #expect(AppLoginProbe.findings(page: FetchAnswer(status: 200), at: "/login").isEmpty)
    #expect(AppLoginProbe.findings(page: FetchAnswer(status: 404), at: "/login").first?.isError == true)
    #expect(AppLoginProbe.findings(page: FetchAnswer(status: 302, fields: ["location": "/x"]), at: "/login").first?.isError == false)
  }
}
