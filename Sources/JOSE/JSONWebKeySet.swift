import Crypto

/// A provider's public keys (RFC 7517).
package struct JSONWebKeySet: Sendable {
  /// Keys of unknown kinds are left out.
  package init(_ document: JSONValue) throws(JOSEFault) { throw .refused("key sets are not read yet") }

  /// Whether no key of the set can be used.
  package var isEmpty: Bool { true }
}
