import Testing

@testable import Config

@Suite struct PatientLookupReaderTests {
  private static let to = "to \"/app#{app_id}\""

  private func lookup(_ text: String) -> PatientLookupSettings? { site("patient /p {\n\(Self.to)\n\(text)\n}")?.patients.first?.lookup }

  @Test("a lookup has its defaults, and what its block says")
  func settings() throws {
    let get = try #require(PatientTemplate("/api?n={patient_id}"))
    #expect(
      lookup("lookup GET \"/api?n={patient_id}\" { id json:patient.id }")
        == PatientLookupSettings(target: get, id: .json([.member("patient"), .member("id")]), timeout: .seconds(10), requests: 32))
    let found = lookup(
      "lookup POST /find {\nbody \"{\\\"n\\\": {patient_id}}\"; type \"text/plain; charset=utf-8\"\nid json:*.ID\nwhere Type Patient\nwhere n \"{patient_id}\"\ntimeout 2s; requests 3\n}"
    )
    #expect(found?.target.text == "/find")
    #expect(found?.body == .init("{\"n\": {patient_id}}", type: "text/plain; charset=utf-8"))
    #expect(found?.id == .json([.each, .member("ID")]))
    #expect(found?.conditions == [.init("Type", "Patient"), .init("n", "{patient_id}")])
    #expect(found?.timeout == .seconds(2) && found?.requests == 3)
    #expect(lookup("lookup POST \"/find/{patient_id}\" { id header:X-Id }")?.body == .init("", type: "application/json"))
  }

  @Test("the number stands in a body wherever its mark does, and other braces are the app's own")
  func fill() {
    #expect(
      PatientLookupSettings.fill("{\"a\": {patient_id}, \"b\": \"{patient_id}\"} {app_id}", patientID: "7")
        == "{\"a\": 7, \"b\": \"7\"} {app_id}")
    #expect(PatientLookupSettings.fill("{{patient_id}", patientID: "7") == "{7")
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("lookup PUT /x { id json:id; body \"{patient_id}\" }", "`GET` or `POST`"), ("lookup GET /x { id json:id }", "place for a patient"),
      ("lookup GET \"/x/{app_id}\" { id json:id }", "braces only around"),
      ("lookup GET \"//x/{patient_id}\" { id json:id }", "doubled slashes"),
      ("lookup GET \"/x#{patient_id}\" { id json:id }", "leave out the `#`"), ("lookup POST /x { id json:id }", "names the patient"),
      ("lookup POST /x { id json:id; body x }", "names the patient"),
      ("lookup GET \"/x/{patient_id}\" { id json:id; body x }", "lookup POST"),
      ("lookup GET \"/x/{patient_id}\" { id json:id; type text/plain }", "lookup POST"),
      ("lookup POST \"/x/{patient_id}\" { id json:id; type text }", "not a media type"),
      ("lookup POST \"/x/{patient_id}\" { id json:id; type \"\" }", "not a media type"),
      ("lookup GET \"/x/{patient_id}\" { }", "add `id json:PATH`"), ("lookup GET \"/x/{patient_id}\" { id ID }", "write `json:`"),
      ("lookup GET \"/x/{patient_id}\" { id json: }", "no path"), ("lookup GET \"/x/{patient_id}\" { id json:a..b }", "no path"),
      ("lookup GET \"/x/{patient_id}\" { id json:0.ID }", "write `*`"),
      ("lookup GET \"/x/{patient_id}\" { id \"header:X Y\" }", "names no field"),
      ("lookup GET \"/x/{patient_id}\" { id json:*; where a b }", "end `id json:`"),
      ("lookup GET \"/x/{patient_id}\" { id header:X; where a b }", "JSON answer"),
      ("lookup GET \"/x/{patient_id}\" { id json:*.ID; where a.b c }", "name of a member"),
      ("lookup GET \"/x/{patient_id}\" { id json:id; timeout 2h }", "out of range"),
      ("lookup GET \"/x/{patient_id}\" { id json:id; requests 0 }", "out of range"),
      ("lookup GET \"/x/{patient_id}\"", "needs a block"),
    ])
  func bad(_ line: String, _ message: String) {
    let found = messages(load(minimal(site: "patient /p {\n\(Self.to)\n\(line)\n}")))
    #expect(found.contains { $0.contains(": error: ") && $0.contains(message) }, "\(found)")
  }

  @Test("what is asked has somewhere to go, and what is to be gone to is asked for")
  func together() {
    let lookup = "lookup GET \"/x/{patient_id}\" { id json:id }"
    #expect(messages(load(minimal(site: "patient /p { \(lookup) }"))).contains { $0.contains("`lookup` without `to`") })
    #expect(messages(load(minimal(site: "patient /p { \(Self.to) }"))).contains { $0.contains("not known without `lookup`") })
    #expect(site("patient /p { to \"/a/{patient_id}\"\n\(lookup) }") != nil, "to see that the app knows the patient")
  }
}
