/// Reads `cookies`.
enum AppCookieReader {
  static func read(_ entry: Entry, context: inout LoadContext) -> AppCookieSettings {
    var settings = AppCookieSettings()
    for entry in BlockReader(entry.block ?? [], kind: .cookies, context: &context).entries {
      switch entry.name {
      case "secure": settings.addsSecure = context.choice(entry.values[0], ["on": true, "off": false]) ?? false
      case "same_site": settings.addsSameSite = context.choice(entry.values[0], ["lax": true, "off": false]) ?? false
      default: break
      }
    }
    return settings
  }
}
