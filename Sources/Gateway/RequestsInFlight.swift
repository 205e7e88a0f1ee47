extension Exchange {
  /// Counts this request among those that are with the site's app; false when there are as many as there may be.
  func enterSite() -> Bool {
    guard let settings = siteState?.settings, let gate = settings.gate else { return true }
    guard gate.enter() else {
      worker.services.siteWarning.warn(["site": settings.site.name, "requests": "\(gate.limit)"])
      return false
    }
    isCountedAtSite = true
    return true
  }

  /// The request is over, or was never counted.
  func leaveSite() {
    guard isCountedAtSite else { return }
    isCountedAtSite = false
    _ = siteState?.settings.gate?.leave()
  }
}
