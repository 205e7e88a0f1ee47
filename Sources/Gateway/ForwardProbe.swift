import Config
import EventLoop
import Fetch

/// Asks one checker as a stranger would be asked about, and finds what is wrong with what it answers.
struct ForwardProbe: Sendable {
  private let settings: ForwardLoginSettings
  private let origin: String
  private let fetcher: Fetcher

  /// Reads the file of authorities; blocks for it.
  /// - Parameter origin: of the site.
  /// - Throws: `Diagnostic`, when that file is faulty.
  init(_ settings: ForwardLoginSettings, origin: String, pool: BlockingPool) throws(Diagnostic) {
    self.settings = settings
    self.origin = origin
    fetcher = Fetcher(pool: pool, client: try ProviderFiles.client(settings.authorities))
  }

  func findings(on handle: LoopHandle) async -> [ProviderFinding] {
    guard let message = stranger.message(to: settings.check) else { return [.error("`check` is no address that can be asked")] }
    do throws(FetchFault) {
      return Self.findings(try await fetcher.fetch(message, on: handle), from: message.address, settings)
    } catch {
      return [.error("\(error)")]
    }
  }

  private var stranger: CheckRequest {
    let host = origin.drop { $0 != "/" }.dropFirst(2)
    return CheckRequest(
      subject: .init(method: Array("GET".utf8), target: Array("/.anteroom/login".utf8)), origin: origin, host: Array(host.utf8),
      isSecure: origin.hasPrefix("https://"), client: Array("127.0.0.1".utf8), cookies: [], authorization: nil,
      userAgent: Array("anteroom".utf8), accept: Array("text/html".utf8), acceptLanguage: nil)
  }

  /// What such an answer shows.
  static func findings(_ answer: FetchAnswer, from address: FetchAddress, _ settings: ForwardLoginSettings) -> [ProviderFinding] {
    if (200..<300).contains(answer.status) {
      return [
        .error(
          "\(address.place) lets everybody in: it answers a stranger with status \(answer.status) (name the address that it has for proxies, and look at its rules for this host)"
        )
      ]
    }
    let read = CheckReading(settings, address: address).answer(answer)
    guard case .turnedAway(let refusal) = read.verdict else { return [.error("\(address.place): \(read.fault ?? "no answer")")] }
    var found = read.fault.map { [ProviderFinding.warning("\(address.place): \($0)")] } ?? []
    if let location = refusal.location, isItself(location, address) {
      found.append(.error("\(address.place) leads to itself, at \(location) (write that address as `check`)"))
    } else if refusal.status == 403 {
      found.append(
        .warning(
          "\(address.place) answers a stranger with 403, so that nobody comes to sign in (have it answer 401, and look at its rules for this host)"
        ))
    } else if refusal.location == nil, settings.signIn == nil, refusal.challenge == nil {
      found.append(
        .error("\(address.place) does not say where to sign in (add `sign_in URL`, such as `sign_in https://auth.example.com/?rd={url}`)"))
    }
    return found
  }

  /// Servers send on to the same path with a slash, or over TLS.
  private static func isItself(_ location: String, _ address: FetchAddress) -> Bool {
    guard let there = FetchAddress(String(location.prefix { $0 != "#" && $0 != "?" })) else { return false }
    func path(_ target: String) -> Substring {
      let path = target.prefix { $0 != "?" }
      return path.hasSuffix("/") ? path.dropLast() : path
    }
    return there.host == address.host && path(there.target) == path(address.target)
  }
}
