import Testing

@testable import Config

@Suite struct PatientTemplateTests {
  private func address(_ text: String, patient: String = "123", app: String? = nil) throws -> String? {
    try #require(PatientTemplate(text)).address(patientID: patient, appID: app).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("the patient's number stands where the template says, and all else stays byte for byte")
  func filled() throws {
    #expect(try address("/app/explorer.html#patient?uuid={patient_id}") == "/app/explorer.html#patient?uuid=123")
    #expect(try address("/p/{patient_id}?a=%20&b={patient_id}#/x/{patient_id}") == "/p/123?a=%20&b=123#/x/123")
    #expect(try address("/{patient_id}") == "/123")
  }

  @Test("the app's own id is percent-encoded for every place")
  func encoded() throws {
    #expect(try address("/p/{app_id}", app: "aZ9-._~") == "/p/aZ9-._~")
    #expect(try address("/p/{app_id}", app: "a b:é") == "/p/a%20b%3A%C3%A9")
    #expect(try address("/p?x={app_id}&y=1", app: "a&y=2#z/..;=%") == "/p?x=a%26y%3D2%23z%2F..%3B%3D%25&y=1")
    #expect(try address("/p#{app_id}", app: "../\"<x>") == "/p#..%2F%22%3Cx%3E")
  }

  @Test(
    "in a path an id is refused that a server might take for more than one segment",
    arguments: [".", "..", ".anteroom", "../../x", "a/b", "a\\b", "a%2fb", "a;b", "a?b", "a#b"])
  func pathOnly(_ id: String) throws {
    #expect(try address("/p/{app_id}", app: id) == nil)
    #expect(try address("/p?x={app_id}", app: id) != nil)
    #expect(try address("/p#x={app_id}", app: id) != nil)
  }

  @Test(
    "an id that is empty, long, or has control characters stands nowhere",
    arguments: ["", "a\r\nb", "a\u{0}", "\u{7F}", "a\u{85}", String(repeating: "a", count: 257)])
  func nowhere(_ id: String) throws {
    #expect(try address("/p/{app_id}", app: id) == nil)
    #expect(try address("/p?x={app_id}", app: id) == nil)
    #expect(try address("/p#{app_id}", app: id) == nil)
  }

  @Test("without the app's id there is no address that needs it")
  func missing() throws {
    #expect(try address("/p/{app_id}") == nil)
    #expect(try #require(PatientTemplate("/p/{app_id}")).needsAppID)
    #expect(try !#require(PatientTemplate("/p/{patient_id}")).needsAppID)
  }

  @Test(
    "a template is an address of this very site, in one reading, with a place for a patient",
    arguments: [
      ("", "begins with `/`"), ("app/{patient_id}", "begins with `/`"), ("https://evil/{patient_id}", "begins with `/`"),
      ("//evil/{patient_id}", "doubled slashes"), ("/a//{patient_id}", "doubled slashes"), ("/\\evil/{patient_id}", "percent-encode"),
      ("/a/../{patient_id}", "`..` segments"), ("/a/%2e%2e/{patient_id}", "percent-encoded"), ("/a;x/{patient_id}", "several ways"),
      ("/.anteroom/{patient_id}", "gateway's own"), ("/.Anteroom#{patient_id}", "gateway's own"), ("/a", "place for a patient"),
      ("/a?patient_id", "place for a patient"), ("/{patient}", "braces only around"), ("/{patient_id", "braces only around"),
      ("/a}{patient_id}", "percent-encode"), ("/a b{patient_id}", "percent-encode"), ("/é{patient_id}", "percent-encode"),
      ("/a\t{patient_id}", "percent-encode"), ("/a\r\nX: {patient_id}", "percent-encode"), ("/a#b#{patient_id}", "one `#`"),
      ("/{patient_id}" + String(repeating: "a", count: 2048), "at most 2048 bytes"),
    ])
  func refused(_ text: String, _ mend: String) {
    #expect(PatientTemplate(text) == nil)
    do throws(PatientTemplate.Fault) {
      _ = try PatientTemplate(checking: text, allowed: PatientTemplate.Placeholder.allCases)
    } catch {
      #expect(error.mend.contains(mend), "\(error.mend)")
    }
  }

  @Test("its path is known as a pattern")
  func path() throws {
    #expect(try #require(PatientTemplate("/p/{patient_id}/x?y#z")).pathPattern == "/p/*/x")
    #expect(try #require(PatientTemplate("/p#{patient_id}/x")).pathPattern == "/p")
  }
}
