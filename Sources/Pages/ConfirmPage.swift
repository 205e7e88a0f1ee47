/// Why a patient is not opened without asking.
package enum ConfirmReason: Sendable, Equatable {
  /// The patient was chosen this many seconds ago.
  case old(seconds: Int64)
  /// Somebody else had asked for the patient in this browser.
  case otherUser
}

extension SitePages {
  /// The page that asks before it opens a patient, without saying which: its form posts ticket, token and `confirm=open` to
  /// `/.anteroom/login`. `user` is who is signed in now.
  package func confirm(_ reason: ConfirmReason, returnTicket: String, token: String, user: String, host: String) -> Page {
    let (headline, happened, advice): (String, String, String) =
      switch reason {
      case .old(let seconds):
        (
          "Open the patient you chose earlier?",
          "You are signed in. The patient was chosen in Cliniko \(Phrase.ago(seconds)) and has not been opened yet.",
          "If you are not sure which patient it was, go back to Cliniko and click that patient’s button again."
        )
      case .otherUser:
        (
          "Open the patient that somebody else chose?",
          "Another user of this computer asked for a patient before you signed in. The patient has not been opened.",
          "If you did not mean to open this patient, go to the start page, or click the button of your own patient in Cliniko."
        )
      }
    return document(
      title: headline, host: host, wide: true,
      main: """
        <h1>\(headline)</h1>
        <p>\(happened)</p>
        <p class="lead">\(advice)</p>
        <div class="notice"><p>Opening the record is noted under your name, <strong>\(user, limit: 256)</strong>.</p></div>
        <form method="post" action="/.anteroom/login">
        \(FormField.hidden(FormField.returnTicket, returnTicket))\(FormField.hidden(FormField.token, token))\
        \(FormField.hidden(FormField.confirm, FormField.confirmed))<button type="submit">Open the patient</button>
        </form>
        \(startLink("Go to the start page"))
        """)
  }
}
