import Testing

@testable import Pages

@Suite("Confirm page")
struct ConfirmPageTests {
  private func page(_ reason: ConfirmReason, ticket: String = "tick", token: String = "tok", user: String = "Jo Whitfield") -> String {
    clinicPages.confirm(reason, returnTicket: ticket, token: token, user: user, host: clinicHost).text
  }

  @Test(
    "one button opens the patient by posting ticket, token and consent; one link goes to the start page",
    arguments: [
      ConfirmReason.old(seconds: 2820), .otherUser,
    ])
  func form(reason: ConfirmReason) {
    let text = page(reason)
    #expect(text.contains("<form method=\"post\" action=\"/.anteroom/login\">"))
    for (name, value) in [("return", "tick"), ("token", "tok"), ("confirm", "open")] {
      #expect(text.contains("<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"))
    }
    #expect(text.contains("<button type=\"submit\">Open the patient</button>") && text.ranges(of: "<button").count == 1)
    #expect(text.contains(">Go to the start page</a>"))
    #expect(!text.contains(" autofocus"))
  }

  @Test("an old choice and somebody else's are told apart")
  func reasons() {
    #expect(page(.old(seconds: 2820)).contains("about 47 minutes ago") && !page(.old(seconds: 2820)).contains("Another user"))
    #expect(page(.otherUser).contains("Another user of this computer") && !page(.otherUser).contains(" ago"))
  }

  @Test("ticket, token and user are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = page(.otherUser, ticket: "r" + raw, token: "t" + raw, user: "u" + raw)
    #expect(text.contains("value=\"r\(shown)\"") && text.contains("value=\"t\(shown)\"") && text.contains("<strong>u\(shown)</strong>"))
  }
}
