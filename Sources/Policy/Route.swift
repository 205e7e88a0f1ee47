/// Everything that the rules of a site say about one request, before it is known who sends it.
package struct Route: Sendable, Equatable {
  /// Only a signed-in user may have this.
  package var needsLogin: Bool
  /// Index of the patient rule that applies, in `Site.patients`.
  package var patientRule: Int?
  /// What the query says about the patient; `notAPatientPath` exactly where `patientRule` is `nil`.
  package var patient: PatientParameter
  /// Does not count as activity of the user: every reading of the path matches `background`.
  package var isBackground: Bool
  /// Ends the session as well: some reading of the path matches `app_logout`.
  package var isAppLogout: Bool
  /// Every reading of the path matches `open`, and no patient rule applies. Under `protect patient` a request that is not open may need no
  /// login either, and an open one with the patient parameter does: `needsLogin` is what counts.
  package var isOpen: Bool
  /// Every reading of the path is one of the app's own login pages (`login app`), and no patient rule applies.
  package var isLoginPage = false

  package init(
    needsLogin: Bool, patientRule: Int? = nil, patient: PatientParameter = .notAPatientPath, isBackground: Bool = false,
    isAppLogout: Bool = false, isOpen: Bool = false
  ) {
    self.needsLogin = needsLogin
    self.patientRule = patientRule
    self.patient = patient
    self.isBackground = isBackground
    self.isAppLogout = isAppLogout
    self.isOpen = isOpen
  }
}

/// What a request's query says about the patient.
package enum PatientParameter: Sendable, Equatable {
  /// No patient rule applies: the query is the app's own business.
  case notAPatientPath
  /// A patient path without the parameter, which passes.
  case absent
  /// Where the digits stand in the query: `[1-9][0-9]{0,18}`, at most 9223372036854775807.
  case id(Range<Int>)
  case faulty(PatientFault)
}

/// Why a request to a patient path is refused.
package enum PatientFault: Sendable, Equatable, CaseIterable {
  /// No parameter, where `missing reject` wants one.
  case missing
  /// The parameter without a value.
  case empty
  /// A value that is no decimal number without sign and leading zero, or digits that arrived percent-encoded.
  case malformed
  /// A number above 9223372036854775807.
  case tooLarge
  /// The parameter, its aliases included, more than once.
  case repeated
  /// A name that some app would read as the parameter, or a path that different apps read as different patient pages.
  case alias
}
