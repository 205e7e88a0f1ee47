import Testing

@testable import Pages

@Suite("Error pages")
struct ErrorPageTests {
  @Test("each says what happened, what to do, its status and the request id", arguments: Failure.allCases)
  func words(failure: Failure) {
    let text = clinicPages.error(failure, requestID: "7f3a9c", host: clinicHost).text
    for part in [failure.title, failure.happened, failure.remedy] {
      #expect(!part.isEmpty && text.contains(HTMLText.escape(part)))
    }
    #expect(text.contains("<dd>\(failure.status)</dd>") && text.contains("<dd id=\"request-id\">7f3a9c</dd>"))
    #expect(failure.remedy.hasSuffix(".") && failure.happened.hasSuffix("."))
  }

  @Test("statuses are those of HTTP")
  func statuses() {
    let expected: [Failure: Int] = [
      .badRequest: 400, .patientMissing: 400, .patientEmpty: 400, .patientMalformed: 400, .patientRepeated: 400, .patientAlias: 400,
      .patientUnknown: 404, .patientSeveral: 409,
      .signInNeeded: 401, .formRefused: 403, .forbidden: 403, .foreignOrigin: 403, .notFound: 404, .methodNotAllowed: 405,
      .requestTimeout: 408,
      .lengthRequired: 411, .contentTooLarge: 413, .addressTooLong: 414, .unsupportedMediaType: 415, .expectationFailed: 417,
      .unknownHost: 421, .tooManyRequests: 429, .tooManyStreams: 429, .headerTooLarge: 431, .internalError: 500, .notImplemented: 501,
      .badGateway: 502,
      .unavailable: 503, .loginBusy: 503, .gatewayTimeout: 504, .versionNotSupported: 505, .checkFailed: 502, .checkBusy: 503,
      .checkTimeout: 504,
    ]
    #expect(Dictionary(uniqueKeysWithValues: Failure.allCases.map { ($0, $0.status) }) == expected)
  }

  @Test(
    "a doubtful patient is told as what it is, that nothing was opened, and where to click again",
    arguments: [
      (Failure.patientMissing, "does not name a patient"), (.patientEmpty, "it is empty"), (.patientMalformed, "not a patient number"),
      (.patientRepeated, "more than once"), (.patientAlias, "could be read as another one"),
    ])
  func patient(failure: Failure, words: String) {
    let text = clinicPages.error(failure, requestID: "r", host: clinicHost).text
    #expect(text.contains("It is not clear which patient to open") && text.contains(words) && text.contains("Nothing was opened."))
    #expect(text.contains("Go back to Cliniko and click the patient’s button again."))
  }

  @Test("where it helps, a page says when to try again, and leads on")
  func ways() {
    #expect(clinicPages.error(.unavailable, requestID: "r", host: "", retryAfter: 5).text.contains("try again in 5 seconds"))
    #expect(!clinicPages.error(.unavailable, requestID: "r", host: "").text.contains("Please try again in"))
    #expect(clinicPages.error(.signInNeeded, requestID: "r", host: "").text.contains("href=\"/.anteroom/login\">Sign in</a>"))
    #expect(!clinicPages.error(.badGateway, requestID: "r", host: "").text.contains("<a "))
  }

  @Test("request id and host are escaped and cut", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = SitePages.unbranded.error(.unknownHost, requestID: "i" + raw, host: "h" + raw).text
    #expect(text.contains("<dd id=\"request-id\">i\(shown)</dd>") && text.contains("<p>h\(shown)</p>") && !text.contains("<script"))
    let long = SitePages.unbranded.error(.badRequest, requestID: String(repeating: "i", count: 5000), host: "").text
    #expect(!long.contains(String(repeating: "i", count: 129)))
  }

  @Test("without a request id none is shown")
  func noRequestID() {
    #expect(!clinicPages.error(.badRequest, requestID: "", host: "").text.contains("request-id"))
  }
}
