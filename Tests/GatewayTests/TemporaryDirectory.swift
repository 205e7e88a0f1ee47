import Foundation

/// A directory of a test's own, gone with it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/anteroom-gateway-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Puts a whole new file in the place of the old one, as editors do.
  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: file(name)), options: .atomic) }

  func text(_ name: String) -> String {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  func lines(_ name: String) -> [String] { text(name).split(separator: "\n").map(String.init) }

  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: false)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  /// The lines of all files below a subdirectory, in the order of their names.
  func allLines(below name: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: file(name))) ?? []
    return names.sorted().flatMap { lines(name + "/" + $0) }
  }
}
