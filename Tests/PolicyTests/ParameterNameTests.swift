import Testing

@testable import Policy

struct ParameterNameTests {
  private func match(_ name: String, as parameter: String = "patient_id") -> ParameterName.Match {
    let bytes = Array("&\(name)=".utf8)
    return ParameterName(parameter).match(bytes.span, in: 1..<bytes.count - 1)
  }

  @Test(
    "one decoding that gives exactly the name is the parameter",
    arguments: ["patient_id", "patient%5Fid", "patient%5fid", "%70%61tient_id"])
  func exact(name: String) {
    #expect(match(name) == .exact)
  }

  @Test("a name that holds escapes itself is compared after its decoding, as all are")
  func escapesInTheName() {
    #expect(match("a+b", as: "a+b") != .exact)
    #expect(match("a%2Bb", as: "a+b") == .exact)
    #expect(match("a%20b", as: "a b") == .exact && match("a+b", as: "a b") == .exact)
    #expect(match("a%5Fb", as: "a%5Fb") != .exact)
    #expect(match("a%255Fb", as: "a%5Fb") == .exact)
  }

  @Test(
    "every spelling that some app reads as the parameter is an alias",
    arguments: [
      "Patient_Id", "PATIENT_ID", "patient.id", "patient%2Eid", "patient%20id", "patient+id", "patient%09id", "patient[id", "patient%5Bid",
      "patient[id]", "patient_id[]", "patient_id%5B%5D", "patient_id[0]", "patient_id[][]", "patient_id[a][b]", "patient_id[",
      "patient[]_id",
      "patient_id]", "patient_id%00", "patient_id%00x", "patient.id%00[", "+patient_id", "%20%20patient_id", "%09patient_id",
      "%0apatient_id",
      "%01patient_id", "?patient_id", "patient_id%20", "patient_id%0d%0a", "patient_id+", "patient%255Fid", "patient%25255Fid",
      "%2570atient_id", "%252570atient_id", "patient%255Bid", "patient_id%2500x", "patient%252eid", "%2520patient_id",
      "%EF%BD%90atient_id", "%ef%bc%b0atient_id", "patient%EF%BC%BFid", "patient_id%ef%bc%bb0", "%u0070atient_id", "%uFF50atient_id",
      "pat%C4%B1ent_id", "pat%c4%b0ent_id", "pat%u0131ent_id", "%C1%B0atient_id", "patient%C1%9Fid", "%25ef%25bd%2590atient_id",
      "patient_%25%36%39d", "%252bpatient_id", "patient%252525255Fid",
    ])
  func alias(name: String) {
    #expect(match(name) == .alias)
  }

  @Test(
    "letters whose case mapping ends in ASCII are aliases",
    arguments: [("book_size", "boo%E2%84%AA_size"), ("book_size", "book_%C5%BFize"), ("book_size", "boo%u212A_%u017Fize")])
  func caseMapping(parameter: String, name: String) {
    #expect(match(name, as: parameter) == .alias)
  }

  @Test(
    "other names are other names",
    arguments: [
      "", "p", "patient", "patient_", "patient_i", "patient_ids", "xpatient_id", "patient-id", "patientid", "patient__id", "patient_id_",
      "patient_id.x", "id", "_patient_id", "patient_id%5F", "patient_id%c3%a9", "p%c3%a9tient_id", "filter[patient_id]", "patient%zz_id",
      "patient%", "patient%5", "patient%25", "patient%2525", "patient%00_id", "[]", "%", "+", "%20", "%u", "%u00", "%EF", "patient_i%64x",
      "person", "per_page", "PAGE",
    ])
  func differs(name: String) {
    #expect(match(name) == .differs)
  }

  @Test("a parameter with other characters is known by its own spelling, and its aliases by theirs")
  func otherParameters() {
    #expect(match("client.id", as: "client.id") == .exact)
    #expect(match("client_id", as: "client.id") == .alias)
    #expect(match("Pid", as: "Pid") == .exact)
    #expect(match("pid", as: "Pid") == .alias)
    #expect(match("%20id", as: "_id") == .alias)
    #expect(match("_id", as: "_id") == .exact)
    #expect(match("id", as: "_id") == .differs)
    #expect(match("patient[id]", as: "patient[id]") == .exact)
    #expect(match("patient_id", as: "patient[id]") == .alias)
  }

  @Test(
    "a name of 16 KB of escapes is judged", arguments: ["%25", "p%25", "%20", "[]", "]", "%ef%bd%90", "%2525", "p%2525", "%u0070", "+"])
  func long(unit: String) {
    #expect(match(String(repeating: unit, count: (16 << 10) / unit.utf8.count)) == .differs)
  }
}
