/// A patient of the demo's clinic. All are made up.
package struct DemoPatient: Sendable, Equatable {
  /// Digits, kept as text.
  package let id: String
  package let given: String
  package let family: String
  /// `YYYY-MM-DD`.
  package let born: String
  package let phone: String
  package let reason: String
  package let practitioner: String
  package let nextVisit: String
  /// What the legacy app has in its file, newest first.
  package let history: [Entry]

  package struct Entry: Sendable, Equatable {
    package let date: String
    package let author: String
    package let text: String
  }

  package var name: String { "\(given) \(family)" }

  /// The three that both demo pages know.
  package static let all = [
    DemoPatient(
      id: "1234", given: "Maya", family: "O’Connell", born: "1984-03-09", phone: "0491 570 006", reason: "Left knee, ACL rehabilitation",
      practitioner: "Jo Whitfield", nextVisit: "Today, 10:30",
      history: [
        Entry(date: "12 May", author: "J. Whitfield", text: "Week 9. Flexion 128°. Single-leg squat even, no swelling. On to jogging."),
        Entry(date: "28 Apr", author: "J. Whitfield", text: "Week 7. Flexion 120°. Stationary bike 20 min without pain."),
      ]),
    DemoPatient(
      id: "98765432101", given: "Tomás", family: "Rivera-Quinn", born: "1957-11-22", phone: "0491 570 110",
      reason: "Right shoulder, rotator cuff", practitioner: "Amir Haddad", nextVisit: "Today, 11:15",
      history: [
        Entry(date: "9 May", author: "A. Haddad", text: "Abduction 105°, painful arc smaller. Band work 3 × 12, every other day."),
        Entry(date: "25 Apr", author: "A. Haddad", text: "First visit. Abduction 80°. Sleeps badly on the right side."),
      ]),
    DemoPatient(
      id: "9223372036854775807", given: "Aroha", family: "Ngata", born: "2009-07-30", phone: "0491 570 156",
      reason: "Ankle sprain, netball", practitioner: "Jo Whitfield", nextVisit: "Tomorrow, 16:00",
      history: [
        Entry(date: "14 May", author: "J. Whitfield", text: "Day 10. Full weight, hop test 85%. Back to training with tape next week.")
      ]),
  ]

  /// The patient with exactly this id.
  package static func with(id: String) -> DemoPatient? { all.first { $0.id == id } }
}
