/// What one thread needs to seal, open and authenticate, set up once: OpenSSL looks algorithms up by name and allocates contexts at a cost
/// that is far above that of using them.
///
/// Not `Sendable`: each event loop has its own.
package final class CryptoContext {
  package let random = RandomSupply()
  package let aead = AEAD()
  package let hmac = HMACSHA256()

  package init() {}
}
