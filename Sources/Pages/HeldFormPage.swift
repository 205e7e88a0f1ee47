/// A form that waits to be sent, as its page describes it.
package struct HeldFormOffer: Sendable, Equatable {
  package struct File: Sendable, Equatable {
    /// As the browser named it; shown up to 200 characters.
    package var name: String
    /// In bytes.
    package var size: Int

    package init(name: String, size: Int) {
      self.name = name
      self.size = size
    }
  }

  /// The absolute address on this site that the form goes to, with the mark.
  package var action: String
  /// The path that it goes to, without a query.
  package var path: String
  package var fields: Int
  package var files: [File]
  /// How many files there are in all.
  package var fileCount: Int
  /// How many seconds ago it was sent first.
  package var age: Int64
  /// Why it could not be sent just now, if it was tried.
  package var couldNotBeSent: Bool

  package init(
    action: String, path: String, fields: Int, files: [File] = [], fileCount: Int = 0, age: Int64, couldNotBeSent: Bool = false
  ) {
    self.action = action
    self.path = path
    self.fields = fields
    self.files = files
    self.fileCount = fileCount
    self.age = age
    self.couldNotBeSent = couldNotBeSent
  }
}

/// What has become of a form that does not wait any more.
package enum HeldFormEnd: Sendable, Equatable, CaseIterable {
  case sent
  /// It is on its way, or no answer came: nobody knows whether the app has it.
  case uncertain
  case discarded
  case otherUser
  case otherBrowser
  case loggedOut
  /// It waited too long, made room for another, or was lost in a restart.
  case gone
}

extension SitePages {
  /// The page that asks whether to send what was kept. Its forms post to the form's own address, or with `held=discard` to
  /// `/.anteroom/login`. `user` is who is signed in now.
  package func heldForm(_ offer: HeldFormOffer, returnTicket: String, token: String, user: String, host: String) -> Page {
    let hidden: Markup = "\(FormField.hidden(FormField.returnTicket, returnTicket))\(FormField.hidden(FormField.token, token))"
    let fields = offer.fields == 1 ? "1 field" : "\(offer.fields) fields"
    let more = offer.fileCount - offer.files.count
    let files = offer.files.markup { "<li>\($0.name, limit: 200) (\(Phrase.size($0.size)))</li>\n" }
    let rest: Markup = more > 0 ? "<li>and \(more) more</li>\n" : ""
    let list: Markup = offer.fileCount == 0 ? "" : "<p>Files:</p>\n<ul>\n\(files)\(rest)</ul>\n"
    let trouble: Markup =
      offer.couldNotBeSent
      ? """
      <div class="notice bad" role="alert"><p><strong>It could not be sent.</strong></p>
      <p>The application cannot be reached right now. Nothing has arrived there, and what you entered is still kept.</p></div>

      """ : ""
    return document(
      title: "Nothing has been sent yet", host: host, wide: true,
      main: """
        <h1>Nothing has been sent yet</h1>
        \(trouble)<p>Your session had ended when you sent a form (\(Phrase.ago(offer.age))). What you entered was kept, and waits for you to \
        decide.</p>
        <p class="lead">You were about to send \(fields) to <strong>\(Self.withoutNumbers(offer.path), limit: 300)</strong> (POST).</p>
        \(list)<p>Look first whether the record has changed since then. It is sent under your name, <strong>\(user, limit: 256)</strong>, and only \
        once.</p>
        <form method="post" action="\(offer.action, limit: 128 << 10)">
        \(hidden)<button type="submit">Send it now</button>
        </form>
        <form method="post" action="/.anteroom/login">
        \(hidden)\(FormField.hidden(FormField.held, FormField.discarded))<button type="submit" class="second">Throw it away</button>
        </form>

        """)
  }

  /// The page that says why there is nothing to send. `back` is the page that the form was on: a path of this site, or empty.
  package func heldFormEnd(_ end: HeldFormEnd, back: String, host: String) -> Page {
    let (headline, happened, advice): (String, String, String) =
      switch end {
      case .sent:
        (
          "This was sent already", "What was kept has been sent once, and is not sent again.",
          "Look in the application whether it is there."
        )
      case .uncertain:
        (
          "It may have been sent", "What was kept went to the application, but no answer has come back.",
          "Look in the application whether it is there before you enter it again."
        )
      case .discarded: ("Thrown away", "What was kept has been thrown away. It was not sent.", "You can go on working.")
      case .otherUser:
        (
          "What was kept has been destroyed", "Somebody else had sent a form from this computer before you signed in. It was not sent.",
          "If it was yours under another account, please enter it again."
        )
      case .otherBrowser:
        (
          "What was kept has been destroyed",
          "The form had been sent from another browser, or this browser’s cookies are gone. It was not sent.",
          "Please enter it again."
        )
      case .loggedOut:
        (
          "What was kept has been destroyed", "You have signed out since, and that throws away what was kept. It was not sent.",
          "Please enter it again."
        )
      case .gone:
        (
          "What was sent is not kept any more", "It waited for too long, or there was no room for it any longer. It was not sent.",
          "Please enter it again."
        )
      }
    let link: Markup =
      !back.isEmpty && Self.staysHere(back)
      ? "<a class=\"button\" href=\"\(back, limit: 4096)\">Go back to the page you came from</a>\n" : ""
    return document(
      title: headline, host: host, wide: true,
      main: """
        <h1>\(headline)</h1>
        <p>\(happened)</p>
        <p class="lead">\(advice)</p>
        \(link)\(startLink("Go to the start page"))
        """)
  }

  /// A path with what may be a patient's number left out: the page may be seen over somebody's shoulder.
  static func withoutNumbers(_ path: String) -> String {
    var text = ""
    var digits = ""
    func end() { text += digits.utf8.count < 3 ? digits : "…" }
    for character in path {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else {
        end()
        digits = ""
        text.append(character)
      }
    }
    end()
    return text
  }
}
