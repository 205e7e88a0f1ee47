import Config
import Fetch
import Testing

@testable import Gateway

@Suite struct LookupAnswerTests {
  private func read(
    _ body: String, _ id: PatientLookupSettings.Source = .json([.member("id")]), where conditions: [PatientLookupSettings.Condition] = [],
    status: Int = 200, fields: [String: String] = [:]
  ) throws -> LookupAnswer {
    let target = try #require(PatientTemplate("/find?n={patient_id}"))
    return LookupAnswer(
      FetchAnswer(status: status, fields: fields, body: [UInt8](body.utf8)),
      PatientLookupSettings(target: target, id: id, conditions: conditions), patientID: "123")
  }

  private func isInvalid(_ answer: LookupAnswer) -> Bool { if case .invalid = answer { true } else { false } }

  private static let orthanc = #"""
    [{"ID": "66c8e41e-ac3a9029", "Path": "/patients/66c8e41e-ac3a9029", "Type": "Patient"},
     {"ID": "0a9b3153-2512774b", "Path": "/studies/0a9b3153-2512774b", "Type": "Study"}]
    """#
  private static let all: PatientLookupSettings.Source = .json([.each, .member("ID")])

  @Test("exactly one id is one, as text or as a whole number")
  func one() throws {
    #expect(try read(#"{"id": "a-1"}"#) == .known("a-1"))
    #expect(try read(#"{"id": 42, "x": [1e3]}"#) == .known("42"))
    #expect(try read(Self.orthanc, Self.all, where: [.init("Type", "Patient")]) == .known("66c8e41e-ac3a9029"))
    #expect(
      try read(
        #"{"entry": [{"resource": {"id": "x"}}]}"#, .json([.member("entry"), .each, .member("resource"), .member("id")])) == .known("x"))
    #expect(try read(#"["a"]"#, .json([.each])) == .known("a"))
    #expect(try read(#"[{"ID": "a"}, {"ID": "a"}]"#, Self.all) == .known("a"), "the same one twice is one")
  }

  @Test("what is absent, null, empty or 404 is a patient that the app does not know")
  func none() throws {
    for body in ["{}", #"{"id": null}"#, "null", ""] { #expect(try read(body) == .unknown, "\(body)") }
    #expect(try read("[]", Self.all) == .unknown)
    #expect(try read("[{}]", Self.all) == .unknown)
    #expect(try read("", status: 204) == .unknown)
    #expect(try read(#"{"id": "last-one"}"#, status: 404) == .unknown)
    #expect(try read(#"{"total": 0}"#, .json([.member("entry"), .each, .member("resource"), .member("id")])) == .unknown)
  }

  @Test("of several ids none is taken, the first one least of all")
  func several() throws {
    #expect(try read(Self.orthanc, Self.all) == .several)
    #expect(try read(#"[{"ID": "a"}, {"ID": 5}]"#, Self.all) == .several)
  }

  @Test("an id counts only where its neighbours say what they have to")
  func conditions() throws {
    let found =
      #"[{"ID": "a", "number": "1234", "on": true}, {"ID": "b", "number": "123", "on": true}, {"ID": "c", "number": 123, "on": false}]"#
    #expect(try read(found, Self.all, where: [.init("number", "{patient_id}"), .init("on", "true")]) == .known("b"))
    #expect(try read(found, Self.all, where: [.init("number", "{patient_id}")]) == .several)
    #expect(try read(found, Self.all, where: [.init("number", "12")]) == .unknown)
    #expect(try read(found, Self.all, where: [.init("absent", "")]) == .unknown)
    #expect(try read(#"{"id": "a", "number": "1234"}"#, where: [.init("number", "{patient_id}")]) == .unknown, "another patient")
  }

  @Test(
    "an answer that makes no sense is none",
    arguments: [
      #"{"id": 1e3}"#, #"{"id": 1.5}"#, #"{"id": true}"#, #"{"id": {"id": "a"}}"#, #"{"id": ["a"]}"#, #"{"id": ""}"#, #"{"id": "a\r\nb"}"#,
      #"{"id": "a\u0000"}"#, #"{"id": "a", "id": "b"}"#, #"{"id": "a"} x"#, "<html>", "[]", "7", #""a""#, #"{"id": "a"#, "\u{FEFF}{}",
      "{\"id\": \"" + String(repeating: "a", count: 257) + "\"}",
    ])
  func invalid(_ body: String) throws { #expect(isInvalid(try read(body))) }

  @Test("a list where there is none, and an object where there is none, are no answers")
  func shapes() throws {
    #expect(isInvalid(try read(#"{"ID": "a"}"#, Self.all)))
    #expect(isInvalid(try read(#"["a"]"#, Self.all)))
  }

  @Test("only a success says anything; 403 says that this user may not know")
  func statuses() throws {
    #expect(try read(#"{"id": "a"}"#, status: 403) == .forbidden)
    for status in [302, 400, 401, 410, 429, 500, 503] { #expect(isInvalid(try read(#"{"id": "a"}"#, status: status)), "\(status)") }
    #expect(try read(#"{"id": "a"}"#, status: 201) == .known("a"))
  }

  @Test("an id in a field is taken as it stands; absent it is none, twice it is two")
  func header() throws {
    let header = PatientLookupSettings.Source.header("X-Patient")
    #expect(try read("", header, fields: ["x-patient": "a-1"]) == .known("a-1"))
    #expect(try read("", header) == .unknown)
    #expect(try read("", header, fields: ["x-patient": ""]) == .unknown)
    #expect(try read("", header, fields: ["x-patient": "a, b"]) == .several)
    #expect(isInvalid(try read("", header, fields: ["x-patient": "a\tb"])))
  }
}
