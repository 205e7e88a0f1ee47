/// The address registered for the patient button.
package struct PatientRule: Sendable, Equatable {
  /// What a GET without the parameter gets: the app, or 400.
  package enum Missing: Sendable { case pass, reject }
  /// Means itself with and without a final slash.
  package var path: PathPattern
  /// The parameter's name: 1 to 64 letters, digits, `_` and `-`.
  package var query: String
  /// The field that carries the id to the app: a token (RFC 9110 section 5.6.2) that no other directive of the site names.
  package var header: String
  package var missing: Missing
  /// `cache app`: the app's own `Cache-Control` stands on answers about a patient.
  package var appCaches: Bool
  /// Where a signed-in click is sent on to; `nil` for passing it to the app.
  package var to: PatientTemplate?
  /// How the app is asked what it calls the patient, before `to`.
  package var lookup: PatientLookupSettings?

  package init(
    path: PathPattern, query: String = "patient_id", header: String = "X-Cliniko-Patient-Id", missing: Missing = .pass,
    appCaches: Bool = false, to: PatientTemplate? = nil, lookup: PatientLookupSettings? = nil
  ) {
    self.path = path
    self.query = query
    self.header = header
    self.missing = missing
    self.appCaches = appCaches
    self.to = to
    self.lookup = lookup
  }
}

/// A path as `open`, `patient`, `background` and `app_logout` take it: begins with `/`; a final `/*` is the whole subtree; a `*` elsewhere
/// is any run of characters within one segment. Checked when read; kept as written: visible ASCII without `?`, `#`, `;`, `\`, empty and dot
/// segments; `%` only before the two digits of a blank or of a byte from 0x80 on.
package struct PathPattern: Sendable, Hashable {
  package var text: String

  package init(_ text: String) { self.text = text }
}
