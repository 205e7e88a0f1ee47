import Audit
import Config
import EventLoop
import HTTP
import Policy
import Session
import Upstream

/// One request and its answer, from the head's last byte to the log line. Lent to a connection by its worker and used again.
///
/// The phases are extensions, each in the file of its name: route, authorize, log in or forward, respond, log.
final class Exchange: UpstreamUser {
  /// What the exchange waits for.
  enum Stage {
    /// Nothing: not in use, or over.
    case idle
    /// A form's body, to be read whole.
    case collecting
    /// Something that async code finds out.
    case waiting
    /// A connection to the app.
    case queued
    /// The app: the request goes there, its answer comes back.
    case forwarding
    /// The client, to take the last bytes of the answer.
    case answering
    /// Bytes both ways after an upgrade.
    case tunnel
  }

  let worker: Worker
  /// What this request is judged and answered by, whatever a reload changes meanwhile.
  let rules: Rules
  /// Set while in use: the connection and the exchange hold each other, until `reset`.
  var connection: ClientConnection?
  var stage = Stage.idle
  /// Counts the uses, so that a late result of async code finds out that its exchange is over.
  private(set) var serial: UInt64 = 0

  // MARK: The request

  /// The head's bytes; all of `head`'s ranges count from their first one.
  var headBytes: [UInt8] = []
  var head = RequestHead()
  /// No request could be read: nothing but the answer is known.
  var isUnreadable = false
  private(set) var requestID = RequestID(0)
  /// Milliseconds since 1970, and microseconds of the monotonic clock.
  var startedAt: Int64 = 0
  var startedMicroseconds: Int64 = 0
  var bytesInAtStart: Int64 = 0
  var bytesOutAtStart: Int64 = 0
  /// Index of the site, and what follows from the Host field.
  var site: Int?
  var hostContext: HostContext?
  /// Set where the connection is a trusted proxy's.
  var told: ToldClient?
  let requestCookies = RequestCookies()
  var route: Route?
  var reserved: ReservedPath?
  /// Who is signed in, and whose a genuine session is that is not live any more.
  var session: OpenedSession?
  var endedSession: OpenedSession?
  /// It did not run out, but was ended: what comes with it is not taken for that person's.
  var wasEndedByForce = false
  /// Set where tokens have to do with it.
  var tokenUse: TokenUse?
  /// Set where a checker has to do with it.
  var checkUse: CheckUse?
  /// Set where the app's own login has to do with it.
  var appUse: AppUse?
  /// Set where a form is held, or sent on.
  var heldForm: HeldFormUse?
  /// A form's body, where it is collected.
  var form: [UInt8] = []
  var formDecoder: BodyDecoder?

  // MARK: The way to the app

  var upstream: UpstreamConnection?
  /// The place among those that wait for a connection.
  var queueTicket: WaitingLine<Exchange>.Ticket?
  var serverIndex: Int?
  var attempt = 0
  var requestRelay: BodyRelay?
  var requestIsSent = false
  var responseParser: ResponseParser
  var response = ResponseHead()
  var responseRelay: BodyRelay?
  /// What the connection had sent when the app's answer began.
  var bytesOutAtAnswer: Int64 = 0
  var upstreamName = ""
  /// The client was told to send its body.
  var isContinueSent = false
  /// Interim answers so far.
  var informational = 0
  var upstreamStartedMicroseconds: Int64 = -1
  var upstreamMicroseconds: Int64 = -1

  /// How fast the client sends its body, and takes the answer.
  var bodyPace = LeastRate()
  var answerPace = LeastRate()
  /// It has a place among the requests that its site may have under way.
  var isCountedAtSite = false
  /// It has a place among the site's WebSockets.
  var isCountedAsWebSocket = false
  /// Among whose WebSockets it is counted.
  var countedUser: String?
  var lasting = LastingAnswer.none
  /// How long nothing may move then, in milliseconds.
  var lastingTimeout: Int64 = 0

  // MARK: The answer

  /// The status sent to the client; 0 before that.
  var status = 0
  var closesAfter = false
  var end = AccessEnd.ok
  /// What the audit trail says, where it says anything.
  var auditEvent: AuditRecord.Event?
  var auditUser: String?
  var auditReason: String?
  /// `Set-Cookie` values to add to the answer.
  var cookies: [String] = []
  /// Whole lines for the head of an answer of the gateway's own.
  var localLines: [UInt8] = []
  var clearsSiteData = false
  /// What is left of the request's body when the answer is there first.
  var unreadBody: BodyDecoder?

  init(worker: Worker, rules: Rules) {
    self.worker = worker
    self.rules = rules
    responseParser = ResponseParser(maxHeadBytes: 64 << 10, maxFields: 500)
  }

  var now: Int64 { worker.loop.wallNow / 1000 }

  /// The site's part of the rules; only to be asked for once the request was routed.
  var siteState: SiteState? { site.map { rules.sites[$0] } }

  // MARK: Life

  /// Takes over a request whose head is complete; the head's storage is swapped with the connection's.
  func begin(on connection: ClientConnection, head: inout RequestHead) {
    start(on: connection)
    swap(&self.head, &head)
    let input = connection.input
    let byteCount = self.head.byteCount
    var bytes: [UInt8] = []
    swap(&bytes, &headBytes)
    bytes.append(copying: input.bytes.span.extracting(input.start..<input.start + byteCount))
    swap(&bytes, &headBytes)
    bytesInAtStart = connection.bytesIn - Int64(input.count)
    // From here on the input begins with the body.
    connection.consumeInput(byteCount)
    routeRequest(connection)
  }

  /// Takes over what is no request.
  func beginUnreadable(on connection: ClientConnection) {
    start(on: connection)
    isUnreadable = true
  }

  private func start(on connection: ClientConnection) {
    self.connection = connection
    serial += 1
    requestID = worker.nextRequestID()
    startedAt = worker.loop.wallNow
    startedMicroseconds = System.monotonicMicroseconds()
    bytesOutAtStart = connection.bytesOut
    bytesInAtStart = connection.bytesIn
  }

  /// Forgets everything, keeping storage.
  func reset() {
    connection = nil
    stage = .idle
    if lasting != .none || isCountedAsWebSocket || countedUser != nil { leaveLasting() }
    leaveSite()
    if bodyPace.hasBegun { bodyPace = LeastRate() }
    if answerPace.hasBegun { answerPace = LeastRate() }
    var bytes: [UInt8] = []
    swap(&bytes, &headBytes)
    bytes.removeAll(keepingCapacity: true)
    swap(&bytes, &headBytes)
    isUnreadable = false
    site = nil
    hostContext = nil
    if told != nil { told = nil }
    requestCookies.reset()
    route = nil
    reserved = nil
    session = nil
    endedSession = nil
    wasEndedByForce = false
    if heldForm != nil { heldForm = nil }
    if tokenUse != nil { tokenUse = nil }
    if checkUse != nil { checkUse = nil }
    if appUse != nil { appUse = nil }
    if !form.isEmpty { form = [] }
    formDecoder = nil
    dropUpstream()
    serverIndex = nil
    attempt = 0
    requestRelay = nil
    requestIsSent = false
    resetResponseParser()
    responseRelay = nil
    upstreamName = ""
    isContinueSent = false
    informational = 0
    upstreamStartedMicroseconds = -1
    upstreamMicroseconds = -1
    status = 0
    closesAfter = false
    end = .ok
    auditEvent = nil
    auditUser = nil
    auditReason = nil
    if !cookies.isEmpty { cookies = [] }
    if !localLines.isEmpty { localLines = [] }
    clearsSiteData = false
    unreadBody = nil
  }

  func resetResponseParser() {
    var parser = responseParser
    parser.reset()
    responseParser = parser
  }

  /// Adds a `Set-Cookie` value to the answer.
  func addCookie(_ cookie: String) {
    var all: [String] = []
    swap(&all, &cookies)
    all.append(cookie)
    swap(&all, &cookies)
  }

  /// Goes on with whatever can go on.
  func advance() {
    switch stage {
    case .idle, .waiting: break
    case .collecting: collect()
    case .queued: noticeEndOfClient()
    case .forwarding:
      // Whoever has closed its side reads no further events: an app may be silent for long, and nothing else would tell.
      if lasting == .events, requestIsSent { noticeEndOfClient() }
      forwardMore()
    case .answering: finishAnswer()
    case .tunnel: tunnelMore()
    }
  }

  /// The client did not send or take anything for too long.
  func clientTimedOut() {
    if clientKeepsPace() { return }
    end = .clientTimeout
    guard let connection else { return }
    switch stage {
    case .collecting: refuseSlowBody()
    case .forwarding where status == 0: refuseSlowBody()
    case .idle, .waiting, .queued: break
    case .forwarding, .answering, .tunnel: connection.abort(reset: stage != .tunnel)
    }
  }

  private func refuseSlowBody() {
    closesAfter = true
    fail(.requestTimeout)
  }

  /// The client is gone: the log still says what happened.
  func clientGone() {
    guard stage != .idle else { return }
    if end == .ok, stage != .tunnel { end = .clientClosed }
    dropUpstream()
    over()
  }

  /// The log phase, once for every exchange, and the end.
  func over() {
    guard stage != .idle else { return }
    stage = .idle
    log()
  }

  /// The value of a field that may stand only once; `nil` if it is absent or repeated.
  func onlyField(_ known: KnownField) -> Range<Int>? {
    guard head.fieldCount(known) == 1 else { return nil }
    return head.firstField(known)?.value.range
  }

  var isGetOrHead: Bool {
    switch head.method {
    case .get, .head: true
    default: false
    }
  }
}
