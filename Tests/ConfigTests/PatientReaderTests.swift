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
}
