import Config
import Fetch
import Testing

@testable import Gateway

@Suite struct ForwardProbeTests {
  private func findings(_ status: Int, _ lines: [String: String] = [:], signIn: String? = nil) throws -> [ProviderFinding] {
    var answer = FetchAnswer(status: status, fields: lines)
    answer.lines = lines.mapValues { [Array($0.utf8)] }
    let address = try #require(FetchAddress("https://auth.test/check?x"))
    return ForwardProbe.findings(
      answer, from: address, ForwardLoginSettings(check: "https://auth.test/check?x", signIn: signIn, copy: ["A"], user: "A"))
  }

  @Test("a stranger who is turned away with a place to sign in is as it should be")
  func good() throws {
    #expect(try findings(401, signIn: "https://auth.test/?rd={url}").isEmpty)
    #expect(try findings(401, ["location": "https://auth.test/login"]).isEmpty)
    #expect(try findings(302, ["location": "https://auth.test/login"]).isEmpty)
    #expect(try findings(401, ["www-authenticate": "Basic"]).isEmpty)
  }

  @Test("a stranger who is let in is an error, whatever else it says", arguments: [200, 204])
  func open(_ status: Int) throws {
    let found = try findings(status, ["a": "ann"])
    #expect(found.count == 1 && found.first?.isError == true && found.first?.message.contains("lets everybody in") == true)
  }

  @Test("a server that sends on to itself, and one that says nowhere to sign in, are errors; 403 is a warning")
  func others() throws {
    for location in ["https://auth.test/check/", "http://auth.test/check", "/check/?y"] {
      #expect(try findings(301, ["location": location]).first?.message.contains("leads to itself") == true, "\(location)")
    }
    #expect(try findings(401).first?.message.contains("add `sign_in URL`") == true)
    #expect(try findings(403, signIn: "https://auth.test/?rd={url}").map(\.isError) == [false])
    #expect(try findings(500).map(\.isError) == [true])
    #expect(try findings(401, ["location": "javascript:x"], signIn: "https://auth.test/?rd={url}").map(\.isError) == [false])
  }
}
