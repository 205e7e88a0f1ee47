import Crypto
import HTTP
import Login
import Pages
import Policy
import Session

/// The tabs of a browser that wait for a login at the app: each has a name of its own in the address of the app's login page, and a cookie of that
/// name that holds the sealed way back, so that no tab overwrites another's.
extension Exchange {
  /// The most tabs of one browser that wait, and the most bytes that their cookies take: heads have limits.
  private static let mostTabs = 8
  private static let mostTabBytes = 4096
  /// A longer address waits in the store.
  private static let longestInline = 512

  // MARK: Which tab it is

  /// The tab that the request's own address, on a login page, or the page before it names; `nil` where there is none that waits.
  func findTab(_ login: AppLogin) -> AppUse.Tab? {
    let bytes = headBytes
    if route?.isLoginPage ?? false, let query = head.query, let name = TabField.tab(in: bytes[query.range]),
      let ticket = ticket(ofTab: name)
    {
      return AppUse.Tab(name: name, ticket: ticket, isInAddress: true)
    }
    guard let audience, let state = siteState, let referer = onlyField(.referer),
      let page = RefererAddress.sameOrigin(referer: bytes.span.extracting(referer), origin: audience.origin),
      let mark = page.firstIndex(of: UInt8(ascii: "?")), let name = TabField.tab(in: page[(mark + 1)...]),
      state.settings.policy.isLoginPage(page.span.extracting(0..<mark)), let ticket = ticket(ofTab: name)
    else { return nil }
    return AppUse.Tab(name: name, ticket: ticket, isInAddress: false)
  }

  private func ticket(ofTab name: String) -> [UInt8]? {
    guard let names = hostContext?.cookieNames, let audience else { return nil }
    let own = names.tab(name)
    let found = ownCookies(.tab).filter { $0.name == own }
    guard found.count == 1, let ticket = found.first?.value, open(ticket, audience, user: "") != .none else { return nil }
    return ticket
  }

  // MARK: To the app's login page

  /// Answers a navigation of somebody who is not signed in.
  func sendToAppLogin(_ login: AppLogin) {
    auditFailure(.signInNeeded)
    guard let audience else { return fail(.badRequest) }
    var name: String?
    // What follows a login that has not worked is no new choice, unless it is a patient.
    if let tab = appUse?.tab, route?.patientRule == nil { name = tab.name } else { name = beginTab(audience) }
    let page = [UInt8](login.settings.page.utf8)
    let address = name.map { TabField.appended($0, to: page) } ?? page
    // 303 makes every client go on with a GET.
    respond(.redirect(isGetOrHead ? 302 : 303, to: address))
  }

  /// Gives the browser a cookie for one more tab; `nil` where there is nothing to come back to.
  private func beginTab(_ audience: Audience) -> String? {
    guard let names = hostContext?.cookieNames else { return nil }
    var ticket: [UInt8] = []
    guard appendTicket(audience, bindingForAnswer(), inline: Self.longestInline, to: &ticket) else { return nil }
    var waiting = ownCookies(.tab)
    var bytes = waiting.reduce(ticket.count) { $0 + $1.name.utf8.count + $1.value.count }
    // Browsers send the oldest first (RFC 6265, section 5.4).
    while !waiting.isEmpty, waiting.count >= Self.mostTabs || bytes > Self.mostTabBytes {
      let oldest = waiting.removeFirst()
      bytes -= oldest.name.utf8.count + oldest.value.count
      addCookie(names.clearCookie(oldest.name))
    }
    let name = Base64URL.encode(Random.bytes(16))
    addCookie(names.setCookie(names.tab(name), value: String(decoding: ticket, as: UTF8.self), maxAge: ReturnTickets.lifetime))
    return name
  }

  // MARK: And back

  /// On to what was chosen in a tab, now that somebody is signed in.
  func follow(_ tab: AppUse.Tab, status: Int) {
    guard let audience, let session else { return fail(.internalError) }
    end(tab)
    follow(tab.ticket, session.content, audience, status: status)
  }

  private func end(_ tab: AppUse.Tab) {
    guard let names = hostContext?.cookieNames else { return }
    addCookie(names.clearCookie(names.tab(tab.name)))
  }

  /// What the login pages and the way back from them need before a request is decided about; true where it has been answered.
  func goesOnWithTab(_ login: AppLogin, _ route: Route) -> Bool {
    guard isFormOrNavigation else { return false }
    let tab = appUse?.tab
    if route.isLoginPage {
      guard let tab else { return false }
      if isGetOrHead, session != nil {
        _ = appUse?.session?.land()
        follow(tab, status: 302)
        return true
      }
      guard !tab.isInAddress else { return false }
      let own = Array(headBytes[head.pathAndQuery.range])
      guard RedirectTarget.isLocal(own) else {
        fail(.badRequest)
        return true
      }
      // From here on the address says which tab it is, whatever page this shows, and whatever that one's forms are sent to.
      respond(.redirect(isGetOrHead ? 302 : 307, to: TabField.appended(tab.name, to: own)))
      return true
    }
    guard session != nil, isGetOrHead else { return false }
    guard route.patientRule == nil else {
      _ = appUse?.session?.land()
      return false
    }
    let bytes = headBytes
    if let tab, siteState?.settings.policy.isAfterLogin(bytes.span.extracting(head.path.range)) ?? false {
      _ = appUse?.session?.land()
      follow(tab, status: 302)
      return true
    }
    guard appUse?.session?.land() ?? false else { return false }
    let waiting = waitingTabs
    guard !waiting.isEmpty else { return false }
    showTabs(waiting)
    return true
  }

  /// A page is opened by a person, be it with a form.
  private var isFormOrNavigation: Bool { isGetOrHead ? isNavigation : isPageRequest }

  // MARK: The choice

  /// All tabs of this browser that wait.
  private var waitingTabs: [AppUse.Tab] {
    guard let names = hostContext?.cookieNames else { return [] }
    return ownCookies(.tab).compactMap { cookie in
      guard let name = names.tab(ofCookie: cookie.name), let ticket = ticket(ofTab: name) else { return nil }
      return AppUse.Tab(name: name, ticket: ticket, isInAddress: false)
    }
  }

  /// Where it cannot be told which tab has signed in, a person chooses.
  private func showTabs(_ tabs: [AppUse.Tab]) {
    guard let audience, let state = siteState else { return fail(.internalError) }
    let choices = tabs.map { tab in
      let address = returnAddress(tab.ticket, audience)
      return WaitingTab(
        patient: address.flatMap { patient(in: $0, state.settings.policy) },
        path: address.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) } ?? "/",
        address: "/.anteroom/login?tab=\(tab.name)")
    }
    let own = String(decoding: headBytes[head.pathAndQuery.range], as: UTF8.self)
    respond(.page(state.settings.pages.chooseTab(choices, goOn: own, host: hostText)))
  }

  private func returnAddress(_ ticket: [UInt8], _ audience: Audience) -> [UInt8]? {
    switch open(ticket, audience, user: "") {
    case .follow(let address), .ask(let address, _): location(address, audience)
    case .none, .otherBrowser: nil
    }
  }

  /// The patient that an address is about.
  private func patient(in address: [UInt8], _ policy: SitePolicy) -> String? {
    let end = address.firstIndex(of: UInt8(ascii: "?")) ?? address.count
    let query = Array(address.dropFirst(end + 1))
    let route = policy.route(isGetOrHead: true, path: address.span.extracting(0..<end), query: query.span, hasQuery: end < address.count)
    guard case .id(let range) = route.patient else { return nil }
    return String(decoding: query[range], as: UTF8.self)
  }

  // MARK: Our own addresses

  /// `/.anteroom/login`: on to what a tab waits for, or to the app's login page.
  func showAppLogin(_ login: AppLogin, _ fields: URLEncodedForm?) {
    let name = fields?.value("tab").map { String(decoding: $0, as: UTF8.self) }
    identify(by: login) { exchange in
      let tab = name.flatMap { name in exchange.ticket(ofTab: name).map { AppUse.Tab(name: name, ticket: $0, isInAddress: false) } }
      if exchange.session != nil {
        if let tab { return exchange.follow(tab, status: 302) }
        return exchange.respond(.redirect(302, to: [UInt8]((exchange.siteState?.settings.site.start ?? "/").utf8)))
      }
      let page = [UInt8](login.settings.page.utf8)
      exchange.respond(.redirect(302, to: tab.map { TabField.appended($0.name, to: page) } ?? page))
    }
  }

  /// Takes the app's own session cookie from the browser, and those of its tabs.
  func clearAppCookies(_ login: AppLogin) {
    guard let names = hostContext?.cookieNames else { return }
    addCookie("\(login.settings.cookie)=; Max-Age=0; Path=/")
    for (name, _) in ownCookies(.tab) { addCookie(names.clearCookie(name)) }
  }
}
