/// What tokens have to do with a request: in one place, so that all others pay for it with one look.
struct TokenUse {
  /// It is a program's, with an access token in place of a cookie.
  var isProgram = false
  /// The app does not get to see the token.
  var dropsAuthorization = false
  /// How to sign in, for programs.
  var challenge: String?
  /// It has waited for new tokens of its session: once is enough.
  var hasWaited = false
}
