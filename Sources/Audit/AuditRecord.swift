/// One entry of the patient-access trail, less its texts: what happened, when, and with what outcome. The texts (who, to which patient, from
/// where) stay where they are, as bytes, until the line is written (`AuditRecorder.append`).
package struct AuditRecord: Sendable, Equatable {
  /// What a patient request came to.
  package enum PatientOutcome: Sendable, CaseIterable {
    /// The app's answer was passed on, whatever its status.
    case shown
    /// Nobody was signed in; the client was sent, or told, to log in.
    case loginRequired
    /// The gateway refused it.
    case refused
    /// The app did not answer, or not whole, or the client went away.
    case failed
  }

  /// What a login attempt came to.
  package enum LoginOutcome: Sendable, CaseIterable {
    case signedIn
    /// Wrong password, unknown user, throttled: the reason says which.
    case refused
    /// The gateway could not judge it: overload, an unreadable accounts file.
    case failed
  }

  /// What became of a form that was sent after its sender's session had ended.
  package enum FormOutcome: Sendable, CaseIterable {
    /// It waits for its sender's login.
    case held
    /// It went to the app, or a part of it did.
    case sent
    /// It never will: the reason says why.
    case destroyed
  }

  /// What happened.
  package enum Event: Sendable, Equatable {
    /// The only one that names a patient and the rule that applies.
    case patientRequest(PatientOutcome)
    case login(LoginOutcome)
    case logout
    case form(FormOutcome)
    /// Any other request that the gateway turned away.
    case refusal
  }

  package var event: Event
  /// Milliseconds since 1970, UTC.
  package var time: Int64
  /// The status sent; 0 when none was.
  package var status: Int

  package init(_ event: Event, time: Int64, status: Int) {
    self.event = event
    self.time = time
    self.status = status
  }
}

extension AuditRecord.Event {
  /// What a line calls it.
  var name: StaticString {
    switch self {
    case .patientRequest: "patient-request"
    case .login: "login"
    case .logout: "logout"
    case .form: "form"
    case .refusal: "refusal"
    }
  }

  /// What a line says it came to.
  var outcome: StaticString {
    switch self {
    case .patientRequest(.shown): "shown"
    case .patientRequest(.loginRequired): "login-required"
    case .patientRequest(.refused), .login(.refused), .refusal: "refused"
    case .patientRequest(.failed), .login(.failed): "failed"
    case .login(.signedIn): "signed-in"
    case .logout: "signed-out"
    case .form(.held): "held"
    case .form(.sent): "sent"
    case .form(.destroyed): "destroyed"
    }
  }
}
