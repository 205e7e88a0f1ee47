/// The demo's legacy app: it believes the header fields it gets, has no login of its own, and keeps the last few notes in memory.
package struct DemoApp: Sendable {
  /// What it answers; `location` is set on a redirect.
  package struct Answer: Sendable, Equatable {
    package var status: Int
    package var location: String?
    /// UTF-8 HTML (`Page.contentType`).
    package var body: [UInt8]
  }

  /// Oldest first, at most 50.
  package private(set) var notes: [DemoNote] = []

  package init() {}

  /// Answers one request. `request.notes` is replaced by the app's own; `body` is read on `POST /notes` only, its first 16 KiB.
  package mutating func respond(to request: DemoRequest, body: [UInt8]) -> Answer {
    var request = request
    request.notes = notes
    let reads = request.method == "GET" || request.method == "HEAD"
    switch request.path {
    case "/notes" where request.method == "POST": return add(body, by: request.user)
    case "/", "/patients", "/patients/", "/notes", "/about":
      let unknown = request.path.hasPrefix("/patients") && request.patientID.map { DemoPatient.with(id: $0) == nil } == true
      return Answer(status: reads ? (unknown ? 404 : 200) : 405, location: nil, body: DemoPages.app(record: request))
    default: return Answer(status: 404, location: nil, body: DemoPages.app(record: request))
    }
  }

  private mutating func add(_ body: [UInt8], by user: String?) -> Answer {
    let form = String(decoding: body.prefix(16 << 10), as: UTF8.self)
    let patient = DemoForm.value(of: "patient", in: form).flatMap { DemoPatient.with(id: $0) }
    let text = DemoForm.value(of: "note", in: form) ?? ""
    if !HTMLText.escape(text).isEmpty {
      notes.append(DemoNote(patientID: patient?.id ?? "", author: String((user ?? "unknown").prefix(256)), text: String(text.prefix(1024))))
      if notes.count > 50 { notes.removeFirst() }
    }
    let location = patient.map { "/patients?patient_id=\($0.id)#notes" } ?? "/notes"
    return Answer(status: 303, location: location, body: [])
  }
}
