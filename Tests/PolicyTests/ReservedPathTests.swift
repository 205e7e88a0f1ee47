import Testing

@testable import Policy

struct ReservedPathTests {
  private func parse(_ path: String) -> ReservedPath? {
    let bytes = Array(path.utf8)
    return ReservedPath.parse(bytes.span)
  }

  @Test(
    "the exact spelling is served",
    arguments: [
      ("/.anteroom/login", .login), ("/.anteroom/logout", .logout), ("/.anteroom/callback", .callback), ("/.anteroom/healthz", .healthz),
      ("/.anteroom/readyz", .readyz), ("/.anteroom/session", .session),
    ] as [(String, ReservedPath)])
  func served(path: String, expected: ReservedPath) {
    #expect(parse(path) == expected)
  }

  @Test(
    "any other spelling and anything else below the prefix is not found, and not the app's",
    arguments: [
      "/.anteroom", "/.anteroom/", "/.anteroom/x", "/.anteroom/login/", "/.anteroom/Login", "/.ANTEROOM/login", "/%2eanteroom/login",
      "/%252eanteroom/login", "//.anteroom/login", "/x/../.anteroom/login", "/x/%2e%2e/.anteroom/login", "/.anteroom;x/login",
      "/.anteroom\\login", "/.anteroom%2flogin", "/.anteroom%5clogin", "/./.anteroom/login", "/.anteroom/../patients",
      "/.anteroom/login;x=1",
      "/.anteroom%00x", "/.anteroom%3flogin", "/.anteroom%23", "/%ef%bc%8eanteroom/login", "/.ant%65room/login", "/%zz/../.anteroom/login",
      "\\.anteroom\\login", "/x/..;/.anteroom/login",
    ])
  func notFound(path: String) {
    #expect(parse(path) == .notFound)
    let bytes = Array(path.utf8)
    let found = ReservedPath.isReserved(bytes.span)
    #expect(found)
  }

  @Test(
    "other paths are the app's",
    arguments: [
      "/", "", "*", "/x", "/.anteroomx", "/.anteroo", "/x/.anteroom/login", "/anteroom/login", "/.well-known/x", "/a%20b", "/%zz",
      "/..anteroom",
    ])
  func notReserved(path: String) {
    #expect(parse(path) == nil)
  }

  @Test("a path with more readings than can be judged is not found")
  func hostile() {
    #expect(parse("/" + String(repeating: "a;b%3b\\%5c//.%2e/%2e/%25%32%65/", count: 500)) == .notFound)
  }
}
