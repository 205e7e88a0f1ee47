import Crypto

/// Why the key ring cannot be used, with the mend.
package enum KeyRingError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  case notDirectory(path: String)
  /// Others may put keys into the directory.
  case writableDirectory(path: String, mode: String)
  /// There is no key, and none can be made here.
  case empty(path: String, FileError)
  case readable(path: String, mode: String)
  case malformed(path: String)
  case tooMany(path: String)
  /// A ring that had keys has none any more.
  case gone(path: String)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .notDirectory(let path): "\(path) is not a directory (name the directory that holds the key files)"
    case .writableDirectory(let path, let mode):
      "others may write to \(path) (mode \(mode)), and so put keys of their own there (run: chmod o-w \(path))"
    case .empty(let path, let error):
      "\(path) holds no *.key file, and none can be made: \(error) (make one: openssl rand -hex 32 > \(path)/first.key)"
    case .readable(let path, let mode): "others may read or change the key \(path) (mode \(mode)) (run: chmod o-rw \(path))"
    case .malformed(let path):
      "\(path) is not a key: 32 bytes as one line of 64 hexadecimal digits or 43 base64url characters"
        + " (make it anew: openssl rand -hex 32 > \(path))"
    case .tooMany(let path): "\(path) holds more than \(KeyRingDirectory.maximumKeys) keys (remove the oldest)"
    case .gone(let path):
      "\(path) holds no *.key file any more (put the ring's keys back; a restart would make a new one, and end every session)"
    }
  }
}

/// The directory that holds the key ring: each `*.key` file is one key, a line of 64 hexadecimal digits or 43 base64url characters.
/// Other files are left alone. It may be read-only, and shared by several machines.
package enum KeyRingDirectory {
  /// The most keys a ring may have.
  package static let maximumKeys = 64
  private static let suffix = ".key"
  private static let firstKey = "first.key"
  private static let keyCount = 32
  private static let maximumFileCount = 256

  /// Reads every key; makes the directory (mode 0700) and a first key (mode 0600) where there is none. Call it again to read the ring anew.
  ///
  /// A key has been in the ring since its file was last written, at the latest since `now` (seconds since 1970 UTC). Of several processes
  /// that start at once on an empty directory one makes the key, and all read it. Waits for the disk.
  package static func open(path: String, now: Int64) throws(KeyRingError) -> KeyRing {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    do throws(FileError) {
      if try directoryStatus(path) == nil { _ = try StateFiles.makeDirectory(path) }
    } catch {
      throw error.isNotDirectory ? .notDirectory(path: path) : .file(error)
    }
    if let ring = try read(path, now: now) { return ring }
    do throws(FileError) {
      let temporary = path + "/.first." + Base64URL.encode(Random.bytes(6))
      let line = [UInt8](Base64URL.encode(Random.bytes(keyCount)).utf8) + [0x0A]
      _ = try StateFiles.create(path + "/" + firstKey, temporary: temporary, with: line)
    } catch {
      throw .empty(path: path, error)
    }
    guard let ring = try read(path, now: now) else {
      throw .empty(path: path, .missing(path + "/" + firstKey))
    }
    return ring
  }

  /// Reads the ring anew that was read from here before, and makes no key: one that has none any more was emptied by mistake.
  package static func reopen(path: String, now: Int64) throws(KeyRingError) -> KeyRing {
    do throws(FileError) {
      guard try directoryStatus(path) != nil else { throw FileError.missing(path) }
    } catch {
      throw error.isNotDirectory ? .notDirectory(path: path) : error.isMissing ? .gone(path: path) : .file(error)
    }
    guard let ring = try read(path, now: now) else { throw .gone(path: path) }
    return ring
  }

  /// Finds what is wrong with the keys that are there, without making any. A directory that is not there yet is nothing wrong.
  package static func check(path: String, now: Int64) throws(KeyRingError) {
    do throws(FileError) {
      guard try directoryStatus(path) != nil else { return }
    } catch {
      throw error.isNotDirectory ? .notDirectory(path: path) : .file(error)
    }
    _ = try read(path, now: now)
  }

  private static func directoryStatus(_ path: String) throws(FileError) -> FileStatus? {
    do { return try FileHandle(path, .directory).status() } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// The keys that are there; `nil` if there are none.
  private static func read(_ path: String, now: Int64) throws(KeyRingError) -> KeyRing? {
    let status: FileStatus?
    let names: [String]
    do throws(FileError) {
      status = try directoryStatus(path)
      names = try StateFiles.names(in: path).filter { $0.hasSuffix(suffix) }
    } catch {
      throw .file(error)
    }
    if let status, status.othersMayWrite { throw .writableDirectory(path: path, mode: status.octalMode) }
    guard names.count <= maximumKeys else { throw .tooMany(path: path) }
    var keys: [KeyRing.Key] = []
    for name in names { keys.append(try key(path + "/" + name, now: now)) }
    return KeyRing(keys)
  }

  private static func key(_ path: String, now: Int64) throws(KeyRingError) -> KeyRing.Key {
    let status: FileStatus
    let contents: [UInt8]?
    do throws(FileError) {
      let file = try FileHandle(path, .read)
      status = try file.status()
      contents = status.isRegular ? try file.readAll(maximum: maximumFileCount) : nil
    } catch {
      throw .file(error)
    }
    guard !status.othersMayRead, !status.othersMayWrite else { throw .readable(path: path, mode: status.octalMode) }
    guard let contents, let bytes = decode(contents) else { throw .malformed(path: path) }
    return KeyRing.Key(secret: Secret(bytes), since: min(status.modified, now))
  }

  /// The 32 bytes that a key file's line stands for.
  static func decode(_ contents: [UInt8]) -> [UInt8]? {
    var line = contents[...]
    if line.last == 0x0A { line.removeLast() }
    if line.last == 0x0D { line.removeLast() }
    let bytes = line.count == keyCount * 2 ? hexadecimal(line) : Base64URL.decode(Array(line).span)
    return bytes?.count == keyCount ? bytes : nil
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x41...0x46: value = digit - 0x41 + 10
      case 0x61...0x66: value = digit - 0x61 + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }
}
