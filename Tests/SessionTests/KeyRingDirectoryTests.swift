import Crypto
import Glibc
import Testing

@testable import Session

@Suite struct KeyRingDirectoryTests {
  let directory: TemporaryDirectory
  let now: Int64 = 2_000_000_000
  let hex = [UInt8]((String(repeating: "0f", count: 32) + "\n").utf8)

  init() throws { directory = try TemporaryDirectory() }

  func ids(_ ring: KeyRing) -> [[UInt8]] { ring.keys.map(\.id) }

  func failure(_ path: String) -> KeyRingError? {
    do {
      _ = try KeyRingDirectory.open(path: path, now: now)
      return nil
    } catch {
      return error
    }
  }

  @Test("a missing directory is made with a first key, both for the owner alone, and read again as it is")
  func firstRun() throws {
    let ring = try KeyRingDirectory.open(path: directory.path + "/keys/", now: now)
    #expect(ring.keys.count == 1)
    #expect(try directory.mode("keys") == 0o700)
    #expect(try directory.mode("keys/first.key") == 0o600)
    #expect(try directory.read("keys/first.key").count == 44)
    #expect(ids(try KeyRingDirectory.open(path: directory.path + "/keys", now: now)) == ids(ring))
    let another = try KeyRingDirectory.open(path: directory.path + "/other", now: now)
    #expect(ids(another) != ids(ring))
  }

  @Test("an empty directory gets a first key and nothing else")
  func emptyDirectory() throws {
    _ = try KeyRingDirectory.open(path: directory.path, now: now)
    #expect(try directory.names() == ["first.key"])
  }

  @Test("several that start at once on nothing end with one ring")
  func race() async throws {
    let path = directory.path + "/keys"
    let now = now
    let rings = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
      for _ in 0..<16 {
        group.addTask { try KeyRingDirectory.open(path: path, now: now).keys.map(\.id) }
      }
      return try await group.reduce(into: Set<[[UInt8]]>()) { $0.insert($1) }
    }
    #expect(rings.count == 1)
    #expect(rings.first?.count == 1)
    #expect(try directory.names() == ["keys"])
  }

  @Test("hexadecimal and base64url lines are keys, with or without their line's end")
  func forms() throws {
    try directory.write("a.key", hex, modified: 1_000)
    try directory.write("b.key", [UInt8](Base64URL.encode([UInt8](repeating: 15, count: 32)).utf8), modified: 2_000)
    try directory.write("c.key", [UInt8]((String(repeating: "0F", count: 32) + "\r\n").utf8), modified: 3_000)
    let ring = try KeyRingDirectory.open(path: directory.path, now: now)
    #expect(Set(ids(ring)).count == 1)
    #expect(ring.keys.map(\.since) == [3_000, 2_000, 1_000])
  }

  @Test("a key counts from when its file was written, and one from the future from now on")
  func since() throws {
    try directory.write("a.key", hex, modified: 1_000)
    try directory.write("b.key", hex, modified: now + 500)
    #expect(try KeyRingDirectory.open(path: directory.path, now: now).keys.map(\.since) == [now, 1_000])
  }

  @Test("other files are left alone")
  func otherFiles() throws {
    try directory.write("a.key", hex)
    try directory.write("a.key.bak", [1])
    try directory.write("README", [2], mode: 0o644)
    try directory.write(".b.key", [3])
    #expect(try KeyRingDirectory.open(path: directory.path, now: now).keys.count == 1)
    #expect(try directory.names() == [".b.key", "README", "a.key", "a.key.bak"])
  }

  @Test("a new key is in the ring when it is opened again")
  func rotation() throws {
    _ = try KeyRingDirectory.open(path: directory.path, now: now)
    try directory.write("second.key", hex)
    #expect(try KeyRingDirectory.open(path: directory.path, now: now).keys.count == 2)
  }

  @Test("a read-only ring, shared with a group, is read and not touched")
  func readOnly() throws {
    try directory.write("a.key", hex, mode: 0o440)
    try directory.setMode(".", 0o550)
    defer { try? directory.setMode(".", 0o700) }
    #expect(try KeyRingDirectory.open(path: directory.path, now: now).keys.count == 1)
    #expect(try directory.names() == ["a.key"])
  }

  @Test("where no key is and none can be made, the error names the mend")
  func emptyAndReadOnly() throws {
    let error = try #require(failure("/proc/self"))
    guard case .empty = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("openssl rand -hex 32 > /proc/self/first.key"))
  }

  @Test("a key that others may read or write is refused", arguments: [0o644, 0o604, 0o602])
  func readableKey(mode: Int) throws {
    try directory.write("a.key", hex, mode: mode)
    let path = directory.path + "/a.key"
    #expect(failure(directory.path) == .readable(path: path, mode: "0" + String(mode, radix: 8)))
    #expect(failure(directory.path)?.description.contains("chmod o-rw \(path)") == true)
  }

  @Test("a directory where others may put keys is refused")
  func writableDirectory() throws {
    try directory.write("a.key", hex)
    try directory.setMode(".", 0o777)
    #expect(failure(directory.path) == .writableDirectory(path: directory.path, mode: "0777"))
  }

  @Test(
    "a file that is no key is named, and its contents are not",
    arguments: [
      "", "\n", "hunter2hunter2", String(repeating: "0g", count: 32), String(repeating: "0f", count: 31),
      String(repeating: "0f", count: 33),
      String(repeating: "0f", count: 32) + "\n\n", String(repeating: "A", count: 42), String(repeating: "A", count: 42) + "B",
      String(repeating: "0f", count: 500),
    ])
  func malformed(text: String) throws {
    try directory.write("a.key", hex)
    try directory.write("b.key", [UInt8](text.utf8))
    #expect(failure(directory.path) == .malformed(path: directory.path + "/b.key"))
    if text.count > 10 { #expect(failure(directory.path)?.description.contains(text) == false) }
  }

  @Test("a directory named like a key is no key")
  func directoryAsKey() throws {
    _ = try KeyRingDirectory.open(path: directory.path + "/b.key", now: now)
    #expect(failure(directory.path) == .malformed(path: directory.path + "/b.key"))
  }

  @Test("a file where the directory should be, and a missing parent, are errors")
  func wrongPlaces() throws {
    try directory.write("file", [])
    #expect(failure(directory.path + "/file") == .notDirectory(path: directory.path + "/file"))
    guard case .file(let cause) = failure(directory.path + "/no/keys") else {
      Issue.record("no error")
      return
    }
    #expect(cause.isMissing)
  }

  @Test("more keys than a ring may have are refused")
  func tooMany() throws {
    for i in 0..<KeyRingDirectory.maximumKeys { try directory.write("\(i).key", hex) }
    #expect(failure(directory.path) == nil)
    try directory.write("more.key", hex)
    #expect(failure(directory.path) == .tooMany(path: directory.path))
  }

  @Test("a ring that is read anew and has no key any more is a fault, and none is made")
  func gone() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/keys"
    let ring = try KeyRingDirectory.open(path: path, now: 1000)
    #expect(try KeyRingDirectory.reopen(path: path, now: 1000).keys.map(\.id) == ring.keys.map(\.id))
    unlink(path + "/first.key")
    #expect(throws: KeyRingError.gone(path: path)) { try KeyRingDirectory.reopen(path: path, now: 1000) }
    #expect(access(path + "/first.key", F_OK) != 0)
    rmdir(path)
    #expect(throws: KeyRingError.gone(path: path)) { try KeyRingDirectory.reopen(path: path, now: 1000) }
  }
}
