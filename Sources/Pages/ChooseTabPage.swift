/// Something that was chosen before a login, in a tab that waits for it.
package struct WaitingTab: Sendable, Equatable {
  /// The number of the patient that was chosen; `nil` where it is another page.
  package var patient: String?
  /// Of the page.
  package var path: String
  /// Where the choice leads.
  package var address: String

  package init(patient: String?, path: String, address: String) {
    self.patient = patient
    self.path = path
    self.address = address
  }
}

extension SitePages {
  /// The page after a login of which it cannot be told which tab it was for. `goOn` is where the browser was going.
  package func chooseTab(_ tabs: [WaitingTab], goOn: String, host: String) -> Page {
    let choices = tabs.map { tab in
      LoginChoice(label: tab.patient.map { "Patient \($0)" } ?? "The page \(tab.path)", address: tab.address)
    }
    let start = Self.staysHere(goOn) && goOn.utf8.count <= 16_384 ? goOn : "/"
    return document(
      title: "What would you like to open?", host: host,
      main: """
        <h1>What would you like to open?</h1>
        <p>You are signed in. Before that you had chosen the following, and it cannot be told which of them this window is for.</p>
        <nav aria-label="What was chosen">
        \(choices.markup { $0.link(second: true) })</nav>
        <p class="lead">Please look at the patient before you write anything.</p>
        <a class="button second" href="\(start, limit: 16_384)">None of these: go on to the application</a>

        """)
  }
}
