import Foundation
import Testing

@testable import Pages

/// Writes every page as a file, to be looked at in a browser: `PAGES_TO=/some/folder swift test --filter PagesTests.Gallery`.
@Suite("Gallery", .enabled(if: ProcessInfo.processInfo.environment["PAGES_TO"] != nil))
struct GalleryTests {
  @Test("every page, with its policy in a meta element")
  func write() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["PAGES_TO"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func save(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).html")) }
    for (name, page) in everyPage {
      let policy = "<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"\(page.contentSecurityPolicy)\">"
      try save(name, Array(page.text.replacingOccurrences(of: "<head>", with: policy).utf8))
    }
    try save("clinic", demoClinic)
    for (name, request) in demoRequests { try save("app-\(name)", DemoPages.app(record: request)) }
  }
}
