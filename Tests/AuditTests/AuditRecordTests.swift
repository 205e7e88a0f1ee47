import Testing

@testable import Audit

@Suite struct AuditRecordTests {
  static func record(_ event: AuditRecord.Event, user: String? = "dr.jones", reason: String? = nil) -> AuditRecord {
    AuditRecord(
      event, time: 1_795_352_400_123, requestID: "r-1", site: "app.example.com", host: "au.example.com", user: user,
      client: "203.0.113.9", method: "GET", status: 200, reason: reason)
  }

  @Test("A patient request says who, which patient, when, from where, and with what outcome")
  func patientRequest() {
    let line = Self.record(.patientRequest(patient: "9223372036854775807", rule: "/patients", outcome: .shown)).line()
    #expect(
      String(decoding: line, as: UTF8.self) == """
        {"time":"2026-11-22T13:00:00.123Z","event":"patient-request","request":"r-1","site":"app.example.com",\
        "host":"au.example.com","user":"dr.jones","client":"203.0.113.9","method":"GET","patient":"9223372036854775807",\
        "rule":"/patients","status":200,"outcome":"shown","reason":null}

        """)
  }

  @Test(
    "Every kind of record has the same members in the same order",
    arguments: [
      (.patientRequest(patient: nil, rule: "/patients", outcome: .loginRequired), "patient-request", "login-required"),
      (.patientRequest(patient: "1", rule: "/patients", outcome: .refused), "patient-request", "refused"),
      (.patientRequest(patient: "1", rule: "/patients", outcome: .failed), "patient-request", "failed"),
      (.login(.signedIn), "login", "signed-in"), (.login(.refused), "login", "refused"), (.login(.failed), "login", "failed"),
      (.logout, "logout", "signed-out"), (.refusal(rule: nil), "refusal", "refused"),
    ] as [(AuditRecord.Event, String, String)])
  func kinds(event: AuditRecord.Event, kind: String, outcome: String) throws {
    let line = Self.record(event, user: nil, reason: "why").line()
    let object = try parse(line)
    #expect(object["event"] == .string(kind) && object["outcome"] == .string(outcome))
    #expect(object["user"] == .null && object["reason"] == .string("why"))
    let names = String(decoding: line, as: UTF8.self).matches(of: /[{,]"([a-z]+)":/).map { String($0.output.1) }
    #expect(
      names == [
        "time", "event", "request", "site", "host", "user", "client", "method", "patient", "rule", "status", "outcome", "reason",
      ])
  }

  @Test("Hostile values neither forge a member nor a line, and every record is bounded")
  func hostileValues() throws {
    let hostile = "x\",\"outcome\":\"shown\"}\n{\"event\":\"login\u{2028}" + String(repeating: "\u{0}", count: 20_000)
    let record = AuditRecord(
      .patientRequest(patient: hostile, rule: hostile, outcome: .refused), time: 0, requestID: hostile, site: hostile, host: hostile,
      user: hostile, client: hostile, method: hostile, status: nil, reason: hostile)
    let line = record.line()
    #expect(line.count < 4096)
    #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
    let object = try parse(line)
    #expect(object.count == 13)
    #expect(object["outcome"] == .string("refused") && object["status"] == .null)
  }
}
