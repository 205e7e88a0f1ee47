import Testing

@testable import Pages

@Suite("Demo: legacy app")
struct DemoAppTests {
  private func post(_ body: String, to app: inout DemoApp) -> DemoApp.Answer {
    app.respond(to: demoRequest("/notes", method: "POST"), body: Array(body.utf8))
  }

  @Test(
    "pages that exist are 200, unknown patients and pages 404, other methods 405",
    arguments: [
      ("GET", "/", nil, 200), ("GET", "/about", nil, 200), ("HEAD", "/notes", nil, 200), ("GET", "/patients", "1234", 200),
      ("GET", "/patients", "77", 404), ("GET", "/patients", nil, 200), ("GET", "/nowhere", nil, 404), ("PUT", "/about", nil, 405),
    ] as [(String, String, String?, Int)])
  func statuses(method: String, path: String, patient: String?, status: Int) {
    var app = DemoApp()
    let answer = app.respond(to: demoRequest(path, patient: patient, method: method), body: [])
    #expect(answer.status == status && answer.location == nil && !answer.body.isEmpty)
  }

  @Test("a note is kept with its author and shown with its patient, and with no other")
  func note() {
    var app = DemoApp()
    let answer = post("patient=1234&note=Knee+50%25+%C3%A9%0Aok", to: &app)
    #expect(answer.status == 303 && answer.location == "/patients?patient_id=1234#notes")
    #expect(app.notes == [DemoNote(patientID: "1234", author: "Jo Whitfield", text: "Knee 50% é\nok")])
    func shown(_ path: String, _ patient: String?) -> Bool {
      String(decoding: app.respond(to: demoRequest(path, patient: patient), body: []).body, as: UTF8.self).contains("Knee 50% é")
    }
    #expect(shown("/patients", "1234") && !shown("/patients", "98765432101") && shown("/notes", nil))
  }

  @Test("a note for an unknown patient goes to the notes page, so that nothing foreign enters the redirect")
  func foreignPatient() {
    var app = DemoApp()
    #expect(post("patient=//evil.example%0d%0a&note=x", to: &app).location == "/notes")
  }

  @Test("an empty note is not kept, broken escapes are text, and memory is bounded")
  func bounded() {
    var app = DemoApp()
    _ = post("patient=1234&note=", to: &app)
    _ = post("patient=1234&note=%00", to: &app)
    _ = post("patient=1234", to: &app)
    #expect(app.notes.isEmpty)
    _ = post("note=100%&patient=1234", to: &app)
    _ = post("note=%zz%4", to: &app)
    #expect(app.notes.map(\.text) == ["100%", "%zz%4"])
    for _ in 0..<60 { _ = post("note=" + String(repeating: "n", count: 40_000), to: &app) }
    #expect(app.notes.count == 50 && app.notes.allSatisfy { $0.text.count <= 1024 })
  }
}
