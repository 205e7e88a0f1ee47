import Config
import Testing

@testable import Gateway

@Suite struct PatientAddressTests {
  private func rig(_ app: App, to text: String) throws -> Rig {
    let to = try #require(PatientTemplate(text))
    return try Rig(apps: [app.address], changeSite: { $0.patients[0].to = to })
  }

  @Test("a signed-in click is sent on with the checked number, and nothing is kept of the answer")
  func click() throws {
    let app = try App()
    let rig = try rig(app, to: "/app/explorer.html#patient?uuid={patient_id}")
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/patients/?x=1&patient_id=42", [navigation, "Cookie: \(try rig.cookie())"]))
    let there = try client.message()
    #expect(there.status == 302 && there["Location"] == "/app/explorer.html#patient?uuid=42")
    #expect(there["Cache-Control"] == "no-store" && there.body.isEmpty)
    #expect(try !app.isAskedFor())
    rig.stop()
    #expect(rig.auditLines.count == 1 && rig.auditLines[0].contains("\"shown\"") && rig.auditLines[0].contains("\"42\""))
  }

  @Test(
    "what is no click goes to the app",
    arguments: [
      ("GET", "/patients?patient_id=42", "Sec-Fetch-Mode: cors"), ("HEAD", "/patients?patient_id=42", navigation),
      ("POST", "/patients?patient_id=42", navigation), ("GET", "/patients", navigation), ("GET", "/patients/x?patient_id=42", navigation),
    ])
  func others(method: String, target: String, field: String) throws {
    let app = try App()
    let rig = try rig(app, to: "/app#{patient_id}")
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request(method, target, [field, "Cookie: \(try rig.cookie())"]))
    #expect(try app.accept().message().target == target)
  }

  @Test("without a login, and with a doubtful number, nobody is sent on")
  func refused() throws {
    let app = try App()
    let rig = try rig(app, to: "/app#{patient_id}")
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/patients?patient_id=42", [navigation]))
    #expect(try client.message()["Location"]?.hasPrefix("/.anteroom/login") == true)
    for query in ["patient_id=1&patient_id=2", "patient_id=0", "Patient_Id=1"] {
      try client.send(request("GET", "/patients?\(query)", [navigation, "Cookie: \(try rig.cookie())"]))
      let page = try client.message()
      #expect(page.status == 400 && page["Location"] == nil)
    }
  }
}
