import EventLoop
import Fetch
import JOSE
import OpenID

/// Asks one provider all that a login will ask it, but with a code that never was.
struct ProviderProbe: Sendable {
  private let provider: OpenIDProvider
  private let redirectURI: String
  private let handle: LoopHandle

  init(_ provider: OpenIDProvider, redirectURI: String, handle: LoopHandle) {
    self.provider = provider
    self.redirectURI = redirectURI
    self.handle = handle
  }

  func findings() async -> [ProviderFinding] {
    let documents = provider.documents
    var found: [ProviderFinding] = []
    let metadata: ProviderMetadata
    do throws(ProviderFault) {
      let asked = System.wallMilliseconds() / 1000
      let (document, answer) = try await documents.document(documents.metadataAddress, "is `issuer` right?", on: handle)
      let date = answer.fields["age"] == nil ? answer.fields["date"].flatMap { HTTPDateReading.seconds($0) } : nil
      found += ProviderFinding.ofClock(date, asked: asked, answered: System.wallMilliseconds() / 1000)
      metadata = try ProviderMetadata(document, issuer: provider.settings.issuer)
      found += ProviderFinding.ofMetadata(document, metadata, provider.settings)
    } catch {
      return found + [.error("\(error)")]
    }
    do throws(ProviderFault) { _ = try await documents.keys(metadata, on: handle) } catch { found.append(.error("\(error)")) }
    return await found + client(metadata)
  }

  private func client(_ metadata: ProviderMetadata) async -> [ProviderFinding] {
    do throws(ProviderFault) {
      // As long as a verifier is at least.
      let verifier = String(repeating: "anteroom-check-", count: 3)
      switch try await provider.client.ask(.code("anteroom-check", verifier: verifier, redirectURI: redirectURI), metadata, on: handle) {
      case .success: return [.warning("the provider gives out tokens for a code that it never made (do not use it)")]
      case .failure(let refusal): return ProviderFinding.ofRefusal(refusal)
      }
    } catch {
      return [.error("\(error)")]
    }
  }
}
