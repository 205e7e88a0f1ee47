/// Reads `site`.
struct SiteReader {
  private let listeners: [Listener]
  private var hosts: [HostPattern: Position] = [:]

  /// - Parameter listeners: the gateway's own, which are no upstreams.
  init(listeners: [Listener]) { self.listeners = listeners }

  /// The site, or `nil` after a diagnostic.
  mutating func read(_ entry: Entry, context: inout LoadContext) -> Site? {
    let named = entry.values.compactMap { host($0, context: &context) }
    let reader = BlockReader(entry.block ?? [], kind: .site, context: &context)
    let upstream = reader.first("upstream").map { UpstreamReader.read($0, listeners: listeners, context: &context) }
    if !reader.isGiven("upstream") {
      context.error(entry.position, "this site has no `upstream` (add where its app listens: `upstream http://127.0.0.1:9000`)")
    }
    if !reader.isGiven("login") {
      context.error(entry.position, "this site has no `login` (add `login password { users users.passwd }`, or `login oidc { ... }`)")
    }

    let (identity, request, patients, logins) = Self.headers(entry, reader, context: &context)
    let protect = Self.protect(reader, patients: patients, context: &context)
    let open = context.patterns(reader.all("open"))
    Self.warnAboutOpen(open, patients: patients, protect: protect, context: &context)
    let background = context.patterns(reader.all("background")).map(\.pattern)
    let appLogout = context.patterns(reader.all("app_logout")).map(\.pattern)
    let start = reader.first("start").map { Self.start($0.values[0], context: &context) } ?? "/"
    let session = reader.first("session").map { LoginReader.readSession($0, context: &context) } ?? SessionSettings()
    let brand = reader.first("brand").map { BrandReader.read($0, context: &context) } ?? Brand()
    let requests = reader.first("limits").flatMap { LimitsReader.readSite($0, context: &context) }

    let webSocket = reader.first("websocket").map { StreamReader.readWebSocket($0, context: &context) } ?? WebSocketSettings()
    let eventStream = reader.first("event_stream").map { StreamReader.readEventStream($0, context: &context) } ?? EventStreamSettings()
    let holdForms = Self.holdForms(reader, logins: logins, context: &context)
    let strictTransport = reader.first("hsts").flatMap { Self.strictTransport($0, context: &context) }
    let cookies = reader.first("cookies").map { AppCookieReader.read($0, context: &context) } ?? AppCookieSettings()

    guard let first = named.first, !logins.isEmpty, let upstream, !upstream.addresses.isEmpty else { return nil }
    return Site(
      name: first.text, hosts: named, upstreams: upstream.addresses, upstreamSettings: upstream.settings, patients: patients,
      protect: protect, open: open.map(\.pattern), start: start, background: background, appLogout: appLogout,
      logins: logins,
      session: session, identity: identity, request: request, brand: brand, holdForms: holdForms, requests: requests,
      strictTransport: strictTransport,
      webSocket: webSocket, eventStream: eventStream, cookies: cookies)
  }

  private mutating func host(_ value: Value, context: inout LoadContext) -> HostPattern? {
    guard let host = context.hostPattern(value) else { return nil }
    if let earlier = hosts[host] {
      context.error(
        value.position,
        "`\(value.shown)` is named twice (the first is at \(earlier.shown(from: value.position)); a host belongs to one site)")
      return nil
    }
    hosts[host] = value.position
    return host
  }

  private static func headers(_ entry: Entry, _ reader: BlockReader, context: inout LoadContext) -> (
    IdentityFields, RequestFields, [PatientRule], [LoginSettings]
  ) {
    var headers = HeaderNames()
    var identity = IdentityFields()
    var request = RequestFields()
    var logins = LoginReader()
    // In the order of the file, so that of two directives the later one is blamed.
    var patients: [(rule: PatientRule, position: Position)] = []
    var paths: [String: Position] = [:]
    for entry in reader.entries {
      switch entry.name {
      case "identity": identity = HeaderFieldsReader.readIdentity(entry, headers: &headers, context: &context)
      case "request": request = HeaderFieldsReader.readRequest(entry, headers: &headers, context: &context)
      case "login": logins.read(entry, headers: &headers, context: &context)
      case "patient":
        guard let rule = PatientReader.read(entry, headers: &headers, context: &context) else { continue }
        // With or without a final slash it is the same address.
        let text = rule.path.text
        let path = text.utf8.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
        if let earlier = paths[path] {
          let place = earlier.shown(from: entry.position)
          context.error(entry.values[0].position, "`\(entry.values[0].shown)` has a `patient` rule at \(place) already (keep one)")
        } else {
          paths[path] = entry.position
          patients.append((rule, entry.position))
        }
      default: break
      }
    }
    if !reader.isGiven("identity"), let user = identity.user {
      headers.claimDefault(user, for: "identity user", at: entry.position, context: &context)
    }
    logins.checkOutside(session: reader.first("session"), context: &context)
    if let entry = reader.first("request") { checkToken(entry, request, logins.logins, context: &context) }
    PatientReader.checkLoops(patients, context: &context)
    return (identity, request, patients.map(\.rule), logins.logins)
  }

  /// A program's token goes on to the app in the field that it came in.
  private static func checkToken(_ entry: Entry, _ request: RequestFields, _ logins: [LoginSettings], context: inout LoadContext) {
    guard (request.set.map(\.name) + request.drop).contains(where: { HeaderName.folded($0) == "authorization" }) else { return }
    for case .openID(let settings) in logins.map(\.kind) where settings.bearer?.forwards == true {
      context.error(
        entry.position,
        "`request` and `bearer { forward yes }` both say what the app gets as `Authorization` (write `forward no`, or take it out here)")
    }
  }

  private static func protect(_ reader: BlockReader, patients: [PatientRule], context: inout LoadContext) -> Protect {
    guard let value = reader.first("protect")?.values[0], let protect = context.choice(value, ["all": Protect.all, "patient": .patient])
    else {
      return .all
    }
    guard protect == .patient else { return protect }
    if patients.isEmpty {
      if !reader.isGiven("patient") {
        context.error(
          value.position, "`protect patient` without a `patient` rule would protect nothing (add `patient /PATH`, or write `protect all`)")
      }
    } else {
      context.warning(
        value.position,
        "`protect patient`: everything that is not about a patient is open to everybody, without a login (`protect all` asks for one)")
    }
    return protect
  }

  private static func warnAboutOpen(
    _ open: [(pattern: PathPattern, position: Position)], patients: [PatientRule], protect: Protect, context: inout LoadContext
  ) {
    for (pattern, position) in open {
      let shadowed = patients.first { PatternOverlap.open(pattern.text, takesIn: $0.path.text) }
      if let shadowed {
        context.warning(
          position,
          "`open \(pattern.text)` takes in the patient path `\(shadowed.path.text)`: the patient rule wins there, and a login is needed (narrow the pattern)"
        )
      }
      if pattern.text == "/*", protect == .all {
        context.warning(position, "`open /*` opens the whole app to everybody, patient paths excepted (name the paths that need no login)")
      }
    }
  }

  /// `SIZE|off`; off where somebody else keeps the logins.
  private static func holdForms(_ reader: BlockReader, logins: [LoginSettings], context: inout LoadContext) -> Int? {
    let isOutside = logins.contains { $0.kind.isOutside }
    if isOutside, let notice = BlockReader.directive("notice", in: reader.first("session")?.block) {
      context.error(
        notice.position,
        "`notice` is for `login password` and `login oidc` (take it out: when the app's own session ends is not known here)")
    }
    guard let entry = reader.first("hold_forms") else { return isOutside ? nil : Site.usualHoldForms }
    let value = entry.values[0]
    if isOutside {
      context.error(
        entry.position,
        "`hold_forms` is for `login password` and `login oidc` (take it out: after the app's own login the token in a form is stale)")
      return nil
    }
    return value.text == "off" ? nil : context.size(value, 1...16 << 20) ?? Site.usualHoldForms
  }

  /// `DURATION [subdomains]`
  private static func strictTransport(_ entry: Entry, context: inout LoadContext) -> StrictTransport? {
    var includesSubdomains = false
    if entry.values.count > 1 { includesSubdomains = context.choice(entry.values[1], ["subdomains": true]) ?? false }
    return context.duration(entry.values[0], .zero ... .seconds(10 * 365 * 86_400)).map {
      StrictTransport(duration: $0, includesSubdomains: includesSubdomains)
    }
  }

  /// `/` if it is not safe to send a browser there, after a diagnostic.
  private static func start(_ value: Value, context: inout LoadContext) -> String {
    let bytes = [UInt8](value.text.utf8)
    let mend: String? =
      if bytes.first != UInt8(ascii: "/") {
        "it is a path of this site and begins with `/`"
      } else if bytes.count > 1, bytes[1] == UInt8(ascii: "/") || bytes[1] == UInt8(ascii: "\\") {
        "browsers read a second slash as another site's name; begin with one `/`"
      } else if bytes.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "\\") }) {
        "no blanks, backslashes, control or non-ASCII characters; percent-encode them"
      } else if bytes.count > 2048 {
        "at most 2048 bytes"
      } else if value.text.lowercased().hasPrefix("/.anteroom") {
        "everything below /.anteroom is the gateway's own; name a page of the app"
      } else { nil }
    guard let mend else { return value.text }
    context.error(value.position, "`\(value.shown)` cannot be `start` (\(mend))")
    return "/"
  }
}

extension HostPattern {
  /// As gateway.conf writes it.
  package var text: String {
    switch self {
    case .exact(let host): host
    case .wildcard(let rest): "*." + rest
    }
  }
}
