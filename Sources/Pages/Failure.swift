/// What the gateway itself refuses or fails at, in words for a clinician.
package enum Failure: Sendable, Hashable, CaseIterable {
  case badRequest
  case patientMissing, patientEmpty, patientMalformed, patientRepeated, patientAlias
  /// The app does not know the patient, or knows several.
  case patientUnknown, patientSeveral
  case signInNeeded
  case formRefused, forbidden, foreignOrigin
  case notFound, methodNotAllowed, requestTimeout, lengthRequired, contentTooLarge, addressTooLong, unsupportedMediaType
  case expectationFailed, unknownHost, tooManyRequests, tooManyStreams, headerTooLarge
  case internalError, notImplemented, badGateway, unavailable, loginBusy, gatewayTimeout, versionNotSupported
  case checkFailed, checkBusy, checkTimeout

  /// The HTTP status (RFC 9110, RFC 6585) that goes with it.
  package var status: Int {
    switch self {
    case .badRequest, .patientMissing, .patientEmpty, .patientMalformed, .patientRepeated, .patientAlias: 400
    case .signInNeeded: 401
    case .formRefused, .forbidden, .foreignOrigin: 403
    case .notFound, .patientUnknown: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .patientSeveral: 409
    case .lengthRequired: 411
    case .contentTooLarge: 413
    case .addressTooLong: 414
    case .unsupportedMediaType: 415
    case .expectationFailed: 417
    case .unknownHost: 421
    case .tooManyRequests, .tooManyStreams: 429
    case .headerTooLarge: 431
    case .internalError: 500
    case .notImplemented: 501
    case .badGateway, .checkFailed: 502
    case .unavailable, .loginBusy, .checkBusy: 503
    case .gatewayTimeout, .checkTimeout: 504
    case .versionNotSupported: 505
    }
  }

  /// A headline.
  package var title: String { words.title }

  /// What happened.
  package var happened: String { words.happened }

  /// What to do now.
  package var remedy: String { words.remedy }
}
