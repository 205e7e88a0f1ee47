import Crypto
import HTTP
import Login
import Pages
import Session

/// What the app's pages can find out, and do, about the session that they are shown in.
extension Exchange {
  // MARK: /.anteroom/session

  /// Who is signed in, and when that ends. Asking is no activity.
  func showSession() { whenIdentified { $0.tellSession() } }

  private func tellSession() {
    guard let session, let state = siteState else { return respondJSON("{\"signed_in\":false}\n") }
    respondJSON(sessionText(session.content, session.times, state.settings.rules, isOurs: session.outside == nil))
  }

  private func sessionText(_ content: SessionContent, _ times: SessionTimes, _ rules: SessionRules, isOurs: Bool) -> String {
    let who = "{\"signed_in\":true,\"user\":\(JSONText.quoted(content.user)),\"name\":\(JSONText.quoted(content.name))"
    // When a session of somebody else's ends is not known here.
    guard isOurs else { return who + ",\"ends_at\":null,\"ends_in\":null}\n" }
    let end = rules.end(of: times)
    let (idle, lifetime) = (rules.idleEnd(of: times), rules.lifetimeEnd(of: times))
    return who + ",\"ends_at\":\(end),\"ends_in\":\(max(0, end - now)),\"idle_ends_in\":\(max(0, idle - now))"
      + ",\"lifetime_ends_in\":\(max(0, lifetime - now)),\"idle\":\(rules.idle)}\n"
  }

  private func respondJSON(_ text: String) {
    respond(LocalAnswer(status: 200, contentType: "application/json", body: [UInt8](text.utf8)))
  }

  /// Somebody says in one of the site's pages that they are still there: that is activity.
  func keepSignedIn() {
    guard let host = hostContext, let state = siteState, !state.settings.keepsOutsideLogin else { return fail(.methodNotAllowed) }
    guard let origin, OriginCheck.isOwn(origin, origin: soleValue(.origin), fetchSite: soleValue(.secFetchSite)) else {
      return fail(.formRefused)
    }
    authenticate()
    guard let session else { return respondJSON("{\"signed_in\":false}\n") }
    renew(session, host, state)
    let rules = state.settings.rules
    let content = rules.needsRenewal(session.times, now: now) ? rules.touched(session.content, now: now) : session.content
    respondJSON(sessionText(content, content.times, rules, isOurs: true))
  }

  // MARK: /.anteroom/notice.js

  private static let noticeTag = "\"" + Base64URL.encode([UInt8](SHA256.hash(NoticeScript.bytes).prefix(12))) + "\""

  func showNoticeScript() {
    let isKnown = soleValue(.ifNoneMatch).map { String(decoding: $0, as: UTF8.self).contains(Self.noticeTag) } ?? false
    var answer =
      isKnown
      ? LocalAnswer(status: 304) : LocalAnswer(status: 200, contentType: "text/javascript; charset=utf-8", body: NoticeScript.bytes)
    answer.fields = [("ETag", Self.noticeTag)]
    answer.cacheControl = "public, max-age=300"
    respond(answer)
  }

  // MARK: The login in a window of its own

  static let popupIsDone = [UInt8]("/.anteroom/login?popup=done".utf8)
  static let popupIsAnothers = [UInt8]("/.anteroom/login?popup=other".utf8)

  /// Whether a window of its own was opened to sign in anew, though that session still lasts.
  func asksAgain(_ ticket: [UInt8], _ audience: Audience, since session: OpenedSession) -> Bool {
    switch open(ticket, audience, user: accountKey(session.content)) {
    case .follow(.popup(let since)), .ask(.popup(let since), _): since.map { session.content.authenticatedAt < $0 } ?? false
    case .follow, .ask, .otherBrowser, .none: false
    }
  }

  /// A page of the app's has opened the login in a window of its own: true where that has its answer.
  func takesPopup(_ value: [UInt8], _ audience: Audience) -> Bool {
    guard let state = siteState, !state.settings.keepsOutsideLogin else { return false }
    if let session {
      let isAnothers = value.elementsEqual("other".utf8)
      if isAnothers || value.elementsEqual("done".utf8) {
        respond(.page(state.settings.pages.popup(isAnothers: isAnothers, user: session.user, host: hostText)))
        return true
      }
      guard value.elementsEqual("again".utf8) else {
        respond(.redirect(302, to: Self.popupIsDone))
        return true
      }
    }
    // All that the way back needs is in the ticket, as for any login.
    let user = (endedSession ?? session).map { accountKey($0.content) }
    var location = [UInt8]("/.anteroom/login?return=".utf8)
    // One that is about to end for its age is no answer to whoever wants to go on.
    let since = session == nil ? [] : (0..<8).map { UInt8(truncatingIfNeeded: now >> (56 - 8 * $0)) }
    guard
      rules.generation.tickets.append(
        .popup, since.span, audience: audience, binding: bindingForAnswer(), user: user, now: now, to: &location, using: worker.crypto)
    else { return false }
    respond(.redirect(302, to: location))
    return true
  }
}
