/// `cookies`: what is added to the cookies that the app sets, where they do not say it themselves.
package struct AppCookieSettings: Sendable, Equatable {
  /// `secure on`: `Secure`, where browsers use https.
  package var addsSecure = false
  /// `same_site lax`: `SameSite=Lax`.
  package var addsSameSite = false

  package init(addsSecure: Bool = false, addsSameSite: Bool = false) {
    self.addsSecure = addsSecure
    self.addsSameSite = addsSameSite
  }
}
