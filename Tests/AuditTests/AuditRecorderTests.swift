import Testing

@testable import Audit

@Suite struct AuditRecorderTests {
  private let directory: TemporaryDirectory
  private let writer: LogWriter
  private let recorder: AuditRecorder

  init() throws {
    directory = try TemporaryDirectory()
    writer = try LogWriter()
    recorder = AuditRecorder(try AuditTrail(directory: directory.file("audit"), writer: writer))
  }

  private static let time: Int64 = 1_795_352_400_123

  private func lines() throws -> [String] {
    #expect(writer.drain(within: .seconds(10)))
    let text = try #require(directory.text("audit/audit-2026-11-22.jsonl"))
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0 + "\n" }
  }

  @Test("A patient request says who, which patient, when, from where, and with what outcome")
  func patientRequest() throws {
    #expect(
      recorder.append(
        AuditRecord(.patientRequest(.shown), time: Self.time, status: 200), host: "au.example.com", patient: "9223372036854775807",
        rule: "/patients"))
    #expect(
      try lines() == [
        """
        {"time":"2026-11-22T13:00:00.123Z","event":"patient-request","request":"r-1","site":"app.example.com",\
        "host":"au.example.com","user":"dr.jones","client":"203.0.113.9","method":"GET","patient":"9223372036854775807",\
        "rule":"/patients","status":200,"outcome":"shown","reason":null}

        """
      ])
  }

  @Test("Every kind of record has the same members in the same order, and null where there is nothing to say")
  func members() throws {
    let events: [AuditRecord.Event] = [.patientRequest(.failed), .login(.signedIn), .logout, .refusal]
    for event in events { #expect(recorder.append(AuditRecord(event, time: Self.time, status: 0), user: "", reason: "why")) }
    let lines = try lines()
    #expect(lines.count == events.count)
    for (line, event) in zip(lines, events) {
      let object = try parse(line.utf8)
      #expect(object["event"] == .string(event.name.description) && object["outcome"] == .string(event.outcome.description))
      #expect(object["user"] == .null && object["patient"] == .null && object["rule"] == .null && object["status"] == .null)
      #expect(object["reason"] == .string("why"))
      let names = line.matches(of: /[{,]"([a-z]+)":/).map { String($0.output.1) }
      #expect(
        names == [
          "time", "event", "request", "site", "host", "user", "client", "method", "patient", "rule", "status", "outcome", "reason",
        ])
    }
  }

  @Test("An unknown site and host are empty texts")
  func empty() throws {
    #expect(recorder.append(AuditRecord(.refusal, time: Self.time, status: 421), site: "", host: ""))
    let object = try parse(try #require(try lines().first).utf8)
    #expect(object["site"] == .string("") && object["host"] == .string("") && object["status"] == .number(421))
  }

  @Test("Hostile values neither forge a member nor a line, and every record is bounded")
  func hostileValues() throws {
    let hostile = "x\",\"outcome\":\"shown\"}\n{\"event\":\"login\u{2028}" + String(repeating: "\u{0}", count: 20_000)
    let record = AuditRecord(.patientRequest(.refused), time: Self.time, status: 0)
    for value in [hostile, String(repeating: "a", count: 20_000), String(repeating: "\u{E0041}", count: 20_000)] {
      #expect(
        recorder.append(
          record, requestID: value, site: value, host: value, user: value, client: value, method: value, patient: value, rule: value,
          reason: value))
    }
    let lines = try lines()
    #expect(lines.count == 3)
    for line in lines {
      #expect(line.utf8.count < AuditLimit.line)
      let object = try parse(line.utf8)
      #expect(object.count == 13)
      #expect(object["outcome"] == .string("refused") && object["status"] == .null)
    }
  }

  @Test("Letters of every script show as they are, and what is no UTF-8 as U+FFFD")
  func letters() throws {
    let broken = bytes("a") + [0xFF, 0xC3] + bytes("b")
    let none: [UInt8] = []
    let user = bytes("José 李 😀")
    let isQueued = recorder.append(
      AuditRecord(.logout, time: Self.time, status: 303), requestID: none.span, site: none.span, host: broken.span, user: user.span,
      client: none.span, method: none.span, patient: none.span, rule: none.span, reason: none.span)
    #expect(isQueued)
    let line = try #require(try lines().first)
    #expect(line.contains("\"user\":\"José 李 😀\"") && line.contains("\"host\":\"a\u{FFFD}\u{FFFD}b\""))
  }

  @Test("Texts are escaped as those of events are, whatever they are")
  func likeEvents() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = ["a", "dr.jones", " ", "\"", "\\", "\n", "\u{7f}", "é", "李", "😀", "\u{2028}", "\u{202e}", "\u{E0041}", "/patients"]
    let texts = (0..<300).map { _ in (0..<Int.random(in: 0..<80, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" } }
      .map { $0.joined() }
    for text in texts { #expect(recorder.append(AuditRecord(.logout, time: Self.time, status: 303), host: text)) }
    for (line, text) in zip(try lines(), texts) {
      var event = JSONLine()
      event.add("host", text, limit: AuditLimit.host)
      let member = String(decoding: event.finished().dropFirst().dropLast(2), as: UTF8.self)
      #expect(line.contains(",\(member),\"user\":"))
    }
  }

  @Test("No record has anything of the one before it")
  func reuse() throws {
    let record = AuditRecord(.logout, time: Self.time, status: 303)
    for count in [300, 0, 7, 1, 8, 9, 63] { #expect(recorder.append(record, user: String(repeating: "u", count: count))) }
    let users = try lines().map { try parse($0.utf8)["user"] }
    #expect(users == [300, 0, 7, 1, 8, 9, 63].map { $0 == 0 ? .null : .string(String(repeating: "u", count: $0)) })
  }
}
