/// How somebody signed in.
package enum LoginMethod: String, Sendable { case password }

/// Somebody who has passed every step of a login, by whichever method: what a session is made from.
package struct SignIn: Sendable, Equatable {
  package let account: Account
  package let method: LoginMethod
  /// The browser, if it was known.
  package let device: Device?
  /// Whether the browser is to be given a (new) device cookie: `DeviceCookies.seal(adding: account.key, to: device, …)`.
  package let setsDeviceCookie: Bool
}
