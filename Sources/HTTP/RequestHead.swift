/// The four forms of a request target (RFC 9112, section 3.2) less the authority form, which only CONNECT has.
package enum TargetForm: UInt8, Sendable { case origin, absolute, asterisk }

/// A request's head as offsets into the bytes that were parsed. Reused from one message to the next: a parser overwrites all of it.
package struct RequestHead: Sendable, Equatable {
  /// The method, and where it stands.
  package internal(set) var method = Method.other
  package internal(set) var methodRange = ByteRange()
  /// The target as sent, and its form.
  package internal(set) var target = ByteRange()
  package internal(set) var targetForm = TargetForm.origin
  /// The path as sent. Empty in an absolute form that has none, which means `/`; `*` in the asterisk form.
  package internal(set) var path = ByteRange()
  /// What follows the first `?`, or `nil` where there is none.
  package internal(set) var query: ByteRange?
  /// The effective authority, with its port if one was sent: the Host field, which an absolute form must agree with. `splitHostPort` takes it.
  package internal(set) var host = ByteRange()
  /// 0 or 1.
  package internal(set) var minorVersion: UInt8 = 1
  /// All field lines in the order in which they came.
  package internal(set) var fields: [FieldLine] = []
  /// Length of the head from the first byte parsed (an empty line before the request line included) to the blank line's end: where the body starts.
  package internal(set) var byteCount = 0
  /// `none`, `length` or `chunked`.
  package internal(set) var body = BodyFraming.none
  /// Whether the client means to use the connection again (RFC 9112, section 9.3).
  package internal(set) var keepAlive = false
  /// Whether the client waits for a 100 before it sends its body (RFC 9110, section 10.1.1): never in HTTP/1.0, never without a body.
  package internal(set) var expectsContinue = false
  /// Whether it has an Upgrade field that Connection nominates.
  package internal(set) var wantsUpgrade = false
  /// Whether it is a GET without a body that asks for exactly `websocket` (RFC 6455, section 4.1).
  package internal(set) var upgradesToWebSocket = false
  /// Whether Connection names anything but `close` and `keep-alive`.
  package internal(set) var hasConnectionNominations = false

  /// What names they have.
  package internal(set) var present = KnownFieldSet()

  /// An empty head, to be filled in.
  package init() {}

  /// Path and query in one run of bytes, as an origin-form target has them. Where `path` is empty, a `/` must be put before it.
  @inlinable package var pathAndQuery: ByteRange { ByteRange(path.start, target.end) }

  /// The first line of this name.
  package func firstField(_ known: KnownField) -> FieldLine? {
    guard present.contains(known) else { return nil }
    return fields.first { $0.known == known }
  }

  /// How many lines of this name there are.
  package func fieldCount(_ known: KnownField) -> Int {
    guard present.contains(known) else { return 0 }
    if !present.isRepeated(known) { return 1 }
    return fields.count { $0.known == known }
  }

  mutating func removeAll() {
    fields.removeAll(keepingCapacity: true)
    present.removeAll()
    query = nil
    body = .none
    expectsContinue = false
    wantsUpgrade = false
    upgradesToWebSocket = false
    hasConnectionNominations = false
  }
}
