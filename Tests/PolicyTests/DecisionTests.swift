import Testing

@testable import Policy

struct DecisionTests {
  static let id = PatientParameter.id(0..<1)

  @Test(
    "without a login, what needs one goes to the login page or gets 401, whatever is wrong with it",
    arguments: [
      Route(needsLogin: true), Route(needsLogin: true, patientRule: 0, patient: id),
      Route(needsLogin: true, patientRule: 0, patient: .absent),
      Route(needsLogin: true, patientRule: 0, patient: .faulty(.alias)),
      Route(needsLogin: true, patientRule: 0, patient: .faulty(.missing)),
    ])
  func loginFirst(route: Route) {
    #expect(decide(route: route, isSignedIn: false, isNavigation: true) == .logIn)
    #expect(decide(route: route, isSignedIn: false, isNavigation: false) == .unauthorized)
  }

  @Test("what needs no login passes", arguments: [false, true])
  func open(isSignedIn: Bool) {
    let route = Route(needsLogin: false, isOpen: true)
    #expect(decide(route: route, isSignedIn: isSignedIn, isNavigation: false) == .forward)
  }

  @Test("a signed-in user passes, unless the patient parameter is faulty", arguments: [true, false])
  func signedIn(isNavigation: Bool) {
    func decision(_ route: Route) -> Decision { decide(route: route, isSignedIn: true, isNavigation: isNavigation) }
    #expect(decision(Route(needsLogin: true)) == .forward)
    #expect(decision(Route(needsLogin: true, patientRule: 0, patient: Self.id)) == .forward)
    #expect(decision(Route(needsLogin: true, patientRule: 0, patient: .absent)) == .forward)
    for fault in PatientFault.allCases {
      #expect(decision(Route(needsLogin: true, patientRule: 0, patient: .faulty(fault))) == .refusePatient(fault))
    }
  }

  @Test(
    "a patient request never passes without a login, not even by a route that contradicts itself",
    arguments: [
      Route(needsLogin: false, patientRule: 0, patient: id), Route(needsLogin: false, patientRule: 0, patient: .absent),
      Route(needsLogin: false, patient: id), Route(needsLogin: false, patientRule: 0),
    ])
  func contradiction(route: Route) {
    #expect(decide(route: route, isSignedIn: false, isNavigation: true) == .logIn)
  }
}
