extension Failure {
  struct Words {
    var title: String
    var happened: String
    var remedy: String

    init(_ title: String, _ happened: String, _ remedy: String) {
      self.title = title
      self.happened = happened
      self.remedy = remedy
    }
  }

  static let askSupport = "If it happens again, give your IT support the request number below."
  private static let clickAgain = "Go back to Cliniko and click the patient’s button again. \(askSupport)"

  var words: Words {
    switch self {
    case .patientMissing, .patientEmpty, .patientMalformed, .patientRepeated, .patientAlias: patientWords
    case .patientUnknown, .patientSeveral: lookupWords
    case .signInNeeded, .formRefused, .forbidden, .foreignOrigin, .notFound, .methodNotAllowed, .unknownHost, .tooManyRequests,
      .tooManyStreams:
      accessWords
    case .internalError, .notImplemented, .badGateway, .unavailable, .loginBusy, .gatewayTimeout, .versionNotSupported, .checkFailed,
      .checkBusy, .checkTimeout:
      serverWords
    default: requestWords
    }
  }

  private var patientWords: Words {
    let title = "It is not clear which patient to open"
    return switch self {
    case .patientEmpty:
      Words(title, "The link has a place for the patient, but it is empty. Nothing was opened.", Self.clickAgain)
    case .patientMalformed:
      Words(title, "What the link names is not a patient number as Cliniko writes them. Nothing was opened.", Self.clickAgain)
    case .patientRepeated:
      Words(
        title, "The link names a patient more than once, and a wrong guess could show the wrong record. Nothing was opened.",
        Self.clickAgain)
    case .patientAlias:
      Words(
        title, "The link names a patient in a way that could be read as another one. Nothing was opened.", Self.clickAgain)
    default:
      Words(title, "The link does not name a patient. Nothing was opened.", Self.clickAgain)
    }
  }

  private var lookupWords: Words {
    self == .patientUnknown
      ? Words(
        "The application does not know this patient",
        "It was asked for the patient that you chose in Cliniko, and has none with that number. Nothing was opened, nobody else’s record either.",
        "Check in Cliniko that you chose the right patient. If you did, the patient may have to be added to the application first. \(Self.askSupport)"
      )
      : Words(
        "The application knows more than one such patient",
        "It was asked for the patient that you chose in Cliniko, and named several. A wrong guess could show the wrong record. Nothing was opened.",
        "Look the patient up in the application itself, by name and date of birth. Give your IT support the request number below, so that the double entry can be mended."
      )
  }

  private var accessWords: Words {
    switch self {
    case .signInNeeded:
      Words("Please sign in", "Nobody is signed in in this browser, or the session has ended.", "Sign in, then try again.")
    case .formRefused:
      Words(
        "The form was not accepted",
        "It did not come from this site’s own page, or that page had been open for too long. Nothing was changed.",
        "Go to the start page and try again from there. Cookies must be allowed for this site. \(Self.askSupport)")
    case .forbidden:
      Words(
        "You may not open this", "Your account does not have access to this page. Nothing was opened.",
        "If you need it for your work, ask the person who manages accounts at your clinic.")
    case .foreignOrigin:
      Words(
        "That page may not connect here", "The page that asked for a live connection is not one of this site’s. Nothing was opened.",
        "If it should be allowed, give your IT support the request number below.")
    case .methodNotAllowed:
      Words("That cannot be done here", "This address does not take that kind of request. Nothing was changed.", "Go to the start page.")
    case .unknownHost:
      Words(
        "There is no application at this address", "This server does not answer for the name in your browser’s address bar.",
        "Check the address for a typing error. If a link or bookmark brought you here, tell the person who gave it to you.")
    case .tooManyRequests:
      Words(
        "Too many requests", "More requests came from here than this site takes in a short time.",
        "Wait a little, then try again. \(Self.askSupport)")
    case .tooManyStreams:
      Words(
        "Too many live connections", "Your account has as many live connections open here as it may have.",
        "Close the pages of this site that you do not need, then reload this one.")
    default:
      Words("There is no page here", "The address may be mistyped, or the page is no longer there.", "Go to the start page.")
    }
  }

  private var requestWords: Words {
    switch self {
    case .requestTimeout:
      Words(
        "The request took too long to arrive", "Your browser did not send everything in time. The connection may be slow or broken.",
        "Check your connection and try again.")
    case .lengthRequired:
      Words("The request could not be read", "It did not say how long it is. Nothing was changed.", Self.askSupport)
    case .contentTooLarge:
      Words(
        "That is too large to send", "What you sent is larger than this site takes. It was not saved.",
        "Send a smaller file, or send it in parts. If you need to send files of this size, ask your IT support to raise the limit.")
    case .addressTooLong:
      Words(
        "The address is too long", "The link is longer than this site takes. Nothing was opened.",
        "Go to the start page and find the page from there. \(Self.askSupport)")
    case .unsupportedMediaType:
      Words("The form was not accepted", "It was sent in a form this page does not take. Nothing was changed.", Self.askSupport)
    case .expectationFailed:
      Words("The request could not be read", "It asks for something that this site does not do. Nothing was changed.", Self.askSupport)
    case .headerTooLarge:
      Words(
        "Your browser sent too much at once", "The request carries more cookies or fields than this site takes. Nothing was opened.",
        "Delete the cookies of this site in your browser’s settings, then try again. \(Self.askSupport)")
    default:
      Words(
        "The request could not be read",
        "Your browser, or something between it and this site, sent a request that is not valid. Nothing was opened.",
        "Go back and try again. \(Self.askSupport)")
    }
  }

  private var serverWords: Words {
    switch self {
    case .notImplemented:
      Words("That cannot be done here", "The request asks for something that this site does not do. Nothing was changed.", Self.askSupport)
    case .badGateway:
      Words(
        "The application does not answer",
        "You reached the sign-in service, but the application behind it could not be reached or gave no valid answer.",
        "Wait a minute, then reload the page. If you were saving something, check afterwards whether it was saved. \(Self.askSupport)")
    case .unavailable:
      Words(
        "The application is not available right now", "It is being restarted, or has more to do than it can take at the moment.",
        "Wait a minute, then reload the page. \(Self.askSupport)")
    case .loginBusy:
      Words(
        "Many people are signing in right now", "Your password was not checked.", "Go back and try again in a few seconds.")
    case .gatewayTimeout:
      Words(
        "The application takes too long to answer", "It was reached, but did not answer in time. It may still be working on your request.",
        "Wait a minute, then reload the page. If you were saving something, check first whether it was saved. \(Self.askSupport)"
      )
    case .checkFailed:
      Words(
        "It cannot be found out who you are", "The service that you sign in with could not be asked. Nothing was opened.",
        "Wait a minute, then reload the page. \(Self.askSupport)")
    case .checkTimeout:
      Words(
        "It cannot be found out who you are", "The service that you sign in with takes too long to answer. Nothing was opened.",
        "Wait a minute, then reload the page. \(Self.askSupport)")
    case .checkBusy:
      Words(
        "Many people are signing in right now", "It could not be found out who you are. Nothing was opened.",
        "Wait a few seconds, then reload the page. \(Self.askSupport)")
    case .versionNotSupported:
      Words("The request could not be read", "It uses a version of HTTP that this site does not speak.", Self.askSupport)
    default:
      Words(
        "Something went wrong on our side", "The sign-in service had a fault. It has been logged.",
        "Wait a minute, then try again. \(Self.askSupport)")
    }
  }
}
