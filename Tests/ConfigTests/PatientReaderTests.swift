import Testing

@testable import Config

@Suite struct PatientReaderTests {
  @Test("a patient rule has its defaults, and what its block says")
  func rules() {
    #expect(site("patient /patients")?.patients == [PatientRule(path: PathPattern("/patients"))])
    #expect(
      site("patient /p/* {\nquery pid\nheader X-Pid\nmissing reject\ncache app\n}\npatient /q { missing pass }")?.patients == [
        PatientRule(path: PathPattern("/p/*"), query: "pid", header: "X-Pid", missing: .reject, appCaches: true),
        PatientRule(path: PathPattern("/q")),
      ])
  }

  @Test(
    "anything else in the block is an error",
    arguments: [
      ("query \"\"", "parameter name"), ("query patient[id]", "parameter name"), ("query patient.id", "parameter name"),
      ("query größe", "parameter name"),
      ("query \(String(repeating: "a", count: 65))", "parameter name"), ("missing drop", "`pass` or `reject`"), ("cache yes", "`app`"),
      ("query a b", "takes one argument"),
      ("header", "takes one argument, not 0"), ("querry a", "did you mean `query`?"),
    ])
  func bad(_ line: String, _ message: String) {
    let found = messages(load(minimal(site: "patient /p { \(line) }")))
    #expect(found.count == 1)
    #expect(found.first?.contains(": error: ") == true && found.first?.contains(message) == true, "\(found)")
  }

  @Test("one path has one rule, with or without the final slash")
  func twice() {
    #expect(
      messages(load(minimal(site: "patient /p\npatient /p/"))).first?.contains(
        "gateway.conf:6:9: error: `/p/` has a `patient` rule at line 5 already") == true)
  }

  @Test("a bad path does not hide the faults of its block")
  func badPath() { #expect(load(minimal(site: "patient p { missing x; query a.b }")).errors.count == 3) }

  @Test("a click may be sent on to an address with the patient's number in it")
  func to() {
    #expect(
      site("patient /p { to \"/app#patient?uuid={patient_id}\" }")?.patients.first?.to == PatientTemplate("/app#patient?uuid={patient_id}"))
  }

  @Test(
    "an address to send people on to that is none, or would lead in circles, is an error that names the mend",
    arguments: [

      ("patient /p { to //evil/{patient_id} }", "doubled slashes"),
      ("patient /p { to \"//evil/{patient_id}\" }", "doubled slashes"),
      ("patient /p { to /app }", "place for a patient"), ("patient /p { to \"/app#{id}\" }", "braces only around `patient_id` or `app_id`"),
      ("patient /p { to \"/p?patient_id={patient_id}\" }", "leads to `patient /p`"),
      ("patient /p { to \"/P/?x=1#{patient_id}\" }", "leads to `patient /p`"),
      ("patient /p/* { to \"/p/{patient_id}?x\" }", "leads to `patient /p/*`"),
      ("patient /p { missing reject; to \"/p#{patient_id}\" }", "leads to `patient /p`"),
      ("patient /p { to \"/q?patient_id={patient_id}\" }\npatient /q { to \"/r?x={patient_id}\" }", "leads to `patient /q`"),
    ])
  func badTo(_ line: String, _ message: String) {
    let found = messages(load(minimal(site: line)))
    #expect(found.contains { $0.contains(": error: ") && $0.contains(message) }, "\(found)")
  }

  @Test("an address may be another patient path that the app answers itself, or the same one without a query")
  func toAnother() {
    #expect(site("patient /p { to \"/q?patient_id={patient_id}\" }\npatient /q") != nil)
    #expect(site("patient / { to \"/#/patient/{patient_id}\" }") != nil)
  }
}
