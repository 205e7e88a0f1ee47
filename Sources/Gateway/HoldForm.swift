import Crypto
import EventLoop
import HTTP
import Login
import Policy
import Session

/// A form that came after its sender's session had ended is held until the same person has signed in again.
extension Exchange {
  /// Begins to read a form that is to be held; false where it is none, or there is no room.
  func beginHolding() -> Bool {
    guard heldForm == nil, case .post = head.method, let maximum = siteState?.settings.holdForms, let ended = endedSession,
      !wasEndedByForce,
      let owner = formOwner(ended.content), let origin,
      OriginCheck.isSameOrigin(origin, origin: soleValue(.origin), fetchSite: soleValue(.secFetchSite)),
      let type = onlyField(.contentType), holds(type), !targetHasFragment
    else { return false }
    var count = maximum
    switch head.body {
    case .length(let length):
      guard length > 0, length <= min(Int64(maximum), rules.limits.body) else { return false }
      count = Int(length)
    case .chunked: break
    case .none, .untilClose: return false
    }
    guard let room = worker.services.heldForms.room(for: owner, count: count + headBytes.count + HeldForm.overhead) else { return false }
    for _ in 0..<room.displaced { noteForm(.destroyed, user: ended.user, reason: "a later one took its place") }
    let use = heldForm ?? HeldFormUse()
    use.purpose = .holding(room, maximum: maximum)
    heldForm = use
    beginCollecting()
    return true
  }

  private func holds(_ type: Range<Int>) -> Bool {
    let bytes = headBytes
    return isForm(contentType: bytes.span.extracting(type))
  }

  /// It would be cut off where the form is sent on by a page.
  private var targetHasFragment: Bool { headBytes[head.pathAndQuery.range].contains(UInt8(ascii: "#")) }

  /// The body is there: it is sealed, and its sender goes to the login.
  func hold(_ body: [UInt8], in room: HeldForms.Room) {
    guard let audience, let ended = endedSession else { return fail(.internalError) }
    let services = worker.services
    let (now, crypto) = (now, worker.crypto)
    let contentType = soleValue(.contentType) ?? []
    let referer = onlyField(.referer)
    let page = referer.flatMap { range in
      let bytes = headBytes
      return RefererAddress.sameOrigin(referer: bytes.span.extracting(range), origin: audience.origin)
    }
    let form = HeldForm(
      target: (head.path.isEmpty ? rootPath : []) + headBytes[head.pathAndQuery.range], contentType: contentType,
      referer: page == nil ? nil : referer.map { Array(headBytes[$0]) }, sentAt: now,
      summary: FormSummary(contentType: contentType, body: body), body: body)
    let reference = HeldFormReference(
      id: crypto.random.bytes(HeldForms.idCount), key: crypto.random.bytes(HeldForm.keyCount), page: page ?? [])
    services.heldForms.hold(
      form.sealed(key: Secret(reference.key), audience: audience, using: crypto), id: reference.id, in: room, user: ended.user, now: now)
    heldForm?.purpose = .none
    noteForm(.held, user: ended.user)
    sendToLogin(holding: reference)
  }

  /// It is longer than any that is held.
  func holdNothing() {
    heldForm?.purpose = .none
    sendToLogin(holding: nil)
  }
}
