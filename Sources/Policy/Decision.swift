/// What is to be done with a request for a site's app.
package enum Decision: Sendable, Equatable {
  /// Send it upstream, with the patient header where `Route.patient` is an id.
  case forward
  /// 302 to the login page.
  case logIn
  /// 401 as problem details: no redirect, no cookie, no ticket.
  case unauthorized
  /// 400 with a page that says what is wrong with the link.
  case refusePatient(PatientFault)
}

/// The one place where it is decided who may pass. Login comes before anything else is said about the request. `isNavigation` is asked only where
/// it matters.
package func decide(route: Route, isSignedIn: Bool, isNavigation: @autoclosure () -> Bool) -> Decision {
  if isSignedIn || !route.needsLogin {
    switch (route.patientRule, route.patient) {
    case (nil, .notAPatientPath): return .forward
    case (.some, .absent) where isSignedIn, (.some, .id) where isSignedIn: return .forward
    case (.some, .faulty(let fault)) where isSignedIn: return .refusePatient(fault)
    default: break
    }
  }
  // Whatever no rule above let through needs a login, a route that contradicts itself included.
  return isNavigation() ? .logIn : .unauthorized
}
