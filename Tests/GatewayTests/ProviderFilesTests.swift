import Config
import TestCertificates
import TestKeys
import Testing

@testable import Gateway

@Suite struct ProviderFilesTests {
  private func faults(_ change: (inout OpenIDLoginSettings) -> Void) -> [Diagnostic] {
    var settings = OpenIDLoginSettings(issuer: "https://login.test", clientID: "c")
    change(&settings)
    var site = Fixtures.site(users: "/none", upstreams: [])
    site.logins = [LoginSettings(.openID(settings))]
    return ProviderFiles.check([site, site])
  }

  @Test("files that cannot be used are told of once, by their names")
  func faulty() throws {
    let directory = try TemporaryDirectory()
    try directory.write("bad.pem", "no key")
    for path in [directory.file("none.pem"), directory.file("bad.pem")] {
      #expect(faults { $0.authorities = path }.map(\.file) == [path])
      #expect(faults { $0.credential = .privateKey(path: path) }.map(\.file) == [path])
    }
  }

  @Test("good files, and none, are fine")
  func good() throws {
    let directory = try TemporaryDirectory()
    try directory.write("ca.pem", try Authority().pem)
    try directory.write("key.pem", try TestKey(.p256).pem)
    #expect(faults { _ in } == [])
    let found = faults {
      $0.authorities = directory.file("ca.pem")
      $0.credential = .privateKey(path: directory.file("key.pem"))
    }
    #expect(found == [])
  }
}
