/// Why there is no answer: what, where, and the mend in parentheses. Nothing of the request but its address without the query is in it.
package struct FetchFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done when the time was over.
  package enum Step: String, Sendable {
    case name = "looking the name up"
    case connection = "connecting"
    case handshake = "the TLS handshake"
    case answer = "waiting for the answer"
    case body = "receiving the answer"
  }

  package enum Kind: Sendable, Equatable {
    case unknownName
    /// With the system's reason.
    case unreachable(String)
    /// With OpenSSL's reason; whether it is about the server's certificate.
    case tls(String, isCertificate: Bool)
    case timedOut(Step)
    /// With what is wrong with the message.
    case notHTTP(String)
    case tooLarge(limit: Int)
    case cutShort
    case encoded
    /// The request holds bytes that cannot be sent.
    case unsendable
    /// This process has no room for it now.
    case noRoom(String)
    /// The loop that it ran on has ended.
    case ended
  }

  package let kind: Kind
  /// The address, without its query.
  package let place: String

  package init(_ kind: Kind, _ address: FetchAddress) {
    self.kind = kind
    place = address.place
  }

  package var description: String { "\(place): \(reason)" }

  /// What and the mend, without where.
  package var reason: String {
    switch kind {
    case .unknownName: "the host's name is not known (is it spelt right, and does this machine reach its name servers?)"
    case .unreachable(let reason): "no connection: \(reason) (is it running, and does a firewall let this machine through?)"
    case .tls(let reason, true): "\(reason) (name the authority that signed it with `ca FILE`, or mend the server's certificate)"
    case .tls(let reason, false): "no TLS connection: \(reason) (does the server speak TLS 1.2 or newer there?)"
    case .timedOut(let step):
      "no answer in time: \(step.rawValue) took too long (is it overloaded, or does a firewall swallow the packets?)"
    case .notHTTP(let reason): "what answers does not speak HTTP as it should: \(reason) (is it the right address?)"
    case .tooLarge(let limit): "the answer has more than \(limit) bytes (is it the right address?)"
    case .cutShort: "the connection ended before the answer did (look at the server's log)"
    case .encoded: "the answer is compressed, which was not asked for (turn compression off for this address)"
    case .unsendable: "the request has bytes that cannot be sent (is a secret or a token not ASCII?)"
    case .noRoom(let reason): "nothing can be sent now: \(reason) (is this machine overloaded?)"
    case .ended: "the gateway is ending"
    }
  }
}
