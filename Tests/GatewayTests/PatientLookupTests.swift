import Config
import Testing

@testable import Gateway

@Suite struct PatientLookupTests {
  private func rig(_ apps: [App], requests: Int = 32, timeout: Duration = .seconds(10)) throws -> Rig {
    let target = try #require(PatientTemplate("/find/{patient_id}"))
    let to = try #require(PatientTemplate("/record/{app_id}"))
    return try Rig(
      apps: apps.map(\.address),
      changeSite: {
        $0.patients[0].to = to
        $0.patients[0].lookup = PatientLookupSettings(
          target: target, id: .json([.each, .member("id")]), timeout: timeout, requests: requests)
      })
  }

  private func click(_ rig: Rig, _ patient: Int) throws -> String {
    request("GET", "/patients?patient_id=\(patient)", [navigation, "Cookie: \(try rig.cookie())"])
  }

  @Test(
    "what the app answers decides, and every way is in the audit trail with the patient, which is in no other log",
    arguments: [
      (answer(body: #"[{"id": 5}]"#), 302, "shown"), (answer(body: "[]"), 404, "refused"),
      (answer("404 Not Found", body: #"[{"id": 5}]"#), 404, "refused"), (answer(body: #"[{"id": 5}, {"id": 6}]"#), 409, "refused"),
      (answer("403 Forbidden"), 403, "refused"), (answer("500 Broken"), 502, "failed"), (answer(body: "<html>"), 502, "failed"),
      (answer(body: #"[{"id": "../x"}]"#), 502, "failed"), ("nonsense\r\n\r\n", 502, "failed"),
    ])
  func outcomes(said: String, status: Int, outcome: String) throws {
    let app = try App()
    let rig = try rig([app])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(try click(rig, 8_675_309))
    let peer = try app.accept()
    #expect(try peer.message().target == "/find/8675309")
    try peer.send(said)
    peer.close()
    let there = try client.message()
    #expect(there.status == status && there["Location"] == (status == 302 ? "/record/5" : nil))
    #expect(there["Cache-Control"] == "no-store")
    rig.stop()
    let line = try #require(rig.auditLines.first)
    #expect(line.contains("\"\(outcome)\"") && line.contains("8675309") && line.contains("\"status\":\(status)"), "\(line)")
    #expect(!(rig.accessLines + rig.eventLines).contains { $0.contains("8675309") })
  }

  @Test("an app that is silent for too long is given up")
  func timeout() throws {
    let app = try App()
    let rig = try rig([app], timeout: .milliseconds(100))
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(try click(rig, 7))
    let peer = try app.accept()
    _ = try peer.message()
    #expect(try client.message().status == 504)
  }

  @Test("only so many are asked for at once, and a place is free again after an answer or a browser's end")
  func gate() throws {
    let app = try App()
    let rig = try rig([app], requests: 1)
    defer { rig.stop() }
    let (first, second) = (try rig.connect(), try rig.connect())
    try first.send(try click(rig, 7))
    let peer = try app.accept()
    _ = try peer.message()
    try second.send(try click(rig, 8))
    let busy = try second.message()
    #expect(busy.status == 503 && busy["Retry-After"] != nil)
    first.close()
    try peer.send(answer(body: #"[{"id": 5}]"#))
    let gate = try #require(rig.settings.sites[0].patients[0].lookup).gate
    try rig.until("the place is free") { _ in gate.count == 0 }
    try second.send(try click(rig, 8))
    let next = try app.accept()
    _ = try next.message()
    try next.send(answer(body: #"[{"id": 6}]"#))
    #expect(try second.message()["Location"] == "/record/6")
  }

  @Test("while the audit trail cannot be written, the app is not asked")
  func audit() throws {
    let app = try App()
    let rig = try rig([app])
    defer { rig.stop() }
    // A file in the place of the directory: no record can be written.
    try rig.directory.remove("audit")
    try rig.directory.write("audit", "")
    let client = try rig.connect()
    try client.send(request("GET", "/patients?patient_id=x", [navigation, "Cookie: \(try rig.cookie())"]))
    #expect(try client.message().status == 400)
    try rig.until("found out") { !$0.services.audit.isHealthy }
    try client.send(try click(rig, 7))
    #expect(try client.message().status == 503)
    #expect(try !app.isAskedFor())
    // The writer tries for as long as it may; the end of the test need not wait for that.
    try rig.directory.remove("audit")
    try rig.directory.makeDirectory("audit")
    rig.services.writer.reopen()
  }
}
