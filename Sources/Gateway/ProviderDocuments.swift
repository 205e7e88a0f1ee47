import EventLoop
import Fetch
import JOSE
import OpenID

/// Fetches what a provider says of itself, and its keys.
struct ProviderDocuments: Sendable {
  let issuer: String
  let fetcher: Fetcher

  /// Where the metadata is (OpenID Connect Discovery 1.0, section 4.1).
  var metadataAddress: String { (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration" }

  /// With its lifetime in seconds.
  func metadata(on handle: LoopHandle) async throws(ProviderFault) -> (value: ProviderMetadata, lifetime: Int64) {
    let (document, answer) = try await document(metadataAddress, "is `issuer` right?", on: handle)
    return (try ProviderMetadata(document, issuer: issuer), lifetime(answer))
  }

  /// With their lifetime in seconds.
  func keys(_ metadata: ProviderMetadata, on handle: LoopHandle) async throws(ProviderFault) -> (value: JSONWebKeySet, lifetime: Int64) {
    let address = metadata.keysAddress
    let (document, answer) = try await document(address, "the provider's metadata names this address", on: handle)
    do throws(JOSEFault) {
      let keys = try JSONWebKeySet(document)
      guard !keys.isEmpty else { throw JOSEFault.refused("it has no key that can be used") }
      return (keys, lifetime(answer))
    } catch {
      throw ProviderFault("the provider's key set at \(address) cannot be used: \(error) (look at the provider's signing keys)")
    }
  }

  private func lifetime(_ answer: FetchAnswer) -> Int64 { CacheLifetime.seconds(answer.fields, now: System.wallMilliseconds() / 1000) }

  /// A JSON document, wherever the caller runs.
  func document(_ text: String, _ mend: String, on handle: LoopHandle) async throws(ProviderFault) -> (JSONValue, FetchAnswer) {
    let answer = try await fetch(text, on: handle)
    guard answer.status == 200 else { throw ProviderFault("\(text) answers with status \(answer.status) (\(mend))") }
    do throws(JSONFault) { return (try JSONValue(answer.body), answer) } catch {
      let type = answer.mediaType.isEmpty ? "" : ", but \(answer.mediaType)"
      throw ProviderFault("\(text) is no JSON document\(type): \(error) (\(mend))")
    }
  }

  func fetch(
    _ text: String, form: [UInt8]? = nil, authorization: String? = nil, on handle: LoopHandle
  ) async throws(ProviderFault) -> FetchAnswer {
    guard let address = FetchAddress(text) else {
      throw ProviderFault("the provider names an address that cannot be used (look at its metadata: \(metadataAddress))")
    }
    do throws(FetchFault) {
      return try await fetcher.fetch(FetchRequest(address, form: form, authorization: authorization), on: handle)
    } catch {
      throw ProviderFault("\(error)")
    }
  }
}
