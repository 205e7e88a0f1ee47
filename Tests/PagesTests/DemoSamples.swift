@testable import Pages

let demoClinic = DemoPages.clinic(
  gateway: "http://127.0.0.1:8080",
  accounts: [("jo", "harbour-demo-1", "Jo Whitfield"), ("amir", "harbour-demo-2", "Amir Haddad")])

func demoRequest(
  _ path: String, query: String? = nil, patient: String? = nil, method: String = "GET", extra: [(name: String, value: String)] = [],
  notes: [DemoNote] = []
) -> DemoRequest {
  var fields: [(name: String, value: String)] = [
    ("Host", "127.0.0.1:8080"), ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"), ("Accept", "text/html"),
    ("Accept-Language", "en-AU"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "navigate"),
  ]
  if let patient { fields.append(("X-Cliniko-Patient-Id", patient)) }
  fields += [
    ("X-Auth-User", "jo"), ("X-Auth-Name", "Jo Whitfield"), ("X-Request-Id", "7f3a9c0e5b1d4286"),
    ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "127.0.0.1:8080"),
    ("Forwarded", "for=127.0.0.1;host=\"127.0.0.1:8080\";proto=http"), ("Via", "1.1 anteroom"),
  ]
  return DemoRequest(method: method, path: path, query: query, fields: fields + extra, notes: notes)
}

let demoRequests: [(name: String, request: DemoRequest)] = [
  (
    "record",
    demoRequest(
      "/patients", query: "patient_id=9223372036854775807", patient: "9223372036854775807",
      notes: [DemoNote(patientID: "9223372036854775807", author: "Jo Whitfield", text: "Called her mother: training again on Monday.")])
  ),
  ("unknown", demoRequest("/patients", query: "patient_id=77", patient: "77")),
  ("list", demoRequest("/")), ("notes", demoRequest("/notes")), ("about", demoRequest("/about")), ("missing", demoRequest("/nowhere")),
]
