import Config
import Fetch
import Pages
import Testing

@testable import Gateway

@Suite struct CheckVerdictTests {
  private static let settings: ForwardLoginSettings = {
    var settings = ForwardLoginSettings(
      check: "https://auth.test/check", copy: ["Remote-User", "Remote-Groups", "X-More"], user: "Remote-User")
    (settings.name, settings.groups) = ("Remote-Name", "Remote-Groups")
    return settings
  }()

  private func read(
    _ status: Int, _ lines: [(String, [UInt8])] = [], cookies: [String] = [], settings: ForwardLoginSettings = settings
  ) throws -> CheckAnswer {
    var answer = FetchAnswer(status: status)
    for (name, value) in lines {
      answer.lines[name, default: []].append(value)
      answer.fields[name] = String(decoding: value, as: UTF8.self)
    }
    answer.cookies = cookies.map { Array($0.utf8) }
    return CheckReading(settings, address: try #require(FetchAddress(settings.check))).answer(answer)
  }

  private func read(_ status: Int, _ lines: [(String, String)]) throws -> CheckAnswer {
    try read(status, lines.map { ($0.0, Array($0.1.utf8)) })
  }

  @Test("2xx with the user lets in, with what is copied", arguments: [200, 202, 204, 299])
  func letsIn(_ status: Int) throws {
    let answer = try read(
      status, [("remote-user", "ann"), ("remote-name", "Ann Ärcher"), ("remote-groups", " a b , c|d,"), ("x-more", ""), ("x-else", "e")])
    let user = CheckedUser(
      user: "ann", name: "Ann Ärcher", groups: ["a b", "c", "d"], lines: Array("Remote-User: ann\r\nRemote-Groups:  a b , c|d,\r\n".utf8))
    #expect(answer == CheckAnswer(verdict: .letIn(user)))
  }

  @Test("2xx without a user lets nobody in, unless nobody is named")
  func nobody() throws {
    for lines in [[], [("remote-user", "")], [("remote-user", " ")], [("remote-name", "ann")]] {
      let answer = try read(200, lines)
      #expect(answer.verdict == .failed(.checkFailed) && answer.fault?.contains("does not say whom") == true)
    }
    var none = Self.settings
    none.user = nil
    #expect(try read(204, settings: none).verdict == .letIn(CheckedUser()))
  }

  @Test("what is copied stands once, is short, and has no control characters")
  func unusable() throws {
    let user = ("remote-user", Array("ann".utf8))
    let more: [[(String, [UInt8])]] = [
      [("remote-user", Array("bob".utf8))], [("x-more", Array("a".utf8)), ("x-more", Array("a".utf8))], [("x-more", [0x61, 0x01])],
      [("x-more", [0x7F])], [("x-more", [0x0D, 0x0A])], [("x-more", [UInt8](repeating: 0x61, count: 8193))],
      [("remote-name", [UInt8](repeating: 0x61, count: 1025))], [("remote-name", [0xE4])], [("remote-name", Array("a\u{85}".utf8))],
    ]
    for lines in more { #expect(try read(200, [user] + lines).verdict == .failed(.checkFailed)) }
    #expect(try read(200, [user, ("x-more", [0xE4])]).verdict != .failed(.checkFailed), "what is only copied goes as it came")
  }

  @Test("every other status is no answer", arguments: [100, 400, 402, 404, 407, 418, 429, 500, 502, 503, 599])
  func others(_ status: Int) throws {
    let answer = try read(status, [("remote-user", "ann"), ("location", "https://a.test/")])
    #expect(answer.verdict == .failed(.checkFailed) && answer.fault?.contains("status \(status)") == true && answer.cookies.isEmpty)
  }

  @Test("a Location is an address of the web, whole or of the checker's own host")
  func locations() throws {
    let wanted: [(String, String?)] = [
      ("https://a.test/x?y#z", "https://a.test/x?y#z"), ("http://a.test", "http://a.test"), ("/x?y", "https://auth.test/x?y"),
      ("//b.test/x", "https://b.test/x"), ("x", nil), ("javascript:alert(1)", nil), ("https:x", nil), ("https://", nil), ("///x", nil),
      ("https://a.test/ x", nil), ("https://a.test/\"", nil), ("https://a.test/\u{E4}", nil), ("https://a@b.test/", nil),
      ("https://a.test\\@b.test/", nil), ("https://a.test/" + String(repeating: "x", count: 9000), nil), ("", nil),
    ]
    for (given, location) in wanted {
      for status in [401, 403, 302] {
        let answer = try read(status, [("location", given)])
        #expect(answer.verdict == .turnedAway(CheckRefusal(status: status, location: location)), "\(given)")
        #expect((answer.fault == nil) == (location != nil))
      }
    }
    let two = try read(401, [("location", "https://a.test/"), ("location", "https://b.test/")])
    #expect(two.verdict == .turnedAway(CheckRefusal(status: 401)))
  }

  @Test("a challenge is told of a 401 alone")
  func challenges() throws {
    #expect(try read(401, [("www-authenticate", "Basic")]).verdict == .turnedAway(CheckRefusal(status: 401, challenge: "Basic")))
    #expect(try read(403, [("www-authenticate", "Basic")]).verdict == .turnedAway(CheckRefusal(status: 403)))
  }

  @Test("cookies are handed on, but for ours and for what is none")
  func cookies() throws {
    let given = ["a=1; Path=/", "anteroom=x", " __Host-anteroom=x", "anteroom-b-x=y", "b=\u{1}", "c=\u{E4}"]
    for status in [401, 302] {
      #expect(try read(status, cookies: given).cookies == ["a=1; Path=/", "c=\u{E4}"])
    }
  }

  @Test("no answer is told by what came between")
  func failures() throws {
    let address = try #require(FetchAddress("https://auth.test/check"))
    let reading = CheckReading(Self.settings, address: address)
    let wanted: [(FetchFault.Kind, Failure)] = [
      (.timedOut(.answer), .checkTimeout), (.unknownName, .checkFailed), (.unreachable("x"), .checkFailed), (.cutShort, .checkFailed),
      (.tls("x", isCertificate: true), .checkFailed), (.noRoom("x"), .checkBusy), (.ended, .checkBusy), (.unsendable, .badRequest),
    ]
    for (kind, failure) in wanted { #expect(reading.failure(FetchFault(kind, address)).verdict == .failed(failure)) }
  }
}
