import Testing

@testable import Audit

@Suite struct AuditRecordTests {
  @Test(
    "Every event has a name and an outcome of its own",
    arguments: [
      (.patientRequest(.shown), "patient-request", "shown"), (.patientRequest(.loginRequired), "patient-request", "login-required"),
      (.patientRequest(.refused), "patient-request", "refused"), (.patientRequest(.failed), "patient-request", "failed"),
      (.login(.signedIn), "login", "signed-in"), (.login(.refused), "login", "refused"), (.login(.failed), "login", "failed"),
      (.logout, "logout", "signed-out"), (.form(.held), "form", "held"),
      (.form(.sent), "form", "sent"), (.form(.destroyed), "form", "destroyed"), (.refusal, "refusal", "refused"),
    ] as [(AuditRecord.Event, String, String)])
  func names(event: AuditRecord.Event, name: String, outcome: String) {
    #expect(event.name.description == name)
    #expect(event.outcome.description == outcome)
  }
}
