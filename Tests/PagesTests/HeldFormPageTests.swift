import Testing

@testable import Pages

@Suite("Held form page")
struct HeldFormPageTests {
  private func page(_ offer: HeldFormOffer = heldOffer, ticket: String = "tick", token: String = "tok", user: String = "Jo") -> String {
    clinicPages.heldForm(offer, returnTicket: ticket, token: token, user: user, host: clinicHost).text
  }

  @Test("it says first that nothing was sent, then what would be: how much, which files, when, under whose name")
  func words() {
    let text = page()
    #expect(text.contains("<h1>Nothing has been sent yet</h1>"))
    for part in [
      "7 fields", "x-ray &lt;1&gt;.jpg (812 KB)", "b.pdf (12 bytes)", "and 1 more", "about 14 minutes ago", "<strong>Jo</strong>",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(page(HeldFormOffer(action: "https://a/", path: "/", fields: 1, age: 0)).contains("1 field to"))
  }

  @Test("numbers that may be a patient's are not shown; the address itself is only the form's")
  func noPatient() {
    let text = page()
    #expect(text.contains("<strong>/patients/…/notes</strong>"))
    #expect(text.ranges(of: "8675309").count == 2, "twice in the one address that the form goes to")
  }

  @Test("one button sends it to its own address, the other throws it away here; both carry ticket and token")
  func forms() {
    let text = page()
    #expect(
      text.contains(
        "<form method=\"post\" action=\"https://app.example.com/patients/8675309/notes?patient_id=8675309&amp;anteroom-held=1\">"))
    #expect(text.contains("<input type=\"hidden\" name=\"held\" value=\"discard\">") && text.ranges(of: "<button").count == 2)
    #expect(text.ranges(of: "name=\"return\" value=\"tick\"").count == 2 && text.ranges(of: "name=\"token\" value=\"tok\"").count == 2)
  }

  @Test("where it could not be sent, that is said aloud")
  func trouble() {
    var offer = heldOffer
    offer.couldNotBeSent = true
    #expect(page(offer).contains("role=\"alert\"") && !page().contains("role=\"alert\""))
  }

  @Test("everything that came from outside is escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let offer = HeldFormOffer(
      action: "https://a/" + raw, path: "/p" + raw, fields: 1, files: [HeldFormOffer.File(name: "f" + raw, size: 1)], fileCount: 1, age: 1)
    let text = page(offer, ticket: "r" + raw, token: "t" + raw, user: "u" + raw)
    #expect(text.contains("action=\"https://a/\(shown)\"") && text.contains("<li>f\(shown) (1 byte)</li>"))
    #expect(text.contains("value=\"r\(shown)\"") && text.contains("<strong>u\(shown)</strong>"))
  }

  @Test("each end has words of its own, and leads back only within the site", arguments: HeldFormEnd.allCases)
  func ends(end: HeldFormEnd) {
    let text = clinicPages.heldFormEnd(end, back: "/notes?a=1&b=2", host: clinicHost).text
    #expect(text.contains("href=\"/notes?a=1&amp;b=2\"") && !text.contains("<form"))
    let same = HeldFormEnd.allCases.filter { clinicPages.heldFormEnd($0, back: "/notes?a=1&b=2", host: clinicHost).text == text }
    #expect(same == [end])
    #expect(!clinicPages.heldFormEnd(end, back: "//evil.example", host: clinicHost).text.contains("evil"))
  }
}
