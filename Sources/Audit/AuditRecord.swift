/// One entry of the patient-access trail: who did what, to which patient, when, from where, with what outcome.
package struct AuditRecord: Sendable, Equatable {
  /// What a patient request came to.
  package enum PatientOutcome: String, Sendable, CaseIterable {
    /// The app's answer was passed on, whatever its status.
    case shown
    /// Nobody was signed in; the client was sent, or told, to log in.
    case loginRequired = "login-required"
    /// The gateway refused it.
    case refused
    /// The app did not answer, or not whole, or the client went away.
    case failed
  }

  /// What a login attempt came to.
  package enum LoginOutcome: String, Sendable, CaseIterable {
    case signedIn = "signed-in"
    /// Wrong password, unknown user, throttled: the reason says which.
    case refused
    /// The gateway could not judge it: overload, an unreadable accounts file.
    case failed
  }

  /// What happened. Only a patient request can carry a patient's id.
  package enum Event: Sendable, Equatable {
    /// `patient` is nil where the parameter was not one valid id. `rule`: the path pattern of the `patient` directive.
    case patientRequest(patient: String?, rule: String, outcome: PatientOutcome)
    case login(LoginOutcome)
    case logout
    /// Any other request that the gateway turned away. `rule`: the pattern or directive that did, if one.
    case refusal(rule: String?)
  }

  package var event: Event
  /// Milliseconds since 1970, UTC.
  package var time: Int64
  package var requestID: String
  /// The site's name; empty when no site was matched.
  package var site: String
  /// The host as the client named it.
  package var host: String
  /// The signed-in user, or the one who tried to sign in.
  package var user: String?
  /// The client's address, without a port.
  package var client: String
  package var method: String
  /// The status sent; nil when none was.
  package var status: Int?
  /// Why, in a few fixed words, where the outcome alone does not tell; never a query, a password or a token.
  package var reason: String?

  package init(
    _ event: Event, time: Int64, requestID: String, site: String, host: String, user: String?, client: String, method: String,
    status: Int?, reason: String? = nil
  ) {
    self.event = event
    self.time = time
    self.requestID = requestID
    self.site = site
    self.host = host
    self.user = user
    self.client = client
    self.method = method
    self.status = status
    self.reason = reason
  }

  /// The record as one JSON line with every member, in a fixed order.
  func line() -> [UInt8] {
    let (kind, patient, rule, outcome) = parts
    var line = JSONLine()
    line.add("time", String(decoding: TimestampFormatter.bytes(milliseconds: time), as: UTF8.self), limit: 64)
    line.add("event", kind, limit: 64)
    line.add("request", requestID, limit: 128)
    line.add("site", site, limit: 300)
    line.add("host", host, limit: 300)
    line.add("user", user, limit: 512)
    line.add("client", client, limit: 128)
    line.add("method", method, limit: 64)
    line.add("patient", patient, limit: 64)
    line.add("rule", rule, limit: 512)
    line.add("status", number: status)
    line.add("outcome", outcome, limit: 64)
    line.add("reason", reason, limit: 512)
    return line.finished()
  }

  private var parts: (kind: String, patient: String?, rule: String?, outcome: String) {
    switch event {
    case .patientRequest(let patient, let rule, let outcome): ("patient-request", patient, rule, outcome.rawValue)
    case .login(let outcome): ("login", nil, nil, outcome.rawValue)
    case .logout: ("logout", nil, nil, "signed-out")
    case .refusal(let rule): ("refusal", nil, rule, "refused")
    }
  }
}
