import Config

@testable import Pages

extension Page {
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// What attackers put into anything that is shown, and the same text as it must arrive in a page.
let hostile: [(raw: String, shown: String)] = [
  ("'", "&#39;"), ("\"", "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("&", "&amp;"), ("%27-alert(1)-%27", "%27-alert(1)-%27"),
  ("</title><script>alert(1)</script>", "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
  ("\" autofocus onfocus=\"alert(1)", "&quot; autofocus onfocus=&quot;alert(1)"), ("&quot;", "&amp;quot;"),
  ("a\u{0}b\u{8}c\nd\u{7F}e\u{85}f\u{202E}g\u{2028}h", "abcdefgh"),
]

let clinic = Brand(name: "Harbour Physio")
let clinicPages = SitePages(brand: clinic, start: "/home?tab=1&view=2")
let clinicHost = "app.example.com"

let choices = [
  LoginChoice(label: "Staff", address: "/.anteroom/login?with=1&return=t1cket"),
  LoginChoice(label: "User name and password", address: "/.anteroom/login?with=2&return=t1cket"),
  LoginChoice(label: "Sign in at login.example.com", address: "/.anteroom/login?with=3&return=t1cket"),
]

/// The name of the one page that leads to another site.
let leaving = "leave-provider"
let signingOut = "leave-to-sign-out"

/// The one that runs a script, and those whose form goes to the app's own address.
let speaking = "popup"
let offers = ["held-form", "held-form-trouble"]

let heldOffer = HeldFormOffer(
  action: "https://app.example.com/patients/8675309/notes?patient_id=8675309&anteroom-held=1", path: "/patients/8675309/notes", fields: 7,
  files: [HeldFormOffer.File(name: "x-ray <1>.jpg", size: 812_000), HeldFormOffer.File(name: "b.pdf", size: 12)], fileCount: 3, age: 840)

/// Every page the gateway shows, with a name, in every state.
let everyPage: [(name: String, page: Page)] = {
  var pages: [(name: String, page: Page)] = []
  let notices: [(String, LoginForm.Notice?)] = [
    ("login", nil), ("login-wrong", .wrongCredentials), ("login-throttled", .throttled(retryAfter: 870)), ("login-stale", .staleForm),
    ("login-not-sent", .formNotSent), ("login-kept", .formKept), ("login-busy", .busy),
  ]
  for (name, notice) in notices {
    let form = LoginForm(
      token: "t0ken", returnTicket: "t1cket", user: notice == .wrongCredentials ? "jo.whitfield" : "", notice: notice,
      opensPatient: notice == nil)
    pages.append((name, clinicPages.login(form, host: clinicHost)))
  }
  pages.append(("login-unbranded", SitePages(brand: Brand(), start: "/").login(LoginForm(token: "t0ken"), host: clinicHost)))
  pages.append(("login-logo", SitePages(brand: logoBrand, start: "/").login(LoginForm(token: "t0ken"), host: "au.harbour.example.com")))
  pages.append(("logout", clinicPages.logout(token: "t0ken", user: "Jo Whitfield", host: clinicHost)))
  pages.append(("signed-out", clinicPages.signedOut(host: clinicHost)))
  for (name, reason) in [("confirm-old", ConfirmReason.old(seconds: 2820)), ("confirm-other", .otherUser)] {
    pages.append(
      (name, clinicPages.confirm(reason, returnTicket: "t1cket", token: "t0ken", user: "Jo Whitfield", host: clinicHost)))
  }
  for (name, notice) in [("choice", nil), ("choice-not-sent", LoginForm.Notice.formNotSent)] {
    pages.append((name, clinicPages.chooseLogin(choices, notice: notice, opensPatient: notice == nil, host: clinicHost)))
  }
  pages.append(("login-others", clinicPages.login(LoginForm(token: "t0ken"), others: [choices[0], choices[2]], host: clinicHost)))
  for trouble in SignInTrouble.allCases {
    let page = clinicPages.signInTrouble(
      trouble, retry: LoginChoice(label: "Try again", address: choices[0].address),
      others: LoginChoice(label: "Sign in otherwise", address: "/.anteroom/login?choose=1&return=t1cket"), requestID: "7f3a9c0e5b1d4286",
      host: clinicHost)
    pages.append(("trouble-\(trouble)", page))
  }
  let waiting = [
    WaitingTab(patient: "8675309", path: "/patients", address: "/.anteroom/login?tab=AbCdEfGhIjKlMnOpQrStUv"),
    WaitingTab(patient: nil, path: "/reports/<1>", address: "/.anteroom/login?tab=BbCdEfGhIjKlMnOpQrStUv"),
  ]
  pages.append(("choose-tab", clinicPages.chooseTab(waiting, goOn: "/home?a=1&b=2", host: clinicHost)))
  pages.append((signingOut, clinicPages.leaveToSignOut(address: "https://auth.example.com/logout?a=1&b=2", host: clinicHost)))
  var unsent = heldOffer
  unsent.couldNotBeSent = true
  for (name, offer) in zip(offers, [heldOffer, unsent]) {
    pages.append(
      (name, clinicPages.heldForm(offer, returnTicket: "t1cket", token: "t0ken", user: "Jo Whitfield", host: clinicHost)))
  }
  for end in HeldFormEnd.allCases {
    pages.append(("held-form-\(end)", clinicPages.heldFormEnd(end, back: "/notes?x=1", host: clinicHost)))
  }
  pages.append((speaking, clinicPages.popup(isAnothers: false, user: "Jo Whitfield", host: clinicHost)))
  pages.append(("popup-other", clinicPages.popup(isAnothers: true, user: "Jo Whitfield", host: clinicHost)))
  pages.append((leaving, clinicPages.leaveProvider(address: "https://login.example.com/logout?a=1&b=2", host: clinicHost)))
  for failure in Failure.allCases {
    pages.append(("error-\(failure)", clinicPages.error(failure, requestID: "7f3a9c0e5b1d4286", host: clinicHost)))
  }
  pages.append(("error-bare", SitePages.unbranded.error(.badRequest, requestID: "7f3a9c0e5b1d4286", host: "")))
  return pages
}()

private let logoBrand = Brand(
  name: "Harbour Physio",
  logo: Brand.Logo(
    type: "image/svg+xml",
    bytes: Array(
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="23" fill="#123a6b"/>\
      <path d="M6 30q9-9 18 0t18 0" fill="none" stroke="#fff" stroke-width="4"/></svg>
      """.utf8)))
