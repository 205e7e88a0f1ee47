import Testing

@testable import Policy

struct PatientQueryTests {
  private func judge(_ query: String) -> PatientParameter {
    let bytes = Array(query.utf8)
    return PatientQuery(bytes.span, parameter: ParameterName("patient_id")).parameter(bytes.span)
  }

  @Test(
    "a valid id is named by its place in the query",
    arguments: [
      ("patient_id=1", 11..<12), ("patient_id=123&x=1", 11..<14), ("x=1&patient%5Fid=42", 17..<19),
      ("patient_id=9223372036854775807", 11..<30), ("patient_id=1234567890123456789", 11..<30), ("&&patient_id=7&&", 13..<14),
      ("patient_id=1&return=https://x/y;z&a=%2F+b", 11..<12), ("patient_id=1&a&b=&&c&%zz", 11..<12), ("a;b;c&patient_id=5", 17..<18),
    ])
  func valid(query: String, range: Range<Int>) {
    #expect(judge(query) == .id(range))
  }

  @Test("an id stays findable in a 4 KB query")
  func longQuery() {
    let filler = String(repeating: "page=1&p=2&patient=3&", count: 200)
    #expect(judge(filler + "patient_id=17&x") == .id(filler.utf8.count + 11..<filler.utf8.count + 13))
  }

  @Test(
    "a faulty value is told by its fault",
    arguments: [
      ("patient_id", .empty), ("patient_id=", .empty), ("patient_id=&x=1", .empty), ("patient_id=0", .malformed),
      ("patient_id=01", .malformed),
      ("patient_id=+1", .malformed), ("patient_id=-1", .malformed), ("patient_id=1%00", .malformed), ("patient_id=1.0", .malformed),
      ("patient_id=1e3", .malformed), ("patient_id=%31", .malformed), ("patient_id=%EF%BC%99", .malformed), ("patient_id=９", .malformed),
      ("patient_id=1%20", .malformed), ("patient_id=1+", .malformed), ("patient_id==1", .malformed), ("patient_id=1=", .malformed),
      ("patient_id=0x1", .malformed), ("patient_id=1;x=2", .malformed), ("patient_id=1;", .malformed), ("patient_id=abc", .malformed),
      ("patient_id=1#", .malformed), ("patient_id=1?", .malformed), ("patient_id=00000000000000000001", .malformed),
      ("patient_id=9223372036854775808", .tooLarge), ("patient_id=9999999999999999999", .tooLarge),
      ("patient_id=12345678901234567890", .tooLarge), ("patient_id=1\(String(repeating: "0", count: 4000))", .tooLarge),
    ] as [(String, PatientFault)])
  func faultyValue(query: String, fault: PatientFault) {
    #expect(judge(query) == .faulty(fault))
  }

  @Test(
    "more than one occurrence, aliases included, is a repetition",
    arguments: [
      "patient_id=1&patient_id=2", "patient_id=1&patient_id=1", "patient_id=1&patient%5Fid=2", "patient_id=1&patient_id[]=2",
      "patient_id=1&patient.id=2", "patient_id=1&patient%20id=2", "patient_id=1&patient[id=2", "patient_id=1&Patient_Id=2",
      "patient_id=1;patient_id=2", "patient_id=1&x;patient_id=2", "patient_id=1&patient_id", "Patient_Id=1&patient.id=2",
      "a=1&patient_id=1&b=2&c&patient_id%00=3", "patient_id=1&%EF%BD%90atient_id=2", "patient_id=1&patient%255Fid=2",
    ])
  func repeated(query: String) {
    #expect(judge(query) == .faulty(.repeated))
  }

  @Test(
    "an alias alone is refused too",
    arguments: [
      "patient_id[]=2", "patient.id=2", "patient%20id=2", "patient[id=2", "Patient_Id=2", ";patient_id=2", "x=1;patient_id=2",
      "+patient_id=1",
    ])
  func alias(query: String) {
    #expect(judge(query) == .faulty(.alias))
  }

  @Test(
    "a query without it says so, whatever else is in it",
    arguments: [
      "", "&", ";", "=", "x", "x=patient_id", "x=1&y=patient_id=3", "url=//example.com&next=//example.com", "%zz", "a?b",
      "return=%2F%3Fpatient_id%3D5",
    ])
  func absent(query: String) {
    #expect(judge(query) == .absent)
  }

  @Test(
    "16 KB of separators, of names and of escapes are judged", arguments: ["&", ";", "=", "p&", "p%25&", "patient_i&", "patient%2525&"])
  func hostile(unit: String) {
    #expect(judge(String(repeating: unit, count: (16 << 10) / unit.utf8.count)) == .absent)
  }
}
