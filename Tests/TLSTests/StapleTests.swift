import Glibc
import TestCertificates
import Testing

@testable import TLS

@Suite struct StapleTests {
  private let authority: Authority
  private let leaf: (chain: [UInt8], key: [UInt8])

  init() throws {
    authority = try Authority()
    leaf = try authority.issue("DNS:app.test")
  }

  /// The certificate; `isWhole`: with its issuer's.
  private func certificate(isWhole: Bool = true) throws -> Certificate {
    try Certificate(chain: leaf.chain + (isWhole ? authority.pem : []), key: leaf.key)
  }

  private func fault(_ response: [UInt8], isWhole: Bool = true) throws -> String {
    let certificate = try certificate(isWhole: isWhole)
    do throws(TLSFault) {
      _ = try Staple(response, for: certificate)
      return ""
    } catch {
      return error.description
    }
  }

  private var now: Int64 { Int64(time(nil)) }

  @Test("the issuer's word is taken, whether its certificate is in the chain, with the answer, or in both")
  func good() throws {
    for (isWhole, isSent) in [(true, true), (true, false), (false, true)] {
      let staple = try Staple(authority.staple(for: leaf.chain, isSignerSent: isSent), for: certificate(isWhole: isWhole))
      #expect(staple.fault(at: now) == nil)
      #expect((now - 70...now - 50).contains(staple.notBefore) && (now + 3590...now + 3610).contains(staple.notAfter))
    }
    #expect(try fault(authority.staple(for: leaf.chain, isSignerSent: false), isWhole: false).contains("is not in the certificate's file"))
  }

  @Test("a word about another certificate, or of another authority, is none")
  func strange() throws {
    let other = try authority.issue("DNS:app.test")
    #expect(try fault(authority.staple(for: other.chain)).hasPrefix("it is for another certificate"))
    let stranger = try Authority("another")
    #expect(try fault(stranger.staple(for: leaf.chain)).hasPrefix("it is for another certificate"))
    #expect(try fault(stranger.staple(for: leaf.chain), isWhole: false).contains("is not in the certificate's file"))
    // What it says of the issuer is right, and who signs it is somebody else: of another name, or of the same.
    for signer in [stranger, try Authority()] {
      for isSent in [true, false] {
        let forged = try authority.staple(for: leaf.chain, signer: signer, isSignerSent: isSent)
        #expect(try fault(forged).hasPrefix("it is not signed by the certificate's issuer: "))
      }
    }
    // Of two of the issuer's name only the one counts whose key has signed the certificate.
    let namesake = try Authority()
    #expect(try fault(namesake.staple(for: leaf.chain), isWhole: false).contains("is not in the certificate's file"))
    let both = try Certificate(chain: leaf.chain + namesake.pem + authority.pem, key: leaf.key)
    #expect(try Staple(authority.staple(for: leaf.chain), for: both).fault(at: now) == nil)
    var changed = try authority.staple(for: leaf.chain)
    changed[changed.count / 2] ^= 1
    #expect(try !fault(changed).isEmpty)
  }

  @Test("one that says anything but good is none")
  func words() throws {
    #expect(try fault(authority.staple(for: leaf.chain, .revoked)).hasPrefix("it says that the certificate is revoked"))
    #expect(try fault(authority.staple(for: leaf.chain, .unknown)).hasPrefix("its authority does not know the certificate"))
    #expect(try fault(Authority.refusal()).hasPrefix("it is an error"))
    for nonsense in [[], Array("hello".utf8), leaf.chain] { #expect(try fault(nonsense).hasPrefix("it is no OCSP answer")) }
    let whole = try authority.staple(for: leaf.chain)
    #expect(try !fault(Array(whole[..<(whole.count / 2)])).isEmpty)
  }

  @Test("its time begins a little early, for clocks that differ, and ends on time")
  func times() throws {
    let staple = try Staple(authority.staple(for: leaf.chain), for: certificate())
    #expect(staple.fault(at: staple.notBefore - 300) == nil)
    #expect(staple.fault(at: staple.notBefore - 301)?.description.hasPrefix("its time has not come yet") == true)
    #expect(staple.fault(at: staple.notAfter - 1) == nil)
    #expect(staple.fault(at: staple.notAfter)?.description.hasPrefix("its time is over") == true)
    let open = try Staple(authority.staple(for: leaf.chain, until: nil), for: certificate())
    #expect(open.notAfter == open.notBefore + 86_400)
  }

  @Test("it is sent along while it holds, to a client that asks, with the certificate that it is for")
  func sent() throws {
    let other = try authority.issue("DNS:other.test")
    let response = try authority.staple(for: leaf.chain)
    let staple = try Staple(response, for: certificate())
    func got(_ name: String, at now: Int64) throws -> [UInt8]? {
      let server = try TLSServer(
        TLSServerSettings(
          certificates: [(certificate(), staple), (Certificate(chain: other.chain, key: other.key), nil)], clock: { now }),
        tickets: TicketSecrets { 0 })
      let pair = try Pair(server, TLSClient(TLSClientSettings(authorities: authority.pem)), name: name)
      pair.client.askForStaple()
      #expect(pair.handshake().client == .done)
      return pair.client.staple
    }
    #expect(try got("app.test", at: now) == response)
    #expect(try got("other.test", at: now) == nil)
    #expect(try got("app.test", at: staple.notAfter) == nil)
    #expect(try got("app.test", at: staple.notBefore - 400) == nil)
  }
}
