import Crypto
import EventLoop
import Fetch
import JOSE
import OpenID

/// The requests to a provider that are made as its client.
struct ProviderClient: Sendable {
  enum Credential: Sendable {
    case none
    case secret(String)
    case key(PrivateKey)
  }

  let clientID: String
  let credential: Credential
  let documents: ProviderDocuments
  let pool: BlockingPool

  // What is longer takes a loop too long to read.
  private static let shortBody = 32 << 10
  // By these a session at the provider is over, or needs the person; all other refusals tell of settings.
  private static let endings: Set = [
    "invalid_grant", "interaction_required", "login_required", "consent_required", "account_selection_required", "access_denied",
  ]

  /// - Throws: `refused` only for what the provider says of the grant itself.
  func tokens(_ grant: TokenRequest.Grant, _ metadata: ProviderMetadata, on handle: LoopHandle) async throws(RefreshFault) -> TokenAnswer {
    let refusal: TokenRefusal
    do throws(ProviderFault) {
      switch try await ask(grant, metadata, on: handle) {
      case .success(let answer): return answer
      case .failure(let said): refusal = said
      }
    } catch {
      throw .unreachable(error)
    }
    let words = "the provider's token endpoint refuses: \(refusal) (\(Self.mend(refusal.code)))"
    throw Self.endings.contains(refusal.code) ? .refused(words) : .unreachable(ProviderFault(words))
  }

  /// What the token endpoint says.
  func ask(
    _ grant: TokenRequest.Grant, _ metadata: ProviderMetadata, on handle: LoopHandle
  ) async throws(ProviderFault) -> Result<TokenAnswer, TokenRefusal> {
    let request = TokenRequest(grant, clientID: clientID, authentication: try authentication(metadata))
    let answer = try await documents.fetch(metadata.tokenEndpoint, form: request.form, authorization: request.authorization, on: handle)
    let document = await document(answer)
    if answer.status == 200, let document { return .success(try TokenAnswer(document)) }
    guard (400..<500).contains(answer.status), let document, let refusal = TokenRefusal(document) else {
      throw Self.fault("token endpoint", answer)
    }
    return .failure(refusal)
  }

  func userinfo(_ accessToken: String, _ metadata: ProviderMetadata, on handle: LoopHandle) async throws(ProviderFault) -> JSONValue {
    guard let endpoint = metadata.userinfoEndpoint else {
      throw ProviderFault("a claim is missing in the ID token, and the provider has no userinfo (have it put the claim into the token)")
    }
    let answer = try await documents.fetch(endpoint, authorization: "Bearer " + accessToken, on: handle)
    if answer.mediaType == "application/jwt" {
      throw ProviderFault("the provider's userinfo is signed or encrypted (have it answer this client with plain JSON)")
    }
    guard answer.status == 200, let document = await document(answer), case .object = document else {
      throw Self.fault("userinfo", answer)
    }
    return document
  }

  private func authentication(_ metadata: ProviderMetadata) throws(ProviderFault) -> ClientAuthentication {
    switch credential {
    case .none: return .none
    case .secret(let secret): return .secret(secret, metadata: metadata)
    case .key(let key):
      let claims = ClientAuthentication.assertionClaims(
        clientID: clientID, metadata: metadata, id: Base64URL.encode(Random.bytes(16)), now: System.wallMilliseconds() / 1000)
      do throws(JOSEFault) { return .assertion(try signedToken(claims: claims, key: key, keyID: nil)) } catch {
        throw ProviderFault("the private key cannot be used: \(error)")
      }
    }
  }

  /// `nil` for what is no JSON.
  private func document(_ answer: FetchAnswer) async -> JSONValue? {
    guard answer.body.count > Self.shortBody else { return try? JSONValue(answer.body) }
    return (try? await pool.run { try? JSONValue(answer.body) }) ?? nil
  }

  private static func fault(_ what: String, _ answer: FetchAnswer) -> ProviderFault {
    ProviderFault("the provider's \(what) gives no answer that can be used: status \(answer.status) (look at the provider's log)")
  }

  private static func mend(_ code: String) -> String {
    switch code {
    case "invalid_client", "unauthorized_client":
      "are `client_id` and `client_secret` those of the provider, and has the secret not run out?"
    case "invalid_grant": "it was used before, took too long, or ended at the provider"
    case "invalid_scope": "does the provider know all of `scopes`?"
    default: "look at the provider's log, and at what it has registered for this client"
    }
  }
}
